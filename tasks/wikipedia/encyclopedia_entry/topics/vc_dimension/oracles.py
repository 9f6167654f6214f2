"""Families of labellings of a few points, with everything counted."""

from __future__ import annotations

import itertools
import math

import numpy as np

from ...claims import Instance, Oracle


def dimension(family: np.ndarray) -> int:
    """Return the VC dimension of a family of labellings, bool (N, m), by trying every subset."""
    n, m = family.shape
    found = 0
    for size in range(1, min(m, int(math.log2(n))) + 1):
        weights = 1 << np.arange(size)
        if not any(
            len(np.unique(family[:, list(rows)] @ weights)) == 2**size
            for rows in itertools.combinations(range(m), size)
        ):
            break
        found = size
    return found


def _drawn(rng: np.random.Generator, m: int) -> np.ndarray:
    """Return a family of different labellings of m points."""
    n = int(rng.integers(2, min(2**m, 40) + 1))
    codes = rng.choice(2**m, n, replace=False)
    return (codes[:, None] >> np.arange(m)) & 1


def _sauer(rng: np.random.Generator) -> Instance:
    m = int(rng.integers(2, 9))
    if rng.random() < 0.5:  # all labellings of at most d ones, of which there can be no more
        d = int(rng.integers(1, m + 1))
        codes = np.arange(2**m)
        family = (codes[:, None] >> np.arange(m)) & 1
        return {"m": m, "d": d}, float((family.sum(1) <= d).sum())
    family = _drawn(rng, m)
    return {"m": m, "d": dimension(family)}, float(len(family))


def _finite(rng: np.random.Generator) -> Instance:
    m = int(rng.integers(1, 6))
    if rng.random() < 0.5:  # all labellings
        family = (np.arange(2**m)[:, None] >> np.arange(m)) & 1
    else:
        family = _drawn(rng, m)
    return {"N": len(family)}, float(dimension(family))


def _intervals(rng: np.random.Generator) -> Instance:
    m = int(rng.integers(1, 13))
    place = np.arange(m)
    found = {
        tuple((low <= place) & (place < high)) for low in range(m + 1) for high in range(m + 1)
    }
    return {"m": m}, float(len(found))


ORACLES = {
    "sauer": Oracle(
        "the number of labellings of m points by a class of VC dimension d, 1 <= d <= m",
        {"m": "points", "d": "VC dimension"},
        1,
        _sauer,
        lambda v: (np.e * v["m"] / v["d"]) ** v["d"],
    ),
    "finite": Oracle(
        "the VC dimension of a class of N functions", {"N": "functions, at least 2"}, 1, _finite,
        lambda v: np.log2(v["N"]),
    ),
    "intervals": Oracle(
        "the number of labellings of m points on a line by intervals, the empty one included",
        {"m": "points"},
        0,
        _intervals,
        lambda v: v["m"] * (v["m"] + 1) / 2 + 1,
    ),
}  # fmt: skip
