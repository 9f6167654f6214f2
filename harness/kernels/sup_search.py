"""The largest error over a cube that a search finds: a lower bound of the supremum.

Errors of trained networks are largest where no sample lies, at faces and corners of the cube, so
uniform points alone flatter them; products of interpolants err most near corners, a power of 1/2
away. The search draws points inside, on faces, on corners and near them, keeps the worst and moves
some of their coordinates at random, a step at a time, wherever this makes the error larger (a
pattern search; the schedule is this project's own). It proves nothing: two searches differ, and a
bound that only a search has confirmed should keep a distance.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Error = Callable[[np.ndarray], np.ndarray]

N_INSIDE = 20_000
N_ON_FACES = 10_000
N_NEAR_CORNERS = 10_000
CLOSEST = 10
"""Coordinates near a corner are a power of 1/2 away from it, up to this one, or not at all."""
ON_FACES = 0.6
"""Share of the coordinates of a point on faces that are -1 or 1."""
MOST_CORNERS = 1 << 14
KEPT = 256
ROUNDS = 60
STEP = 0.25
SHRINK = 0.7
"""Of the step, after a round in which fewer than `ENOUGH` of the points became worse."""
ENOUGH = 0.15


def sup_search(
    error: Error, d: int, rng: np.random.Generator, restarts: int = 4
) -> tuple[float, np.ndarray]:
    """Return the largest error found over [-1, 1]^d, and where.

    Parameters
    ----------
    error
        Takes points of shape (N, d), returns errors of shape (N,); their sign is ignored, and NaN
        counts as infinite.
    d
        Variables; all corners are tried up to d = 14, as many random ones beyond, where the best
        may be missed.
    rng
        Another generator is another search.
    restarts
        Independent searches, of which the worst point counts.

    Returns
    -------
    sup : float
    at : float64 array of shape (d,)

    Raises
    ------
    ValueError
        If `d` or `restarts` is below 1.

    Examples
    --------
    The error of 0 as the product of two numbers is 1, at a corner:

    >>> sup, at = sup_search(lambda x: x[:, 0] * x[:, 1], 2, np.random.default_rng(0))
    >>> sup, np.abs(at)
    (1.0, array([1., 1.]))
    """
    if d < 1 or restarts < 1:
        raise ValueError(f"d and restarts must be at least 1, got {d} and {restarts}.")
    best, at = -1.0, np.zeros(d)
    for _ in range(restarts):
        x = _start(d, rng)
        size = _sizes(error, x)
        worst = np.argsort(size)[-KEPT:]
        x, size = x[worst], size[worst]
        step = STEP
        for _ in range(ROUNDS):
            moves = step * rng.standard_normal(x.shape) * (rng.random(x.shape) < 0.5)
            there = np.clip(x + moves, -1, 1)
            sizes = _sizes(error, there)
            better = sizes > size
            x[better], size[better] = there[better], sizes[better]
            if better.mean() < ENOUGH:
                step *= SHRINK
        k = int(np.argmax(size))
        if size[k] > best:
            best, at = float(size[k]), x[k]
    return best, at


def _start(d: int, rng: np.random.Generator) -> np.ndarray:
    inside = rng.uniform(-1, 1, (N_INSIDE, d))
    faces = rng.uniform(-1, 1, (N_ON_FACES, d))
    faces = np.where(rng.random(faces.shape) < ON_FACES, np.sign(faces), faces)
    if 2**d <= MOST_CORNERS:
        corners = 2.0 * (np.arange(2**d)[:, None] >> np.arange(d) & 1) - 1
    else:
        corners = rng.choice([-1.0, 1.0], (MOST_CORNERS, d))
    away = 0.5 ** rng.integers(1, CLOSEST + 1, (N_NEAR_CORNERS, d))
    near = rng.choice([-1.0, 1.0], away.shape) * (1 - away * (rng.random(away.shape) < 0.8))
    return np.concatenate([inside, faces, corners, near])


def _sizes(error: Error, x: np.ndarray) -> np.ndarray:
    size = np.abs(error(x))
    return np.where(np.isnan(size), np.inf, size)
