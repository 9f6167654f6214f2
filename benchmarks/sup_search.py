"""The search for the largest error beside scipy's, on a product and on a rough error."""

from __future__ import annotations

import numpy as np
from scipy.optimize import differential_evolution

from harness.kernels.sup_search import sup_search

RNG = np.random.default_rng(0)
WAVES, HEIGHTS = RNG.normal(size=(8, 64)), RNG.normal(size=64)


def product(x: np.ndarray) -> np.ndarray:
    """Return the product of all variables, 1 at the corners."""
    found: np.ndarray = x.prod(axis=1)
    return found


def rough(x: np.ndarray) -> np.ndarray:
    """Return a sum of 64 waves in random directions."""
    found: np.ndarray = np.sin(x @ WAVES) @ HEIGHTS
    return found


ERRORS = {"product": product, "rough": rough}


def by_scipy(name: str) -> float:
    """Return what differential evolution finds with as many points."""
    error = ERRORS[name]
    found = differential_evolution(
        lambda x: -np.abs(error(x.T)),
        [(-1, 1)] * 8,
        rng=0,
        vectorized=True,
        updating="deferred",
        popsize=64,
        maxiter=480,  # 64 x 8 points a generation: 246,000, as many as four restarts
        tol=0,
        polish=False,
    )
    return float(-found.fun)


class SupSearch:
    """Four restarts in eight variables."""

    params = (list(ERRORS),)
    param_names = ("error",)

    def time_sup_search(self, name: str) -> None:
        sup_search(ERRORS[name], 8, np.random.default_rng(0))

    def time_scipy_differential_evolution(self, name: str) -> None:
        by_scipy(name)

    def peakmem_sup_search(self, name: str) -> None:
        sup_search(ERRORS[name], 8, np.random.default_rng(0))

    def track_sup(self, name: str) -> float:
        """Return the largest error found: larger is better."""
        return sup_search(ERRORS[name], 8, np.random.default_rng(0))[0]

    def track_sup_scipy(self, name: str) -> float:
        """Return the largest error that scipy finds."""
        return by_scipy(name)
