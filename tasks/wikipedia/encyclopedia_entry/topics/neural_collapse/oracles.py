"""Directions of class means, few enough to compare every pair."""

from __future__ import annotations

import numpy as np

from ...claims import Instance, Oracle


def simplex(C: int) -> np.ndarray:
    """Return C unit vectors of equal angles, centred, (C, C)."""
    centred = np.eye(C) - 1 / C
    return np.asarray(centred / np.linalg.norm(centred, axis=1, keepdims=True))


def largest(M: np.ndarray, absolute: bool = False) -> float:
    """Return the largest cosine, or its size, of any two rows of M, (C, d)."""
    G = M @ M.T / np.outer(np.linalg.norm(M, axis=1), np.linalg.norm(M, axis=1))
    pairs = G[np.triu_indices(len(G), 1)]
    return float((np.abs(pairs) if absolute else pairs).max())


def _angles(rng: np.random.Generator) -> Instance:
    C = int(rng.integers(2, 13))
    M = simplex(C) if rng.random() < 0.5 else rng.normal(size=(C, int(rng.integers(1, 13))))
    return {"C": C}, largest(M)


def _frames() -> list[np.ndarray]:
    """Return equiangular tight frames: simplices, and the diagonals of the icosahedron."""
    golden = (1 + np.sqrt(5)) / 2
    diagonals = [(0, 1, s * golden) for s in (1, -1)]
    icosahedron = np.array([np.roll(one, k) for one in diagonals for k in range(3)])
    flat = []
    for C in range(3, 9):
        U, s, _ = np.linalg.svd(simplex(C))
        flat.append(U[:, : C - 1] * s[: C - 1])
    return [icosahedron, *flat]


FRAMES = _frames()


def _welch(rng: np.random.Generator) -> Instance:
    if rng.random() < 0.5:
        M = FRAMES[int(rng.integers(len(FRAMES)))]
    else:
        d = int(rng.integers(1, 6))
        M = rng.normal(size=(int(rng.integers(d + 1, 13)), d))
    return {"C": len(M), "d": M.shape[1]}, largest(M, absolute=True)


def _distance(rng: np.random.Generator) -> Instance:
    C, r = int(rng.integers(2, 13)), float(np.exp(rng.normal()))
    M = r * simplex(C)
    return {"C": C, "r": r}, float(((M[0] - M[1]) ** 2).sum())


ORACLES = {
    "angles": Oracle(
        "the largest cosine between any two of C directions",
        {"C": "directions, at least 2"},
        -1,
        _angles,
        lambda v: -1 / (v["C"] - 1),
    ),
    "welch": Oracle(
        "the largest absolute cosine between any two of C directions in d dimensions, C > d",
        {"C": "directions", "d": "dimensions"},
        -1,
        _welch,
        lambda v: np.sqrt((v["C"] - v["d"]) / (v["d"] * (v["C"] - 1))),
    ),
    "distance": Oracle(
        "the squared distance between two of C centred means of length r and equal angles",
        {"C": "classes, at least 2", "r": "length of a mean"},
        0,
        _distance,
        lambda v: 2 * v["r"] ** 2 * v["C"] / (v["C"] - 1),
    ),
}
