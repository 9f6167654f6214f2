"""The relative entropy of coins against its definition, its inverse against bisection."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import bisect
from scipy.special import rel_entr

from harness.kernels import binary_kl as kernel
from harness.kernels.binary_kl import binary_kl, binary_kl_inverse


def drawn(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Return shares of every size and relative entropies of every size."""
    rng = np.random.default_rng(0)
    small = 10 ** rng.uniform(-12, 0, n)
    return np.concatenate([rng.random(n), small, 1 - small]), 10 ** rng.uniform(-12, 2, 3 * n)


def bisected(q: float, c: float) -> float:
    """Return the inverse by scipy's bisection; 1 where no double below 1 is enough."""
    last = math.nextafter(1, 0)
    if q >= last or float(binary_kl(q, last)) <= c:
        return 1.0
    return float(bisect(lambda p: float(binary_kl(q, p)) - c, q, last, xtol=1e-16, maxiter=2000))


def test_it_is_the_definition():
    q, p = np.random.default_rng(1).random((2, 500))
    naive = rel_entr(q, p) + rel_entr(1 - q, 1 - p)
    np.testing.assert_allclose(binary_kl(q, p), naive, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("exponent", [-6, -9, -12])
def test_close_shares_keep_their_digits(exponent):
    """The series d^2 / (2 p (1 - p)) + ..., where the definition in logarithms is rounding."""
    q, d = 0.25, 10.0**exponent
    p = q + d
    d = float(Fraction(p) - Fraction(q))
    series = d**2 / (2 * q * (1 - q)) - d**3 * (1 - 2 * q) / (3 * (q * (1 - q)) ** 2)
    assert float(binary_kl(q, p)) == pytest.approx(series, rel=1e-3, abs=0)


def test_its_ends():
    values = binary_kl(np.array([0, 0, 1, 1, 0.5, 0.5, 0]), np.array([0, 1, 1, 0, 0, 1, 0.5]))
    assert values.tolist() == [0, math.inf, 0, math.inf, math.inf, math.inf, math.log(2)]


def test_the_inverse_is_that_of_bisection():
    q, c = drawn()
    wanted = [bisected(*pair) for pair in zip(q.tolist(), c.tolist(), strict=True)]
    np.testing.assert_allclose(binary_kl_inverse(q, c), wanted, rtol=0, atol=3e-15)


def test_the_inverse_undoes_it():
    q, p = np.sort(np.random.default_rng(2).random((2, 500)), axis=0)
    np.testing.assert_allclose(binary_kl_inverse(q, binary_kl(q, p)), p, atol=1e-13)


@pytest.mark.parametrize("steps", [0, 1, 2, 5])
def test_however_early_it_stops_the_root_is_never_passed(steps, monkeypatch):
    q, c = drawn()
    root = binary_kl_inverse(q, c)
    monkeypatch.setattr(kernel, "_STEPS", steps)
    early = binary_kl_inverse(q, c)
    assert (early >= root - 2e-15).all()
    assert (early <= 1).all()
    assert (early > root + 1e-9).any()


def test_the_steps_suffice_and_more_change_nothing(monkeypatch):
    q, c = drawn(2000)
    found = binary_kl_inverse(q, c)
    monkeypatch.setattr(kernel, "_STEPS", 200)
    np.testing.assert_allclose(binary_kl_inverse(q, c), found, rtol=0, atol=2e-16)


def test_exact_limits():
    c = np.array([0, 1e-300, 1e-3, 1, 40, np.inf])
    np.testing.assert_array_equal(binary_kl_inverse(0.0, c), -np.expm1(-c))
    np.testing.assert_array_equal(binary_kl_inverse(1.0, c), np.ones(6))
    q = np.array([0, 1e-300, 0.3, 1 - 1e-16, 1])
    np.testing.assert_array_equal(binary_kl_inverse(q, 0.0), q)
    np.testing.assert_array_equal(binary_kl_inverse(q, np.inf), np.ones(5))


def test_it_lies_between_the_share_and_pinskers_bound_and_grows_with_both():
    q, c = np.linspace(0, 1, 41)[:, None], np.linspace(0, 3, 61)
    p = binary_kl_inverse(q, c)
    assert p.shape == (41, 61)
    assert (p >= q).all() and (p <= np.minimum(1, q + np.sqrt(c / 2)) + 1e-15).all()
    assert (np.diff(p, axis=0) >= 0).all() and (np.diff(p, axis=1) >= 0).all()


@pytest.mark.parametrize("q, c", [(-0.1, 1), (1.1, 1), (np.nan, 1), (0.5, -1), (0.5, np.nan)])
def test_what_is_no_share_or_no_entropy_is_an_error(q, c):
    with pytest.raises(ValueError, match="must"):
        binary_kl_inverse(q, c)


def test_a_share_outside_is_an_error_of_the_relative_entropy():
    with pytest.raises(ValueError, match=r"p must lie in \[0, 1\], got \[2\.\]"):
        binary_kl(0.5, 2.0)


def test_it_is_a_bound_of_binomial_tails():
    """P(Bin(n, p) <= k) <= exp(-n kl(k / n || p)): what the inverse is for."""
    from scipy.stats import binom

    n = 50
    k = np.arange(n)
    for delta in (0.05, 1e-6):
        p = binary_kl_inverse(k / n, math.log(1 / delta) / n)
        assert (binom.cdf(k, n, p) <= delta * (1 + 1e-9)).all()
