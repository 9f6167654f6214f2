"""A uniform bicubic spline against the sum of B-splines and scipy, and where it is known."""

import numpy as np
import pytest
from scipy.interpolate import NdBSpline

from harness.kernels import bicubic_spline as kernel
from harness.kernels.bicubic_spline import bicubic_spline, patches


def draw(shape=(9, 6), n=300):
    rng = np.random.default_rng(0)
    u, w = rng.uniform(-1, 1, (2, n))
    return rng.normal(size=shape), u, w


def b3(x):
    """Return the centred cubic B-spline."""
    x = np.abs(x)
    return np.where(x < 1, 2 / 3 - x**2 + x**3 / 2, np.maximum(2 - x, 0) ** 3 / 6)


def test_it_is_the_sum_over_all_coefficients():
    C, u, w = draw()
    n, m = np.array(C.shape) - 3
    s, t = (u + 1) * n / 2, (w + 1) * m / 2
    wanted = np.einsum(
        "ij,in,jn->n",
        C,
        b3(s + 1 - np.arange(n + 3)[:, None]),
        b3(t + 1 - np.arange(m + 3)[:, None]),
    )
    np.testing.assert_allclose(bicubic_spline(patches(C), u, w), wanted, atol=1e-12)


def test_it_is_the_librarys():
    C, u, w = draw((12, 7))
    knots = tuple(np.arange(-3.0, n + 1) for n in C.shape)
    places = np.stack([(u + 1) * 9 / 2, (w + 1) * 4 / 2], axis=1)
    wanted = NdBSpline(knots, C, 3)(places)
    np.testing.assert_allclose(bicubic_spline(patches(C), u, w), wanted, atol=1e-12)


def test_edges_and_corners_belong_to_it():
    C = np.add.outer(np.arange(9.0) ** 2, np.zeros(6))  # B3 sums i^2 to x^2 + 1/3
    edge = np.array([-1.0, 1.0])
    found = bicubic_spline(patches(C), edge, edge)
    np.testing.assert_allclose(found, np.array([1, 7]) ** 2 + 1 / 3, atol=1e-12)


def test_patches_meet_up_to_the_second_derivative():
    P = patches(draw()[0])
    for order in range(3):
        falling = [np.prod(np.arange(a, a - order, -1.0)) if a >= order else 0 for a in range(4)]
        at_end = np.einsum("kjab,a->kjb", P, falling)[:-1]
        at_start = falling[order] * P[1:, :, order]
        np.testing.assert_allclose(at_end, at_start, atol=1e-12)


def test_chunks_leave_no_trace(monkeypatch):
    C, u, w = draw()
    whole = bicubic_spline(patches(C), u, w)
    monkeypatch.setattr(kernel, "CHUNK", 7)
    np.testing.assert_array_equal(bicubic_spline(patches(C), u, w), whole)
    assert bicubic_spline(patches(C), u[:0], w[:0]).shape == (0,)


def test_shapes_that_do_not_fit_are_errors():
    C, u, w = draw()
    with pytest.raises(ValueError, match="4 or more coefficients"):
        patches(C[:3])
    with pytest.raises(ValueError, match="P must have shape"):
        bicubic_spline(C, u, w)
    with pytest.raises(ValueError, match="P must have shape"):
        bicubic_spline(patches(C), u, w[1:])
