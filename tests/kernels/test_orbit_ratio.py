"""The orbit ratio against loops, its bounds and what leaves it as it is."""

import numpy as np
import pytest
import torch

from harness.kernels.orbit_ratio import orbit_ratio


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def naive(z):
    """Pairs in place of means: a variance is half the mean squared distance of two draws."""
    n, n_views = z.shape[:2]
    z = z.reshape(n, n_views, -1)
    within = [np.sum((a - b) ** 2) / 2 for views in z for a in views for b in views]
    every = z.reshape(n * n_views, -1)
    return np.mean(within) / np.mean([np.sum((a - b) ** 2) / 2 for a in every for b in every])


@pytest.mark.parametrize("shape", [(4, 3, 5), (4, 3, 2, 2), (1, 6, 2), (5, 2)])
def test_it_is_the_ratio_of_mean_squared_distances(shape):
    assert orbit_ratio(draw(*shape)) == pytest.approx(naive(draw(*shape)), rel=1e-12)


def test_outputs_that_no_viewpoint_changes_give_zero():
    assert orbit_ratio(np.repeat(draw(5, 1, 3), 4, axis=1)) == pytest.approx(0, abs=1e-30)


def test_objects_whose_views_have_one_mean_give_one():
    z = draw(5, 4, 3)
    assert orbit_ratio(z - z.mean(1, keepdims=True)) == pytest.approx(1)
    assert orbit_ratio(draw(1, 4, 3)) == pytest.approx(1)


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e30])
def test_a_constant_output_gives_one_by_definition(value):
    assert orbit_ratio(np.full((30, 8, 28, 28), value, np.float32)) == 1
    image = draw(28, 28).astype(np.float32) * value
    assert orbit_ratio(np.broadcast_to(image, (30, 8, 28, 28))) == 1


def test_a_small_difference_between_objects_is_not_taken_for_none():
    z = np.full((4, 3, 2), 5.0)
    z[0] += 1e-6
    assert orbit_ratio(z) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("factor", [1e-200, 3.0, 1e200])
def test_shift_scale_and_rotation_leave_it_as_it_is(factor):
    z = draw(6, 4, 3)
    Q = np.linalg.qr(draw(3, 3, seed=1))[0]
    assert orbit_ratio((z @ Q + 2) * factor) == pytest.approx(orbit_ratio(z), rel=1e-9)


def test_the_order_of_objects_and_of_views_does_not_matter():
    z = draw(6, 4, 3)
    assert orbit_ratio(z[::-1, ::-1]) == pytest.approx(orbit_ratio(z), rel=1e-12)


def test_a_tensor_is_taken_like_an_array():
    z = draw(6, 4, 3).astype(np.float32)
    assert orbit_ratio(torch.from_numpy(z)) == orbit_ratio(z)


def test_shapes_without_views_and_infinities_are_errors():
    for shape in ((3,), (0, 2, 2), (3, 0, 2)):
        with pytest.raises(ValueError, match="must be of shape"):
            orbit_ratio(np.ones(shape))
    with pytest.raises(ValueError, match="finite"):
        orbit_ratio(np.full((2, 2, 1), np.nan))
