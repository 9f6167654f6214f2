"""The empirical Bernstein limit against a loop, its coverage, and against Hoeffding's."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.kernels.empirical_bernstein import empirical_bernstein


def naive(Z: list[float], delta: float) -> float:
    m = len(Z)
    mean = sum(Z) / m
    # The variance as Maurer and Pontil write it: over all pairs.
    V = sum((a - b) ** 2 for a in Z for b in Z) / (2 * m * (m - 1))
    log = math.log(2 / delta)
    return mean + math.sqrt(2 * V * log / m) + 7 * log / (3 * (m - 1))


@pytest.mark.parametrize("m", [2, 3, 40])
@pytest.mark.parametrize("delta", [0.01, 0.5])
def test_it_is_the_formula(m, delta):
    Z = np.random.default_rng(m).random(m)
    assert float(empirical_bernstein(Z, delta)) == pytest.approx(naive(Z.tolist(), delta))


def test_every_row_is_one_of_its_own_and_order_does_not_matter():
    Z = np.random.default_rng(0).random((3, 5, 20))
    found = empirical_bernstein(Z, 0.05)
    assert found.shape == (3, 5)
    assert found[1, 2] == pytest.approx(naive(Z[1, 2].tolist(), 0.05))
    np.testing.assert_allclose(empirical_bernstein(Z[..., ::-1], 0.05), found)


def test_moving_all_samples_moves_it():
    Z = np.random.default_rng(0).random(50) / 2
    assert empirical_bernstein(Z + 0.5, 0.1) == pytest.approx(empirical_bernstein(Z, 0.1) + 0.5)


@pytest.mark.parametrize("p", [0.02, 0.5])
def test_the_mean_lies_above_it_no_more_often_than_promised(p):
    """At delta 0.2 and m = 1000: an honest limit is passed by 2000 of 10000 at most."""
    rng = np.random.default_rng(0)
    Z = (rng.random((10_000, 1000)) < p).astype(float)
    missed = int((empirical_bernstein(Z, 0.2) < p).sum())
    assert missed <= 2000
    # And it is no idle one: the plain mean is passed by about half.
    assert int((Z.mean(1) < p).sum()) > 4000


def test_it_is_below_hoeffdings_where_the_variance_is_small_and_above_where_it_is_not():
    rng, m, delta = np.random.default_rng(0), 2000, 0.01
    hoeffding = math.sqrt(math.log(1 / delta) / (2 * m))
    small, large = rng.binomial(500, 0.3, m) / 500, rng.integers(0, 2, m).astype(float)
    assert empirical_bernstein(small, delta) - small.mean() < hoeffding / 3
    assert empirical_bernstein(large, delta) - large.mean() > hoeffding


@pytest.mark.parametrize(
    "Z, delta, message",
    [
        ([0.1, 1.2], 0.05, "must lie in"),
        ([0.1, np.nan], 0.05, "must lie in"),
        ([0.1], 0.05, "At least 2 samples"),
        (0.1, 0.05, "At least 2 samples"),
        ([0.1, 0.2], 0.0, "delta"),
        ([0.1, 0.2], 1.0, "delta"),
    ],
)
def test_what_is_no_sample_is_an_error(Z, delta, message):
    with pytest.raises(ValueError, match=message):
        empirical_bernstein(np.asarray(Z), delta)
