r"""Errors of networks whose weights are drawn from a Gaussian, many networks at a time.

.. math::
    Z_k = \frac{1}{b} \sum_{i \in B_k} 1[\arg\max f_{w_k}(x_i) \ne y_i], \qquad
    w_k = \mu + \sigma \circ \varepsilon_k, \quad \varepsilon_k \sim N(0, I),

with batches :math:`B_k` of b samples drawn without replacement, every one anew: the Z_k are
independent, lie in [0, 1], and their expectation is the Gibbs error on all the samples. A network
is a multilayer perceptron of relus with biases; its D parameters stand in one vector, layer after
layer, each as its matrix W (m_{k-1}, m_k), row by row, and then its bias (m_k,).

The networks of a block share no weights, so their layers are batched products of matrices. A block
holds as many of them as fit into `MOST_NUMBERS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from harness.kernels.float64 import Array, as_tensor

MOST_NUMBERS = 1 << 20
"""Numbers in the largest arrays of a block: weights, and what a layer reads or says."""


def n_parameters(widths: Sequence[int]) -> int:
    """Return D of a network of these widths, inputs and outputs included.

    Examples
    --------
    >>> n_parameters([24, 32, 32, 4])
    1988
    """
    return sum((m + 1) * k for m, k in zip(widths[:-1], widths[1:], strict=True))


def outputs(w: Tensor, X: Tensor, widths: Sequence[int]) -> Tensor:
    """Return what networks say: (k, n, m_L), each of its own samples.

    Parameters
    ----------
    w : tensor of shape (k, D)
    X : tensor of shape (k, n, m_0)

    Examples
    --------
    One relu, f = 3 relu(2 x + 1) - 1, at x = 1:

    >>> outputs(torch.tensor([[2.0, 1.0, 3.0, -1.0]]), torch.ones(1, 1, 1), [1, 1, 1]).item()
    8.0
    """
    h, place = X, 0
    for layer, (m, k) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        W = w[:, place : place + m * k].reshape(-1, m, k)
        b = w[:, place + m * k : place + (m + 1) * k]
        h = torch.baddbmm(b[:, None], torch.relu(h) if layer else h, W)
        place += (m + 1) * k
    return h


def gibbs_errors(
    mu: Array,
    sigma: Array | float,
    widths: Sequence[int],
    X: Array,
    y: Array,
    n_draws: int,
    n_samples: int,
    seed: int,
) -> np.ndarray:
    """Return Z_1 to Z_m, the errors of so many networks on so many samples each.

    Parameters
    ----------
    mu : array of shape (D,)
    sigma : array of shape (D,) or a number
        At least 0.
    widths : sequence of L + 1 int
        m_0 to m_L.
    X : array of shape (n, m_0)
        Computed with in float32.
    y : integer array of shape (n,)
        The first largest output is the answer.
    n_draws, n_samples : int
        m, and b of at most n.
    seed : int
        Of the weights and of the batches.

    Returns
    -------
    float64 array of shape (m,)

    Raises
    ------
    ValueError
        If shapes do not fit, sigma is negative, or an output is not finite.

    Examples
    --------
    Without a spread every network is the same; here the larger input is the answer.

    >>> mu, X = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]), np.eye(2)
    >>> gibbs_errors(mu, 0.0, [2, 2], X, np.array([0, 0]), 3, 2, seed=0)
    array([0.5, 0.5, 0.5])
    """
    mu, X = as_tensor(mu).float(), as_tensor(X).float()
    y = as_tensor(y)
    spread = (
        torch.as_tensor(sigma).float() if isinstance(sigma, float) else as_tensor(sigma).float()
    )
    if mu.shape != (n_parameters(widths),) or spread.shape not in ((), mu.shape):
        raise ValueError(
            f"Networks of widths {list(widths)} have {n_parameters(widths)} parameters, got "
            f"mu {tuple(mu.shape)} and sigma {tuple(spread.shape)}."
        )
    if X.ndim != 2 or X.shape[1] != widths[0] or y.shape != (len(X),):
        raise ValueError(
            f"X must be (n, {widths[0]}) and y (n,), got {tuple(X.shape)}, {tuple(y.shape)}."
        )
    if not 1 <= n_samples <= len(X):
        raise ValueError(f"A batch may have 1 to {len(X)} samples, got {n_samples}.")
    if not bool((spread >= 0).all()):
        raise ValueError("sigma must be at least 0.")
    generator = torch.Generator().manual_seed(seed)
    errors = np.empty(n_draws)
    for start, stop in _blocks(n_draws, n_samples, widths):
        w = torch.randn(stop - start, len(mu), generator=generator).mul_(spread).add_(mu)
        rows = torch.stack(
            [torch.randperm(len(X), generator=generator)[:n_samples] for _ in range(start, stop)]
        )
        said = outputs(w, X[rows], widths)
        if not bool(said.isfinite().all()):
            raise ValueError("A network's output is not finite: its weights are too large.")
        errors[start:stop] = (said.argmax(2) != y[rows]).double().mean(1).numpy()
    return errors


def _blocks(n_draws: int, n_samples: int, widths: Sequence[int]) -> Iterator[tuple[int, int]]:
    each = max(n_parameters(widths), n_samples * max(widths))
    block = max(1, MOST_NUMBERS // each)
    for start in range(0, n_draws, block):
        yield start, min(start + block, n_draws)
