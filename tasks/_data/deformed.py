"""Real images, deformed and seen from every side: objects that no copy of the data holds.

An object is a scan behind a smooth random displacement of its points. A view of it is one affine
resampling of that object, never of another view, so that all views are equally sharp.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from harness.kernels.affine_resampling import affine_resampling

FRAME = 2
"""Pixels of paper that a deformed image has around it more than the image had."""


@dataclass(frozen=True)
class Poses:
    """How far views may differ from the upright one; all are uniform."""

    rotation: float
    """Radians, either way."""
    log_scale: tuple[float, float]
    """Least and largest logarithm of the scale."""
    shift: float
    """Pixels of the view, either way, along each axis."""


def deform(rng: np.random.Generator, images: np.ndarray, rms: float, sigma: float) -> np.ndarray:
    """Displace the points of every image by a smooth random field of its own.

    Parameters
    ----------
    rng
        The only source of randomness.
    images
        (n, h, w) in [0, 1].
    rms
        Root mean square of the displacement along each axis, in pixels.
    sigma
        Standard deviation in pixels of the Gaussian that smooths the field.

    Returns
    -------
    ndarray
        float32 (n, h + 2 FRAME, w + 2 FRAME) in [0, 1].
    """
    framed = np.pad(np.asarray(images, np.float64), ((0, 0), (FRAME, FRAME), (FRAME, FRAME)))
    height, width = framed.shape[1:]
    points = np.stack(np.mgrid[:height, :width]).astype(np.float64)
    margin = int(np.ceil(3 * sigma))  # so that the field is as rough at the border as inside
    deformed = np.empty(framed.shape, np.float32)
    for k, image in enumerate(framed):
        noise = rng.standard_normal((2, height + 2 * margin, width + 2 * margin))
        field = gaussian_filter(noise, (0, sigma, sigma))
        field = field[:, margin : margin + height, margin : margin + width]
        field *= rms / np.sqrt(np.mean(field**2))
        deformed[k] = np.clip(map_coordinates(image, points + field, order=3), 0, 1)
    return deformed


def draw_poses(rng: np.random.Generator, poses: Poses, *shape: int) -> np.ndarray:
    """Draw poses: float64 (*shape, 4) of rotation, log-scale, and shift down and to the right."""
    low = np.array([-poses.rotation, poses.log_scale[0], -poses.shift, -poses.shift])
    high = np.array([poses.rotation, poses.log_scale[1], poses.shift, poses.shift])
    drawn: np.ndarray = rng.uniform(low, high, (*shape, 4))
    return drawn


def render(
    images: np.ndarray, which: np.ndarray, pose: np.ndarray, side: int, zoom: float
) -> np.ndarray:
    """Show images in poses.

    Parameters
    ----------
    images
        (n, h, w) in [0, 1].
    which
        Integers (m,): which image.
    pose
        (m, 4), as `draw_poses` returns them; zeros are the upright view.
    side
        Of the views, in pixels.
    zoom
        Pixels of the view that a pixel of the image takes up at scale 1.

    Returns
    -------
    ndarray
        float32 (m, side, side) in [0, 1].
    """
    pose = np.asarray(pose, np.float64)
    cos, sin = np.cos(pose[:, 0]), np.sin(pose[:, 0])
    A = np.stack([cos, sin, -sin, cos], 1).reshape(-1, 2, 2)  # the turn, undone
    A /= (zoom * np.exp(pose[:, 1]))[:, None, None]
    t = -np.einsum("mij,mj->mi", A, pose[:, 2:])
    return np.clip(affine_resampling(images, which, A, t, side), 0, 1).astype(np.float32)
