"""The inverse of the relative entropy of coins beside bisection and scipy's root finder."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import rel_entr

from harness.kernels.binary_kl import binary_kl, binary_kl_inverse

LAST = np.nextafter(1, 0)


class BinaryKL:
    """Errors and complexities as bounds have them."""

    params = (100, 10_000)
    param_names = ("inversions",)

    def setup(self, n: int) -> None:
        rng = np.random.default_rng(0)
        # Near 1 the root is beyond the last number below 1, and brentq finds no change of sign.
        self.q, self.c = 0.9 * rng.random(n), 0.2 * rng.random(n)

    def time_binary_kl_inverse(self, n: int) -> None:
        binary_kl_inverse(self.q, self.c)

    def time_bisection(self, n: int) -> None:
        bisection(self.q, self.c)

    def time_brentq(self, n: int) -> None:
        brent(self.q, self.c)

    def peakmem_binary_kl_inverse(self, n: int) -> None:
        binary_kl_inverse(self.q, self.c)

    def track_excess(self, n: int) -> float:
        """Largest distance of kl(q || p) from c."""
        return float(np.abs(binary_kl(self.q, binary_kl_inverse(self.q, self.c)) - self.c).max())

    def track_excess_bisection(self, n: int) -> float:
        return float(np.abs(binary_kl(self.q, bisection(self.q, self.c)) - self.c).max())

    def track_excess_brentq(self, n: int) -> float:
        return float(np.abs(binary_kl(self.q, brent(self.q, self.c)) - self.c).max())


def bisection(q: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Halve all intervals at once."""
    low, high = q.copy(), np.full_like(q, LAST)
    for _ in range(52):
        p = (low + high) / 2
        below = rel_entr(q, p) + rel_entr(1 - q, 1 - p) <= c
        low, high = np.where(below, p, low), np.where(below, high, p)
    return high


def brent(q: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Find one root after another."""

    def excess(p: float, q: float, c: float) -> float:
        return float(rel_entr(q, p) + rel_entr(1 - q, 1 - p)) - c

    return np.array([brentq(excess, a, LAST, args=(a, b)) for a, b in zip(q, c, strict=True)])
