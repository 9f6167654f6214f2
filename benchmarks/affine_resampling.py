"""Affine resampling in one look-up for all views, beside scipy a view at a time and torch."""

from __future__ import annotations

import time

import numpy as np
import torch
from scipy.ndimage import affine_transform
from torch.nn import functional

from harness.kernels.affine_resampling import FRAME, affine_resampling

N_IMAGES, N_VIEWS = 200, 2000


def scipy_loop(
    images: np.ndarray, which: np.ndarray, A: np.ndarray, t: np.ndarray, side: int
) -> np.ndarray:
    """Call `affine_transform` once a view."""
    framed = np.pad(images, ((0, 0), (FRAME, FRAME), (FRAME, FRAME)))
    start = (framed.shape[1] - 1) / 2 + t - A.sum(2) * (side - 1) / 2
    return np.stack(
        [
            affine_transform(framed[i], a, b, (side, side), order=3, mode="constant")
            for i, a, b in zip(which, A, start, strict=True)
        ]
    )


def torch_bicubic(
    images: np.ndarray, which: np.ndarray, A: np.ndarray, t: np.ndarray, side: int
) -> np.ndarray:
    """Interpolate with a cubic convolution, another and a shorter kernel than the spline."""
    theta = np.concatenate([A[:, ::-1, ::-1] * side, 2 * t[:, ::-1, None]], 2) / images.shape[1]
    grid = functional.affine_grid(
        torch.from_numpy(np.ascontiguousarray(theta)), [len(which), 1, side, side], False
    )
    batch = torch.from_numpy(images[which][:, None])
    views = functional.grid_sample(batch, grid, "bicubic", align_corners=False)[:, 0]
    found: np.ndarray = views.numpy()
    return found


BY = {"harness": affine_resampling, "scipy": scipy_loop, "torch bicubic": torch_bicubic}


class AffineResampling:
    """Two thousand views of 28 x 28 pixels of images of 12 x 12."""

    params = list(BY)
    param_names = ("by",)

    def setup(self, by: str) -> None:
        rng = np.random.default_rng(0)
        images = rng.random((N_IMAGES, 12, 12))
        angle, scale = rng.uniform(-np.pi, np.pi, N_VIEWS), np.exp(rng.uniform(-0.3, 0.2, N_VIEWS))
        A = np.stack([np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle)], 1)
        A = A.reshape(-1, 2, 2) / (2.2 * scale)[:, None, None]
        t = rng.uniform(-2, 2, (N_VIEWS, 2))
        self.arguments = images, rng.integers(N_IMAGES, size=N_VIEWS), A, t, 28

    def time_resampling(self, by: str) -> None:
        BY[by](*self.arguments)

    def peakmem_resampling(self, by: str) -> None:
        BY[by](*self.arguments)

    def track_views_per_second(self, by: str) -> float:
        """Return views a second of processor time, the best of five."""
        seconds = []
        for _ in range(5):
            start = time.process_time()
            BY[by](*self.arguments)
            seconds.append(time.process_time() - start)
        return N_VIEWS / min(seconds)

    def track_largest_difference(self, by: str) -> float:
        """Compare with scipy's loop, which defines the views."""
        difference = BY[by](*self.arguments) - scipy_loop(*self.arguments)
        return float(np.abs(difference).max())
