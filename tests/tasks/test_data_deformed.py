"""Deformed images and their views: deterministic, in range, posed as they are told to be."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from tasks._data import Poses, deform, deformed, digits_arrays

RMS, SIGMA = 0.36, 1.6
POSES = Poses(np.pi, (-0.3, 0.2), 4.0)


@pytest.fixture(scope="module")
def scans() -> np.ndarray:
    return digits_arrays()[0][:200, 0]


def show(images: np.ndarray, *pose: float, side: int = 28, zoom: float = 2.0) -> np.ndarray:
    """Return the first image in one pose."""
    return deformed.render(images, np.array([0]), np.array([pose]), side, zoom)[0]


def test_the_generator_alone_decides_what_is_drawn(scans: np.ndarray) -> None:
    def draw(seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        return deform(rng, scans, RMS, SIGMA), deformed.draw_poses(rng, POSES, 5, 3)

    first, other = draw(0), draw(1)
    np.random.seed(1)
    for a, b, c in zip(first, draw(0), other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)


def test_deformed_images_have_the_promised_shape_dtype_and_range(scans: np.ndarray) -> None:
    images = deform(np.random.default_rng(0), scans, RMS, SIGMA)
    assert (images.shape, images.dtype) == ((200, 12, 12), np.float32)
    assert images.min() >= 0 and 0.9 < images.max() <= 1
    assert deform(np.random.default_rng(0), scans[:0], RMS, SIGMA).shape == (0, 12, 12)


def test_without_displacement_a_scan_stays_as_it_is(scans: np.ndarray) -> None:
    images = deform(np.random.default_rng(0), scans, 0.0, SIGMA)
    np.testing.assert_allclose(images[:, 2:-2, 2:-2], scans, atol=1e-6)
    assert images.sum() == pytest.approx(scans.sum(), rel=1e-6)


def test_the_displacement_is_as_large_and_as_smooth_as_told() -> None:
    """Two ramps hold their own coordinates, so what they turn into is the displacement."""
    down = np.broadcast_to(np.linspace(0.2, 0.8, 40)[:, None], (40, 40))
    fields = []
    for ramp in (down, down.T):
        drawn = deform(np.random.default_rng(0), ramp[None], 1.0, 4.0)[0]
        fields.append((drawn[10:-10, 10:-10] - np.pad(ramp, 2)[10:-10, 10:-10]) / (0.6 / 39))
    field = np.stack(fields)
    assert 0.7 < np.sqrt(np.mean(field**2)) < 1.4
    # Neighbours of white noise behind a Gaussian of sigma differ by rms / sigma / sqrt(2).
    steps = [np.mean(np.diff(field, axis=axis) ** 2) for axis in (1, 2)]
    assert np.sqrt(np.mean(steps)) == pytest.approx(1 / 4 / np.sqrt(2), rel=0.4)


def test_every_image_is_deformed_by_a_field_of_its_own(scans: np.ndarray) -> None:
    twice = np.stack([scans[0], scans[0]])
    one, other = deform(np.random.default_rng(0), twice, RMS, SIGMA)
    assert np.abs(one - other).max() > 0.1


def test_poses_fill_their_ranges() -> None:
    pose = deformed.draw_poses(np.random.default_rng(0), POSES, 50, 100).reshape(-1, 4)
    low, high = np.array([-np.pi, -0.3, -4, -4]), np.array([np.pi, 0.2, 4, 4])
    assert (pose >= low).all() and (pose <= high).all()
    np.testing.assert_allclose(pose.min(0), low, atol=0.01)
    np.testing.assert_allclose(pose.max(0), high, atol=0.01)
    assert np.abs(np.corrcoef(pose.T) - np.eye(4)).max() < 0.06


def test_a_view_is_one_interpolation_of_the_scan(scans: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    pose = deformed.draw_poses(rng, POSES, 8)
    which = np.arange(8)
    views = deformed.render(scans, which, pose, 28, 2.0)
    assert views.dtype == np.float32
    assert views.min() >= 0 and views.max() <= 1
    x = np.stack(np.mgrid[:28, :28]) - 13.5
    for i, (angle, log_scale, down, right) in enumerate(pose):
        y, x_ = x[0] - down, x[1] - right
        back = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        u = np.einsum("ij,jab->iab", back, np.stack([y, x_])) / (2.0 * np.exp(log_scale))
        wanted = map_coordinates(np.pad(scans[i], 4).astype(float), u + 7.5, order=3)
        np.testing.assert_allclose(views[i], np.clip(wanted, 0, 1), atol=1e-6)


def test_a_pose_turns_scales_and_shifts(scans: np.ndarray) -> None:
    upright = show(scans, 0, 0, 0, 0)
    shifted = show(scans, 0, 0, 3, -2)
    np.testing.assert_allclose(shifted[3:, :-2], upright[:-3, 2:], atol=1e-6)
    turned = show(scans, np.pi / 2, 0, 0, 0)  # against the clock
    np.testing.assert_allclose(turned, np.rot90(upright), atol=1e-6)
    np.testing.assert_allclose(show(scans, np.pi, 0, 0, 0), upright[::-1, ::-1], atol=1e-6)
    larger = show(scans, 0, np.log(1.25), 0, 0)
    np.testing.assert_allclose(larger, show(scans, 0, 0, 0, 0, zoom=2.5), atol=1e-6)
    assert larger.sum() == pytest.approx(1.25**2 * upright.sum(), rel=0.05)


def test_views_keep_the_ink_of_a_scan(scans: np.ndarray) -> None:
    pose = deformed.draw_poses(np.random.default_rng(0), Poses(np.pi, (0.0, 0.0), 3.0), 200)
    views = deformed.render(scans, np.arange(200), pose, 28, 2.0)
    ratio = views.sum((1, 2)) / scans.sum((1, 2)) / 4
    assert ratio.min() > 0.9 and ratio.max() < 1.1
