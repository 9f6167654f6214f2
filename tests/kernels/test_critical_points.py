"""Search, polish and nullity on functions whose critical points are known."""

import numpy as np
import pytest

from harness.kernels.critical_points import GAP, NULL, minimize, nullity, polish, search
from harness.kernels.two_layer import Expansion


def hills(x):
    """sum_i x_i^4 / 4 - x_i^2 / 2: critical where every coordinate is -1, 0 or 1."""
    H = np.zeros((*x.shape, x.shape[1]))
    i = np.arange(x.shape[1])
    H[:, i, i] = 3 * x**2 - 1
    return Expansion((x**4 / 4 - x**2 / 2).sum(axis=1), x**3 - x, H)


def ring(x):
    """(|x|^2 - 1)^2 / 4: critical at 0 and on a circle."""
    r = (x**2).sum(axis=1)
    H = (r - 1)[:, None, None] * np.eye(2) + 2 * x[:, :, None] * x[:, None]
    return Expansion((r - 1) ** 2 / 4, (r - 1)[:, None] * x, H)


def cliff(x):
    """Return the gradient atan(x): zero at 0 alone, from which Newton would run away."""
    return Expansion(x[:, 0], np.arctan(x), (1 / (1 + x**2))[:, :, None])


def test_search_finds_all_nine_critical_points_of_two_double_wells():
    starts = np.random.default_rng(0).normal(size=(200, 2))
    ends = search(hills, starts)
    np.testing.assert_allclose(hills(ends).gradient, 0, atol=1e-10)
    assert len(np.unique(np.round(ends), axis=0)) == 9


def test_search_makes_the_gradient_smaller_where_newton_would_run_away():
    end = search(cliff, np.array([[3.0], [-40.0]]))
    np.testing.assert_allclose(end, 0, atol=1e-10)


def test_search_of_one_point_is_that_of_many():
    starts = np.random.default_rng(1).normal(size=(20, 2))
    together = search(hills, starts)
    alone = np.concatenate([search(hills, start[None]) for start in starts])
    np.testing.assert_allclose(together, alone, atol=1e-10)
    assert starts[0, 0] == np.random.default_rng(1).normal()  # starts are not written to


def test_search_stops_where_the_gradient_is_least_and_not_zero():
    def slope(x):
        return Expansion(x[:, 0] + x[:, 0] ** 3 / 3, 1 + x**2, 2 * x[:, :, None])

    end = search(slope, np.array([[2.0]]))
    assert abs(end[0, 0]) < 1e-3 and slope(end).gradient >= 1


def test_minimize_finds_minima_alone_and_leaves_saddles():
    starts = np.random.default_rng(0).normal(size=(100, 2))
    starts[:9] *= 1e-6  # beside the maximum at 0
    ends = minimize(hills, starts)
    np.testing.assert_allclose(np.abs(ends), 1, atol=1e-9)
    assert (np.sign(ends) == np.sign(starts)).mean() > 0.9


def test_minimize_never_climbs_and_stops_on_a_circle():
    starts = np.random.default_rng(0).normal(size=(50, 2))
    ends = minimize(ring, starts)
    np.testing.assert_allclose((ends**2).sum(axis=1), 1, atol=1e-8)
    assert (ring(ends).value <= ring(starts).value).all()
    few = minimize(hills, starts, n_steps=1)
    assert (hills(few).value <= hills(starts).value).all()


def test_polish_moves_across_a_manifold_and_not_along_it():
    angles = np.linspace(0, 2 * np.pi, 7)
    on = np.column_stack([np.cos(angles), np.sin(angles)])
    ends = polish(ring, 1.01 * on)
    np.testing.assert_allclose(ends, on, atol=1e-12)
    assert nullity(np.linalg.eigvalsh(ring(ends).hessian))[0].tolist() == [1] * 7


def test_polish_keeps_the_best_of_its_steps_and_stays_in_the_cube():
    start = np.array([[0.6]])  # where hills is nearly flat, Newton jumps beyond
    end = polish(hills, start, n_steps=1)
    assert abs(hills(end).gradient) <= abs(hills(start).gradient)
    far = polish(cliff, np.array([[2.0]]), n_steps=9, largest=10.0)
    assert abs(far) <= 2
    assert polish(hills, np.empty((0, 2))).shape == (0, 2)


def test_an_eigenvalue_between_the_thresholds_leaves_it_undecided():
    w = np.array([[1.0, 0.9 * NULL], [1.0, 1.1 * NULL], [1.0, 1.1 * GAP], [0.0, 0.0]])
    count, decided = nullity(w)
    assert count.tolist() == [1, 0, 0, 2] and decided.tolist() == [True, False, True, True]
    np.testing.assert_array_equal(nullity(-1e9 * w)[0], count)


@pytest.mark.parametrize(
    ("w", "message"),
    [(np.zeros(3), r"shape \(K, P\)"), (np.zeros((2, 0)), "P > 0"), ([[np.nan]], "finite")],
)
def test_bad_spectra_are_errors_that_say_why(w, message):
    with pytest.raises(ValueError, match=message):
        nullity(np.asarray(w))
