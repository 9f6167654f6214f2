"""Blob images against their definition, and the symmetries of a sum of round blobs."""

import numpy as np
import pytest

from harness.kernels.blob_image import blob_image

PIXELS = np.linspace(-1, 1, 9)


def draw(n=3, k=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.5, (n, k, 2)), rng.uniform(0.1, 0.4, (n, k)), rng.normal(size=(n, k))


def naive(centres, widths, amplitudes, pixels):
    images = np.zeros((len(centres), len(pixels), len(pixels)))
    for n, i, j in np.ndindex(images.shape):
        for (y, x), w, a in zip(centres[n], widths[n], amplitudes[n], strict=True):
            distance = (y - pixels[i]) ** 2 + (x - pixels[j]) ** 2
            images[n, i, j] += a * np.exp(-distance / (2 * w**2))
    return images


def test_images_are_the_sum_of_the_definition():
    np.testing.assert_allclose(blob_image(*draw(), PIXELS), naive(*draw(), PIXELS), atol=1e-14)


def test_the_integral_of_a_blob_is_known():
    pixels = np.linspace(-4, 4, 161)
    one = blob_image(np.array([[[0.3, -0.2]]]), np.array([[0.5]]), np.array([[2.0]]), pixels)
    assert one.sum() * 0.05**2 == pytest.approx(2 * 2 * np.pi * 0.25, rel=1e-9)


def test_the_order_of_blobs_does_not_matter_and_images_add_up():
    centres, widths, amplitudes = draw()
    whole = blob_image(centres, widths, amplitudes, PIXELS)
    backwards = blob_image(centres[:, ::-1], widths[:, ::-1], amplitudes[:, ::-1], PIXELS)
    np.testing.assert_allclose(backwards, whole, atol=1e-14)
    halves = [
        blob_image(centres[:, part], widths[:, part], amplitudes[:, part], PIXELS)
        for part in (slice(0, 2), slice(2, 4))
    ]
    np.testing.assert_allclose(sum(halves), whole, atol=1e-14)


def test_swapped_axes_transpose_the_image_and_mirrored_points_mirror_it():
    centres, widths, amplitudes = draw()
    whole = blob_image(centres, widths, amplitudes, PIXELS)
    swapped = blob_image(centres[:, :, ::-1], widths, amplitudes, PIXELS)
    np.testing.assert_allclose(swapped, whole.swapaxes(1, 2), atol=1e-14)
    mirrored = blob_image(centres * [1, -1], widths, amplitudes, PIXELS)
    np.testing.assert_allclose(mirrored, whole[:, :, ::-1], atol=1e-14)


def test_no_blobs_and_no_images_are_answers_too():
    assert not blob_image(*draw(k=0), PIXELS).any()
    assert blob_image(*draw(n=0), PIXELS).shape == (0, 9, 9)


def test_shapes_that_do_not_fit_and_widths_of_nothing_are_errors():
    centres, widths, amplitudes = draw()
    for wrong in (
        (centres[:2], widths, amplitudes),
        (centres[..., :1], widths, amplitudes),
        (centres, widths, amplitudes[:, :1]),
        (centres[0], widths[0], amplitudes[0]),
    ):
        with pytest.raises(ValueError, match="must fit, got"):
            blob_image(*wrong, PIXELS)
    for width in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match="Widths must be positive"):
            blob_image(centres, np.full_like(widths, width), amplitudes, PIXELS)
