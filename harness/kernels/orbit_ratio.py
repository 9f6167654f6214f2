r"""Orbit ratio: how much of a representation's variance is due to the viewpoint.

With z the output for one view of one object,

.. math:: \mathrm{OR} = \frac{E_{object}\,\mathrm{Var}_{views}(z)}{\mathrm{Var}_{all}(z)},

variances being sums over the components of z. By the law of total variance it lies from 0, every
view of an object gives the same output, to 1, objects do not differ in the mean of their views.
An output that never changes tells nothing of objects: 0/0 is 1 by definition. The measure is this
project's own; the orbits are those of F. Anselmi, J. Z. Leibo, L. Rosasco, J. Mutch, A. Tacchetti,
T. Poggio, *Unsupervised Learning of Invariant Representations in Hierarchical Architectures*,
arXiv:1311.4158 (not checked against the source).
"""

from __future__ import annotations

import torch

from harness.kernels.float64 import Array, as_float64


def orbit_ratio(outputs: Array) -> float:
    """Return the orbit ratio.

    Parameters
    ----------
    outputs : array of shape (n, V, ...)
        V views of each of n objects.

    Raises
    ------
    ValueError
        If it has fewer than two axes or no output, or holds NaN or infinity.

    Examples
    --------
    Two objects, two views each: a variance of 1 within, of 4 between their means.

    >>> round(orbit_ratio(torch.tensor([[1.0, 3.0], [5.0, 7.0]])), 12)
    0.2
    """
    z = as_float64(outputs)
    if z.ndim < 2 or 0 in z.shape:
        raise ValueError(f"Outputs must be of shape (n, V, ...), none empty, got {tuple(z.shape)}.")
    z = z.reshape(*z.shape[:2], -1)
    z = z / z.abs().max().clamp(min=torch.finfo(z.dtype).tiny)  # squares of any size are finite
    within = (z - z.mean(1, keepdim=True)).square().sum(2).mean()
    every = (z - z.mean((0, 1))).square().sum(2).mean()
    # Rounding leaves a constant a variance of the square of a rounding.
    constant = every <= z.shape[2] * torch.finfo(z.dtype).eps ** 2 * 16
    return 1.0 if constant else float(within / every)
