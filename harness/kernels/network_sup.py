r"""How far a network with capped weights can follow signs: feasible weights by ascent.

.. math::
    \sup_{W_1, \ldots, W_L} \Bigl| \sum_i \sigma_i\, w^T \rho_L(W_L \rho_{L-1}( \cdots \rho_1(W_1
    x_i))) \Bigr| \quad\text{over}\quad \|w\|_2 \le 1,\ \|W_l\| \le 1,

norms being spectral or Frobenius, each rho_l a ReLU or the identity. A cap on a rank is a narrow
layer: W of rank r and norm at most 1 is A B with A of r orthonormal columns and B of that norm.

The best w is known, so the sup is that of :math:`\|\sum_i \sigma_i z_i\|`, z_i what arrives there.
It is linear in each W_l as long as no unit switches, and its gradient's maximizer over the cap is
known too: the polar factor, or the normalized gradient. Each step moves all layers towards it and
projects back. Every value is one of weights within the caps, hence a lower limit of the sup,
whatever the ascent missed. Spectral caps are held by Newton and Schulz's iteration for the polar
factor, whose singular values rise to 1 and never above (N. J. Higham, *Functions of Matrices*,
2008, section 8.3; not checked against the source), and what rounding adds is divided out.

What it does not do: find the sup for certain, biases, several outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import torch

POLAR = 8
"""Steps of Newton and Schulz."""
TINY = 1e-30


class Capped(NamedTuple):
    """A layer of norm at most 1."""

    width: int
    norm: Literal["spectral", "frobenius"]
    relu: bool


def network_sup(
    X: np.ndarray,
    signs: np.ndarray,
    layers: Sequence[Capped],
    n_steps: int = 20,
    n_starts: int = 1,
    seed: int = 0,
) -> np.ndarray:
    """Return the largest value that was found for every row of signs.

    Parameters
    ----------
    X : float array of shape (n, d)
    signs : array of shape (N, n)
        Any real weights will do.
    layers
        From the input up, without w; none for a linear function of X.
    n_steps, n_starts : int
        Steps of every start, and starts from random weights.

    Returns
    -------
    float64 array of shape (N,)

    Raises
    ------
    ValueError
        Shapes do not fit, or a width, `n_steps` or `n_starts` is below 1.

    Examples
    --------
    One ReLU, u to be chosen, and x = (1, 0), (-1, 0) with signs 1 and -1: u = x_1 gains 1 from the
    first and nothing from the second. A linear function would gain from both.

    >>> X, signs = np.array([[1.0, 0.0], [-1.0, 0.0]]), np.array([[1.0, -1.0]])
    >>> print(network_sup(X, signs, [Capped(1, "frobenius", True)]).round(6))
    [1.]
    >>> print(network_sup(X, signs, []))
    [2.]
    """
    X, signs = np.asarray(X, np.float64), np.asarray(signs, np.float64)
    if X.ndim != 2 or signs.ndim != 2 or signs.shape[1] != len(X):
        raise ValueError(
            f"X (n, d) and signs (N, n) must share n, got shapes {X.shape} and {signs.shape}."
        )
    if min([n_steps, n_starts, *(layer.width for layer in layers)]) < 1:
        raise ValueError("Widths, n_steps and n_starts must be 1 or more.")
    if not layers:
        found: np.ndarray = np.linalg.norm(signs @ X, axis=1)
        return found
    generator = torch.Generator().manual_seed(seed)
    x, sigma = (torch.from_numpy(a.astype(np.float32)) for a in (X, signs))
    best = np.zeros(len(signs))
    for _ in range(n_starts):
        weights = _climb(x, sigma, layers, n_steps, generator)
        within = [_within(W.double(), layer.norm) for W, layer in zip(weights, layers, strict=True)]
        z = _forward(torch.from_numpy(X), within, layers)[-1]
        best = np.maximum(best, _reached(z, torch.from_numpy(signs)).norm(dim=1).numpy())
    return best


def _climb(
    x: torch.Tensor,
    sigma: torch.Tensor,
    layers: Sequence[Capped],
    n_steps: int,
    generator: torch.Generator,
) -> list[torch.Tensor]:
    """Return the best weights, (N, m, m') a layer."""
    widths = [x.shape[1], *(layer.width for layer in layers)]
    weights = [
        _project(torch.randn(len(sigma), m, before, generator=generator), layer.norm)
        for before, m, layer in zip(widths, widths[1:], layers, strict=False)
    ]
    kept, best = [W.clone() for W in weights], torch.zeros(len(sigma))
    for step in range(n_steps + 1):
        z = _forward(x, weights, layers)
        reached = _reached(z[-1], sigma)
        value = reached.norm(dim=1)
        better = value > best
        best = torch.where(better, value, best)
        for old, new in zip(kept, weights, strict=True):
            old[better] = new[better]
        if step == n_steps:
            break
        # The gradient of the last z, a row a sample, and back through the layers.
        up = (reached / (value[:, None] + TINY))[:, None, :] * sigma[:, :, None]
        share = 1 - step / n_steps
        for k in range(len(layers) - 1, -1, -1):
            if layers[k].relu:
                up = up * (z[k + 1] > 0)
            below = z[k]
            gradient = up.transpose(1, 2) @ below
            if k:
                up = up @ weights[k]
            size = gradient.flatten(1).norm(dim=1)[:, None, None] + TINY
            target = _project(gradient / size, layers[k].norm)
            weights[k] = _project(share * weights[k] + target, layers[k].norm)
    return kept


def _forward(
    x: torch.Tensor, weights: Sequence[torch.Tensor], layers: Sequence[Capped]
) -> list[torch.Tensor]:
    """Return the input and what each layer makes of it: (n, d), then (N, n, m)."""
    z = [x]
    for W, layer in zip(weights, layers, strict=True):
        h = z[-1] @ W.transpose(1, 2)
        z.append(h.relu_() if layer.relu else h)
    return z


def _reached(z: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """Return sum_i sigma_i z_i: (N, m)."""
    return (sigma[:, None, :] @ z)[:, 0]


def _project(W: torch.Tensor, norm: str) -> torch.Tensor:
    """Return weights of norm 1: the normalized ones, or about the polar factor."""
    W = W / (W.flatten(1).norm(dim=1)[:, None, None] + TINY)
    if norm == "frobenius" or min(W.shape[1:]) == 1:
        return W
    wide = W.shape[1] <= W.shape[2]
    for _ in range(POLAR):
        square = W @ W.transpose(1, 2) if wide else W.transpose(1, 2) @ W
        W = 1.5 * W - 0.5 * (square @ W if wide else W @ square)
    return W


def _within(W: torch.Tensor, norm: str) -> torch.Tensor:
    """Divide by the norm where rounding has left it above 1."""
    size: torch.Tensor = torch.linalg.matrix_norm(W, 2 if norm == "spectral" else "fro")
    return W / size.clamp(min=1.0)[:, None, None]
