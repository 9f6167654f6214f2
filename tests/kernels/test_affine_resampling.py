"""Affine resampling against one library call an image, and where its values are known."""

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from harness.kernels import affine_resampling as kernel
from harness.kernels.affine_resampling import FRAME, affine_resampling


def draw(m, n=4, h=8, w=8, seed=0):
    rng = np.random.default_rng(seed)
    A = np.eye(2) * rng.uniform(0.3, 1, (m, 1, 1)) + rng.normal(0, 0.3, (m, 2, 2))
    return rng.random((n, h, w)), rng.integers(n, size=m), A, rng.normal(0, 1, (m, 2))


def naive(images, which, A, t, side):
    """One view after the other, one pixel after the other."""
    views = np.empty((len(which), side, side))
    for k, (i, a, b) in enumerate(zip(which, A, t, strict=True)):
        framed = np.pad(images[i], FRAME)
        centre = (np.array(framed.shape) - 1) / 2
        u = np.empty((2, side, side))
        for row in range(side):
            for column in range(side):
                x = np.array([row, column]) - (side - 1) / 2
                u[:, row, column] = a @ x + b + centre
        views[k] = map_coordinates(framed, u, order=3, mode="constant")
    return views


@pytest.mark.parametrize("side", [5, 12])
@pytest.mark.parametrize(("h", "w"), [(8, 8), (5, 9), (2, 2)])
def test_views_are_those_of_the_library_one_at_a_time(side, h, w):
    arguments = draw(20, h=h, w=w)
    # Where a pixel looks beyond the frame: 0 in both, up to the rounding of a coordinate.
    np.testing.assert_allclose(
        affine_resampling(*arguments, side), naive(*arguments, side), atol=1e-9
    )


def test_blocks_leave_no_trace(monkeypatch):
    arguments = draw(20)
    whole = affine_resampling(*arguments, 7)
    monkeypatch.setattr(kernel, "BLOCK", 3)
    np.testing.assert_array_equal(affine_resampling(*arguments, 7), whole)


def test_a_view_does_not_depend_on_the_other_images():
    images, which, A, t = draw(20)
    alone = affine_resampling(images[which[3:4]], np.array([0]), A[3:4], t[3:4], 12)
    np.testing.assert_allclose(affine_resampling(images, which, A, t, 12)[3], alone[0], atol=1e-12)


def test_far_outside_there_is_nothing():
    images, which, _, _ = draw(6)
    A = np.broadcast_to(np.eye(2), (6, 2, 2))
    t = 100 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1]], float)
    assert np.abs(affine_resampling(images, which, A, t, 8)).max() < 1e-12


def test_whole_pixels_are_shifted_and_quarter_turns_turned_exactly():
    images = draw(1)[0]
    which, eye = np.arange(4), np.broadcast_to(np.eye(2), (4, 2, 2))
    shifted = affine_resampling(images, which, eye, np.tile([1.0, -2.0], (4, 1)), 8)
    np.testing.assert_allclose(shifted[:, :-1, 2:], images[:, 1:, :-2], atol=1e-12)
    turn = np.broadcast_to([[0.0, 1.0], [-1.0, 0.0]], (4, 2, 2))
    turned = affine_resampling(images, which, turn, np.zeros((4, 2)), 8)
    np.testing.assert_allclose(turned, np.rot90(images, axes=(1, 2)), atol=1e-12)


def test_turning_back_what_was_turned_smoothly_gives_it_back():
    x = np.arange(24) - 11.5
    image = np.exp(-(x[:, None] ** 2 + 2 * (x - 2) ** 2) / 16)[None]
    cos, sin = np.cos(0.7), np.sin(0.7)
    A = np.array([[[cos, -sin], [sin, cos]]])
    zero, first = np.zeros((1, 2)), np.array([0])
    there = affine_resampling(image, first, A, zero, 24)
    back = affine_resampling(there, first, A.swapaxes(1, 2), zero, 24)
    assert np.abs(there - image).max() > 0.1
    assert np.abs(back - image).max() < 1e-3


def test_it_is_linear_in_the_images():
    images, which, A, t = draw(20)
    others = draw(1, seed=1)[0]
    a, b, both = (
        affine_resampling(x, which, A, t, 6) for x in (images, others, 2 * images - others)
    )
    np.testing.assert_allclose(both, 2 * a - b, atol=1e-12)


def test_no_views_are_an_answer_too():
    images, which, A, t = draw(3)
    assert affine_resampling(images, which[:0], A[:0], t[:0], 5).shape == (0, 5, 5)


def test_shapes_that_do_not_fit_are_errors():
    images, which, A, t = draw(3)
    for wrong in (
        (images[0], which, A, t),
        (images[:, :1], which, A, t),
        (images, which, A[:2], t),
        (images, which, A, t[:, :1]),
    ):
        with pytest.raises(ValueError, match="must fit, got"):
            affine_resampling(*wrong, 5)
    with pytest.raises(ValueError, match="which lie from 0 to 3"):
        affine_resampling(images, which + 4, A, t, 5)
    with pytest.raises(ValueError, match="side must be positive"):
        affine_resampling(images, which, A, t, 0)
