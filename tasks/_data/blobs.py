"""Objects in depth: clouds of Gaussian blobs, seen from any direction, exactly.

A class is a template of blobs in the unit ball; an object is a template whose blobs are a little
displaced and brighter or darker. Nothing occludes anything. A view is the orthographic image, in
closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.kernels.blob_image import blob_image

N_BLOBS = 10
WIDTH = (0.1, 0.2)
"""Least and largest standard deviation of a blob."""
AMPLITUDE = (0.3, 1.0)
DISPLACED = 0.12
"""Standard deviation by which an object's blobs are displaced, along each axis."""
BRIGHTER = 0.3
"""Standard deviation of the logarithm of their amplitudes' change."""
YAW = np.pi / 3
PITCH = np.pi / 9
"""Radians, either way, uniform."""
REACH = 1.3
"""What an image shows: [-REACH, REACH] along each axis."""
BRIGHTEST = 2.0
"""Sum of amplitudes at which a pixel is saturated."""


@dataclass(frozen=True, eq=False)
class Blobs:
    """Objects, or templates of objects."""

    points: np.ndarray
    """(n, N_BLOBS, 3): y down, x to the right, z towards the viewer."""
    widths: np.ndarray
    """(n, N_BLOBS)"""
    amplitudes: np.ndarray
    """(n, N_BLOBS)"""


def templates(rng: np.random.Generator, n_classes: int) -> Blobs:
    """Draw templates: positions uniform in the unit ball, widths and amplitudes in their ranges."""
    shape = (n_classes, N_BLOBS)
    points = rng.standard_normal((*shape, 3))
    points /= np.linalg.norm(points, axis=-1, keepdims=True)
    points *= rng.random((*shape, 1)) ** (1 / 3)
    return Blobs(points, rng.uniform(*WIDTH, shape), rng.uniform(*AMPLITUDE, shape))


def objects(rng: np.random.Generator, classes: Blobs, label: np.ndarray) -> Blobs:
    """Draw an object of each class that `label` names."""
    points = classes.points[label]
    points = points + DISPLACED * rng.standard_normal(points.shape)
    amplitudes = classes.amplitudes[label]
    amplitudes = amplitudes * np.exp(BRIGHTER * rng.standard_normal(amplitudes.shape))
    return Blobs(points, classes.widths[label], amplitudes)


def draw_directions(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw directions of view: float64 (*shape, 2) of yaw and pitch."""
    drawn: np.ndarray = rng.uniform([-YAW, -PITCH], [YAW, PITCH], (*shape, 2))
    return drawn


def look(seen: Blobs, which: np.ndarray, direction: np.ndarray, side: int) -> np.ndarray:
    """Show objects from directions.

    Parameters
    ----------
    seen
        n objects.
    which
        Integers (m,): which object.
    direction
        (m, 2): the object turns by yaw about the vertical, then by pitch about the horizontal axis
        of the image; zeros are the frontal view.
    side
        Of the views, in pixels.

    Returns
    -------
    ndarray
        float32 (m, side, side) in [0, 1].
    """
    y, x, z = np.moveaxis(seen.points[which], -1, 0)  # (m, N_BLOBS) each
    cos, sin = np.cos(direction)[..., None], np.sin(direction)[..., None]
    x, z = cos[:, 0] * x + sin[:, 0] * z, cos[:, 0] * z - sin[:, 0] * x
    y = cos[:, 1] * y - sin[:, 1] * z
    pixels = ((np.arange(side) + 0.5) / side * 2 - 1) * REACH
    light = blob_image(np.stack([y, x], -1), seen.widths[which], seen.amplitudes[which], pixels)
    return (np.minimum(light, BRIGHTEST) / BRIGHTEST).astype(np.float32)
