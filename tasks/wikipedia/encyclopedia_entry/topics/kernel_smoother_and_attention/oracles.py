"""Rows of attention weights, computed."""

from __future__ import annotations

import numpy as np

from ...claims import Instance, Oracle


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return weights of scores."""
    found = np.exp(scores - scores.max())
    return np.asarray(found / found.sum())


def _pair(rng: np.random.Generator) -> Instance:
    """Draw two scalar keys and a query, and weigh them by a Gaussian kernel."""
    x, a, b = rng.normal(size=3)
    h = float(np.exp(0.5 * rng.normal()))
    near = np.exp(-((x - np.array([a, b])) ** 2) / (2 * h**2))
    return {"x": x, "a": a, "b": b, "h": h}, float(near[0] / near.sum())


def _largest(rng: np.random.Generator) -> Instance:
    n, B = int(rng.integers(2, 33)), float(np.exp(0.5 * rng.normal()))
    scores = rng.uniform(-B, B, n)
    if rng.random() < 0.5:
        scores[:] = -B
        scores[0] = B
    return {"n": n, "B": B}, float(softmax(scores).max())


def _variance(rng: np.random.Generator) -> Instance:
    n, sigma = int(rng.integers(1, 33)), float(np.exp(rng.normal()))
    scores = np.zeros(n) if rng.random() < 0.5 else rng.normal(size=n)
    return {"n": n, "sigma": sigma}, float(sigma**2 * (softmax(scores) ** 2).sum())


ORACLES = {
    "pair": Oracle(
        "the weight of the key a, of two keys a and b on a line, at the query x: "
        "Nadaraya-Watson with the kernel exp(-(x - a)^2 / (2 h^2))",
        {"x": "query", "a": "key", "b": "other key", "h": "bandwidth"},
        0,
        _pair,
        lambda v: 1 / (1 + np.exp((v["a"] - v["b"]) * (v["a"] + v["b"] - 2 * v["x"])
                                  / (2 * v["h"] ** 2))),
    ),
    "largest": Oracle(
        "the largest of n softmax weights of scores between -B and B",
        {"n": "keys, at least 2", "B": "bound on scores"},
        1,
        _largest,
        lambda v: 1 / (1 + (v["n"] - 1) * np.exp(-2 * v["B"])),
    ),
    "variance": Oracle(
        "the variance of a smoother's prediction, given the inputs, with n weights",
        {"n": "observations", "sigma": "standard deviation of independent noise"},
        -1,
        _variance,
        lambda v: v["sigma"] ** 2 / v["n"],
    ),
}  # fmt: skip
