"""Kuhn interpolation against a loop over simplices, and where its values are known."""

import itertools

import numpy as np
import pytest

from harness.kernels import kuhn_interpolation as kernel
from harness.kernels.kuhn_interpolation import kuhn_interpolation

SHAPES = [(2,), (7,), (2, 2), (5, 9), (4, 3, 5), (2, 3, 2, 4)]


def draw(shape, n=200):
    rng = np.random.default_rng(len(shape))
    return rng.normal(size=shape), rng.uniform(-1, 1, (n, len(shape)))


def naive(values, x):
    """Find the simplex that holds a point among all of its cube, by barycentric coordinates."""
    d = values.ndim
    found = []
    for point in x:
        z = (point + 1) / 2 * (np.array(values.shape) - 1)
        corner = np.minimum(z.astype(int), np.array(values.shape) - 2)
        for order in itertools.permutations(range(d)):
            vertices = [corner]
            for axis in order:
                vertices.append(vertices[-1] + np.eye(d, dtype=int)[axis])
            matrix = np.vstack([np.transpose(vertices), np.ones(d + 1)])
            weights = np.linalg.solve(matrix, [*z, 1])
            if (weights > -1e-12).all():
                found.append(
                    sum(w * values[tuple(v)] for w, v in zip(weights, vertices, strict=True))
                )
                break
    return np.array(found)


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_what_a_search_among_the_simplices_finds(shape):
    values, x = draw(shape)
    np.testing.assert_allclose(kuhn_interpolation(values, x), naive(values, x), atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_grid_points_have_their_values_and_affine_functions_are_exact(shape):
    values, x = draw(shape)
    axes = [np.linspace(-1, 1, n) for n in shape]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(shape))
    np.testing.assert_allclose(kuhn_interpolation(values, grid), values.ravel(), atol=1e-12)
    slopes = np.arange(1.0, 1 + len(shape))
    affine = (grid @ slopes + 3).reshape(shape)
    np.testing.assert_allclose(kuhn_interpolation(affine, x), x @ slopes + 3, atol=1e-12)


def test_it_stays_between_the_values_and_is_linear_in_them():
    values, x = draw((5, 9))
    other = draw((5, 9), 1)[0][::-1]
    found = kuhn_interpolation(values, x)
    assert values.min() <= found.min() and found.max() <= values.max()
    both = kuhn_interpolation(2 * values - other, x)
    np.testing.assert_allclose(both, 2 * found - kuhn_interpolation(other, x), atol=1e-12)


def test_two_variables_by_sorting_are_those_by_comparison():
    values, x = draw((5, 9))
    column = np.repeat(values[..., None], 2, axis=2)  # constant along a third variable
    third = np.random.default_rng(0).uniform(-1, 1, (len(x), 1))
    np.testing.assert_allclose(
        kuhn_interpolation(column, np.hstack([x, third])), kuhn_interpolation(values, x), atol=1e-12
    )


def test_chunks_leave_no_trace(monkeypatch):
    values, x = draw((5, 9))
    whole = kuhn_interpolation(values, x)
    monkeypatch.setattr(kernel, "CHUNK", 7)
    np.testing.assert_array_equal(kuhn_interpolation(values, x), whole)
    assert kuhn_interpolation(values, x[:0]).shape == (0,)


def test_shapes_that_do_not_fit_are_errors():
    values, x = draw((5, 9))
    for wrong in ((values, x[:, :1]), (values, x[0]), (values[:1], x), (np.float64(1), x)):
        with pytest.raises(ValueError, match="2 or more entries an axis"):
            kuhn_interpolation(np.asarray(wrong[0]), wrong[1])
