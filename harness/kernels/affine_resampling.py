r"""Affine resampling: an image turned, scaled and shifted in one cubic spline interpolation.

The image is continued by zeros and interpolated by the cubic spline

.. math:: f(u) = \sum_{ij} c_{ij}\, \beta^3(u_1 - i)\, \beta^3(u_2 - j),

with the B-spline :math:`\beta^3` and the coefficients c for which f takes the image's values at its
pixels. The view is :math:`g(x) = f(A x + t)`. M. Unser, *Splines: A Perfect Fit for Signal and
Image Processing*, IEEE Signal Processing Magazine 16(6):22-38, 1999 (not checked against the
source).

The spline overshoots at edges; what a pixel may hold is the caller's to say.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates, spline_filter1d

FRAME = 4
"""Zeros around the image; beyond them f is 0. What is cut off there is below 1 % of a step."""
BLOCK = 512
"""Views at once: their coordinates then take some megabytes."""


def affine_resampling(
    images: np.ndarray, which: np.ndarray, A: np.ndarray, t: np.ndarray, side: int
) -> np.ndarray:
    """Return the views.

    Parameters
    ----------
    images : array of shape (n, h, w)
        Each of at least 2 x 2 pixels.
    which : integer array of shape (m,)
        Of which image each view is one.
    A : array of shape (m, 2, 2)
    t : array of shape (m, 2)
        Where in the image a view's pixel looks: both in pixels from the centre, rows first.
    side : int
        Of the square views, in pixels.

    Returns
    -------
    float64 array of shape (m, side, side)

    Raises
    ------
    ValueError
        If shapes do not fit.

    Examples
    --------
    The identity gives the image back, with the zeros around it; a quarter turn turns it.

    >>> image = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> quarter = np.array([[[0.0, 1.0], [-1.0, 0.0]]])
    >>> A = np.concatenate([np.eye(2)[None], quarter])
    >>> np.round(affine_resampling(image, np.array([0, 0]), A, np.zeros((2, 2)), 2), 9) + 0.0
    array([[[1., 2.],
            [3., 4.]],
    <BLANKLINE>
           [[2., 4.],
            [1., 3.]]])
    """
    images, which = np.asarray(images, np.float64), np.asarray(which)
    m = len(which)
    if images.ndim != 3 or min(images.shape[1:]) < 2 or A.shape != (m, 2, 2) or t.shape != (m, 2):
        raise ValueError(
            "Images (n, h, w), which (m,), A (m, 2, 2) and t (m, 2) must fit, got "
            f"{images.shape}, {which.shape}, {A.shape} and {t.shape}."
        )
    if side < 1 or (m and not 0 <= which.min() <= which.max() < len(images)):
        raise ValueError(
            f"side must be positive and which lie from 0 to {len(images) - 1}, got side {side}."
        )
    framed = np.pad(images, ((0, 0), (FRAME, FRAME), (FRAME, FRAME)))
    coefficients = spline_filter1d(spline_filter1d(framed, axis=1), axis=2)
    # On the outermost pixels f is 0, so that coordinates beyond may be clipped to them. There the
    # spline needs one more row of coefficients, which `spline_filter1d` takes to be mirrored.
    coefficients = np.pad(coefficients, ((0, 0), (1, 1), (1, 1)), "reflect")
    n, height, width = coefficients.shape
    tall = coefficients.reshape(n * height, width)  # one look-up for all images
    centre = (np.array([height, width]) - 1) / 2
    x = np.arange(side) - (side - 1) / 2
    views = np.empty((m, side, side))
    for start in range(0, m, BLOCK):
        part = slice(start, start + BLOCK)
        a = A[part, :, :, None, None]
        u = a[:, :, 0] * x[:, None] + a[:, :, 1] * x + t[part, :, None, None]
        u += centre[:, None, None]  # (block, 2, side, side)
        rows = np.clip(u[:, 0], 1, height - 2) + (which[part] * height)[:, None, None]
        columns = np.clip(u[:, 1], 1, width - 2)
        map_coordinates(
            tall, np.stack([rows, columns]), views[part], order=3, mode="mirror", prefilter=False
        )
    return views
