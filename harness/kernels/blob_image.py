r"""Blob image: the sum of isotropic Gaussians on a grid of pixels.

.. math:: I_{ij} = \sum_k a_k \exp\!\Big(-\frac{(y_k - p_i)^2 + (x_k - p_j)^2}{2 w_k^2}\Big).

An isotropic Gaussian is a product of two, one an axis, so an image is one product of two matrices
(side, k) and (k, side), and exponentials are taken of 2 k side numbers in place of k side^2.
"""

from __future__ import annotations

import numpy as np


def blob_image(
    centres: np.ndarray, widths: np.ndarray, amplitudes: np.ndarray, pixels: np.ndarray
) -> np.ndarray:
    """Return the images.

    Parameters
    ----------
    centres : array of shape (n, k, 2)
        (y, x) of each blob.
    widths : array of shape (n, k)
        Standard deviations; positive.
    amplitudes : array of shape (n, k)
    pixels : array of shape (side,)
        Coordinates of the rows, and of the columns.

    Returns
    -------
    float64 array of shape (n, side, side)

    Raises
    ------
    ValueError
        If shapes do not fit or a width is not positive.

    Examples
    --------
    One blob of width 1 at the origin: exp(-1/2) one unit off, 1/e on the diagonal.

    >>> one = np.ones((1, 1))
    >>> blob_image(np.zeros((1, 1, 2)), one, one, np.arange(2.0)).round(6)
    array([[[1.      , 0.606531],
            [0.606531, 0.367879]]])
    """
    shape = np.shape(widths)
    if np.shape(centres) != (*shape, 2) or np.shape(amplitudes) != shape or len(shape) != 2:
        raise ValueError(
            "Centres (n, k, 2), widths (n, k) and amplitudes (n, k) must fit, got "
            f"{np.shape(centres)}, {shape} and {np.shape(amplitudes)}."
        )
    if not np.all(np.asarray(widths) > 0):
        raise ValueError(f"Widths must be positive, got {np.min(widths)}.")
    distance = np.asarray(centres, np.float64)[..., None] - pixels  # (n, k, 2, side)
    profiles = np.exp(-0.5 * (distance / np.asarray(widths)[..., None, None]) ** 2)
    rows = np.asarray(amplitudes)[..., None] * profiles[:, :, 0]
    images: np.ndarray = rows.swapaxes(1, 2) @ profiles[:, :, 1]
    return images
