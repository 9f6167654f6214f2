"""Blob images as a product of profiles, beside one einsum and every pixel's exponential."""

from __future__ import annotations

import numpy as np

from harness.kernels.blob_image import blob_image


def by_einsum(
    centres: np.ndarray, widths: np.ndarray, amplitudes: np.ndarray, pixels: np.ndarray
) -> np.ndarray:
    """Multiply the same profiles by `einsum`."""
    distance = centres[..., None] - pixels
    profiles = np.exp(-0.5 * (distance / widths[..., None, None]) ** 2)
    found: np.ndarray = np.einsum(
        "nk,nki,nkj->nij", amplitudes, profiles[:, :, 0], profiles[:, :, 1]
    )
    return found


def by_pixel(
    centres: np.ndarray, widths: np.ndarray, amplitudes: np.ndarray, pixels: np.ndarray
) -> np.ndarray:
    """Take the exponential of every pixel and blob."""
    images = np.zeros((len(centres), len(pixels), len(pixels)))
    for k in range(widths.shape[1]):
        y, x = (centres[:, k, axis, None] - pixels for axis in (0, 1))
        square = y[:, :, None] ** 2 + x[:, None, :] ** 2
        images += amplitudes[:, k, None, None] * np.exp(
            -square / (2 * widths[:, k, None, None] ** 2)
        )
    return images


BY = {"harness": blob_image, "einsum": by_einsum, "pixel by pixel": by_pixel}


class BlobImage:
    """A thousand images of 28 x 28 pixels of ten blobs."""

    params = list(BY)
    param_names = ("by",)

    def setup(self, by: str) -> None:
        rng = np.random.default_rng(0)
        self.arguments = (
            rng.normal(0, 0.5, (1000, 10, 2)),
            rng.uniform(0.1, 0.2, (1000, 10)),
            rng.uniform(0.3, 1, (1000, 10)),
            np.linspace(-1.3, 1.3, 28),
        )

    def time_image(self, by: str) -> None:
        BY[by](*self.arguments)

    def peakmem_image(self, by: str) -> None:
        BY[by](*self.arguments)

    def track_largest_difference(self, by: str) -> float:
        """Compare with the definition, pixel by pixel."""
        return float(np.abs(BY[by](*self.arguments) - by_pixel(*self.arguments)).max())
