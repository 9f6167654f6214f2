r"""Many networks without biases of one shape, trained at once, each with settings of its own.

The step of network r is that of `harness.kernels.sgd.descend` on half the squared distance,

.. math::
    W_k \leftarrow (1 - \eta_r \lambda_r)\, W_k
    - \frac{\eta_r}{B_r} \sum_{i \in \text{batch}} \frac{\partial \ell_i}{\partial W_k},
    \qquad \ell_i = \tfrac12 \|f(x_i) - y_i\|^2,

with batches drawn with replacement, so that a bank of runs pays what a step costs in calls once
and not once a network. Shorter batches are filled up with rows of weight zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from torch import Tensor

CHUNK = 256
"""Steps whose batches are drawn at once."""

Act = Literal["linear", "relu", "tanh"]


def draw(
    rng: np.random.Generator, widths: tuple[int, ...], gain: np.ndarray, dtype: torch.dtype
) -> list[Tensor]:
    """Draw weights W_k (R, m_{k-1}, m_k) from N(0, gain_r^2 / fan_in), `gain` (R,)."""
    return [
        torch.from_numpy(
            rng.standard_normal((len(gain), fan_in, width))
            * (gain / np.sqrt(fan_in))[:, None, None]
        ).to(dtype)
        for fan_in, width in zip(widths[:-1], widths[1:], strict=True)
    ]


def output(weights: list[Tensor], X: Tensor, activation: Act = "relu") -> Tensor:
    """Return f(X), (R, n, m_L), for X (R, n, m_0)."""
    return _forward(weights, X, activation)[-1]


def descend(
    weights: list[Tensor],
    X: Tensor,
    Y: Tensor,
    *,
    rate: np.ndarray,
    weight_decay: np.ndarray,
    n_steps: np.ndarray,
    batch: np.ndarray | None,
    rng: np.random.Generator,
    activation: Act = "relu",
    observe: Callable[[list[Tensor]], None] | None = None,
    every: int = 0,
) -> None:
    """Take every network's steps, in place.

    Parameters
    ----------
    weights : list of (R, m_{k-1}, m_k)
        As `draw` returns them.
    X, Y : (R, n, m_0) and (R, n, m_L)
        Of the weights' dtype; `expand` repeats shared data without a copy.
    rate, weight_decay, n_steps, batch : (R,)
        Of each network; None for `batch` is all samples at every step.
    rng
        Draws the batches.
    observe, every
        Called with the weights after every so many steps; then all networks must take equally
        many.

    Raises
    ------
    ValueError
        If networks that are observed take different numbers of steps.
    """
    if every and len(set(n_steps.tolist())) > 1:
        raise ValueError("Networks that are observed must take equally many steps.")
    order = np.argsort(-n_steps, kind="stable")  # who is done leaves at the end
    index = torch.from_numpy(order)
    mine = [W[index] for W in weights]
    data, target = X[index], Y[index]
    eta, kept = (
        torch.from_numpy(values[order]).to(X.dtype)[:, None, None]
        for values in (rate, 1 - rate * weight_decay)
    )
    n, left, taken = X.shape[1], n_steps[order], 0
    widest = int(batch.max()) if batch is not None else n
    share = torch.full((len(order), n, 1), 1 / n, dtype=X.dtype)
    if batch is not None:
        inside = np.arange(widest) < batch[order][:, None]
        share = torch.from_numpy(inside / batch[order][:, None]).to(X.dtype)[..., None]
    while (left > taken).any():
        active = int((left > taken).sum())
        until = min(taken + CHUNK, int(left[active - 1]))
        some = [W[:active] for W in mine]
        scale, shrink = eta[:active] * share[:active], kept[:active]
        if batch is not None:
            rows = torch.from_numpy(rng.integers(n, size=(until - taken, active, widest)))
            net = torch.arange(active)[:, None]
        for step in range(until - taken):
            x, y = data[:active], target[:active]
            if batch is not None:
                x, y = x[net, rows[step]], y[net, rows[step]]
            _step(some, x, y, scale, shrink, activation)
            if every and (taken + step + 1) % every == 0 and observe:
                observe(mine)  # all are active, in the order that they came in
        taken = until
    for W, trained in zip(weights, mine, strict=True):
        W[index] = trained


def _forward(weights: list[Tensor], X: Tensor, activation: Act) -> list[Tensor]:
    """Return what every layer reads, and the output."""
    h = [X]
    for W in weights[:-1]:
        z = torch.bmm(h[-1], W)
        if activation == "relu":
            z.relu_()
        elif activation == "tanh":
            z.tanh_()
        h.append(z)
    h.append(torch.bmm(h[-1], weights[-1]))
    return h


def _step(
    weights: list[Tensor], X: Tensor, Y: Tensor, scale: Tensor, shrink: Tensor, activation: Act
) -> None:
    """Take one step; `scale` (R, B, 1) is rate times share, `shrink` (R, 1, 1) what is kept."""
    *h, out = _forward(weights, X, activation)
    delta = out.sub_(Y).mul_(scale)
    for k in range(len(weights) - 1, -1, -1):
        back = torch.bmm(delta, weights[k].mT) if k else None
        weights[k].mul_(shrink)
        weights[k].baddbmm_(h[k].mT, delta, alpha=-1)
        if back is not None:
            if activation == "relu":
                back.mul_(h[k] > 0)
            elif activation == "tanh":
                back.mul_(1 - h[k].square())
            delta = back
