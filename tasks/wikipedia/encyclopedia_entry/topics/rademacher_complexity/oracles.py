"""Averages over all signs of at most ten samples."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np

from ...claims import Instance, Oracle

MOST = 10
"""Samples whose signs are enumerated."""


@cache
def signs(m: int) -> np.ndarray:
    """Return all signs of m samples, (2^m, m)."""
    return np.array(list(itertools.product((-1.0, 1.0), repeat=m)))


def finite(A: np.ndarray) -> float:
    """Return the average of max over rows a of A, (N, m), of sigma . a / m."""
    m = A.shape[1]
    return float((signs(m) @ A.T).max(1).mean() / m)


def _massart(rng: np.random.Generator) -> Instance:
    m = int(rng.integers(1, MOST + 1))
    if rng.random() < 0.5:  # a vector and its opposite, the worst of two
        A = rng.normal(size=(1, m))
        A = np.concatenate([A, -A])
    else:
        A = rng.normal(size=(int(rng.integers(2, 33)), m))
    r = float(np.exp(rng.normal()))
    A *= r / np.linalg.norm(A, axis=1, keepdims=True)
    return {"m": m, "N": len(A), "r": r}, finite(A)


def _inputs(rng: np.random.Generator) -> tuple[np.ndarray, float]:
    m = int(rng.integers(1, MOST + 1))
    X = np.eye(m) if rng.random() < 0.5 else rng.normal(size=(m, int(rng.integers(1, 7))))
    return X, float(np.exp(rng.normal()))


def _linear(rng: np.random.Generator) -> Instance:
    X, B = _inputs(rng)
    R = float(np.exp(rng.normal()))
    X *= R / np.linalg.norm(X, axis=1, keepdims=True)
    m = len(X)
    exact = B / m * np.linalg.norm(signs(m) @ X, axis=1).mean()
    return {"m": m, "B": B, "R": R}, float(exact)


def _sparse(rng: np.random.Generator) -> Instance:
    X, B = _inputs(rng)
    R = float(np.exp(rng.normal()))
    X *= R / np.abs(X).max(1, keepdims=True)
    m, d = X.shape
    exact = B / m * np.abs(signs(m) @ X).max(1).mean()
    return {"m": m, "d": d, "B": B, "R": R}, float(exact)


ORACLES = {
    "massart": Oracle(
        "the empirical Rademacher complexity, 1/m E max of sigma . a, of N vectors of norm r",
        {"m": "samples", "N": "vectors, at least 2", "r": "their Euclidean norm"},
        1,
        _massart,
        lambda v: v["r"] * np.sqrt(2 * np.log(v["N"])) / v["m"],
    ),
    "linear": Oracle(
        "the empirical Rademacher complexity of x -> w . x with |w| at most B on m inputs",
        {"m": "samples", "B": "bound on weights", "R": "Euclidean norm of every input"},
        1,
        _linear,
        lambda v: v["B"] * v["R"] / np.sqrt(v["m"]),
    ),
    "sparse": Oracle(
        "the same with the sum of absolute weights at most B",
        {"m": "samples", "d": "dimension", "B": "bound on weights",
         "R": "largest absolute entry of every input"},
        1,
        _sparse,
        lambda v: v["B"] * v["R"] * np.sqrt(2 * np.log(2 * v["d"]) / v["m"]),
    ),
}  # fmt: skip
