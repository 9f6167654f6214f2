r"""Gradient descent and its stochastic version with constant rate, on a network without biases.

.. math::
    W_k \leftarrow (1 - \eta \lambda)\, W_k
    - \frac{\eta}{B} \sum_{i \in \text{batch}} \frac{\partial \ell_i}{\partial W_k},

so the objective is the mean loss plus :math:`\tfrac\lambda2 \sum_k \|W_k\|_F^2`. The B samples of a
batch are drawn with replacement, so that their mean gradient has the covariance C / B of
`sample_gradients`; without a batch size every step takes all samples.

No momentum, no schedule: whoever wants another rate calls `descend` again. A run depends on its
seed alone, and not on how often it is looked at; between machines it agrees as far as sums of
floating-point numbers do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from harness.kernels.mlp import (
    MLP,
    Activation,
    Loss,
    backward,
    check,
    draw_mlp,
    forward,
    output_gradient,
)

_DRAWN = 1024
"""Steps whose batches are drawn at once, and after which weights are looked at for NaN."""

Observed = Mapping[str, float | np.ndarray]


class Trained(NamedTuple):
    """A network after its last step, and what was observed on the way."""

    net: MLP
    steps: np.ndarray  # int64 (r,), after how many steps it was observed
    observed: dict[str, np.ndarray]  # each (r, ...)
    diverged: bool
    """Whether weights ceased to be finite: then the run ended early, and nothing of it is kept
    from there on. ReLUs may die of too large a rate instead, with finite weights: see the loss."""


def train(
    X: np.ndarray,
    Y: np.ndarray,
    widths: Sequence[int],
    *,
    rate: float,
    n_steps: int,
    seed: int,
    batch: int | None = None,
    weight_decay: float = 0.0,
    gain: float = 2**0.5,
    activation: Activation = "relu",
    beta: float = 1.0,
    residual: bool = False,
    loss: Loss = "square",
    observe: Callable[[MLP], Observed] | None = None,
    at: Sequence[int] | None = None,
) -> Trained:
    """Draw a network, train it and observe it on the way.

    Parameters
    ----------
    X : array of shape (n, m_0)
    Y : array of shape (n, m_L)
        As `mlp.gradient` takes them. Both float32 or both float64, which the network will be.
    widths : sequence of L + 1 int
        m_0 to m_L.
    rate, n_steps, batch, weight_decay, loss
        As `descend` takes them.
    seed : int
        Of the weights and of the batches, which do not share random numbers.
    gain, activation, beta, residual
        As `mlp.draw_mlp` takes them.
    observe : function of the network, optional
        Returns named numbers or arrays, the same at every call. It must not change the weights.
    at : sequence of int, optional
        After how many steps to observe, rising; by default at the end alone.

    Raises
    ------
    ValueError
        As `descend`, and if `at` does not rise from 0 or more to at most `n_steps`.

    Examples
    --------
    One weight from 0 towards 1, half of the way at every step:

    >>> one = np.ones((1, 1))
    >>> run = train(one, one, [1, 1], rate=0.5, n_steps=2, seed=0, gain=0.0, at=[0, 1, 2],
    ...             observe=lambda net: {"w": net.weights[0].item()})
    >>> run.observed["w"].tolist(), run.diverged
    ([0.0, 0.5, 0.75], False)
    """
    steps = [n_steps] if at is None else list(at)
    if steps != sorted(set(steps)) or (steps and not 0 <= steps[0] <= steps[-1] <= n_steps):
        raise ValueError(f"`at` must rise from 0 or more to at most {n_steps}, got {steps}.")
    weights, batches = np.random.default_rng(seed).spawn(2)
    net = draw_mlp(widths, gain, weights, activation, beta, residual, X.dtype.type)
    seen: list[Observed] = []
    done, alive = 0, True
    for step in steps:
        alive = descend(net, X, Y, rate, step - done, batches, batch, weight_decay, loss)
        if not alive:
            break
        done = step
        seen.append({} if observe is None else observe(net))
    if alive:
        alive = descend(net, X, Y, rate, n_steps - done, batches, batch, weight_decay, loss)
    observed = {name: np.array([one[name] for one in seen]) for name in (seen[0] if seen else ())}
    return Trained(net, np.array(steps[: len(seen)], np.int64), observed, not alive)


def descend(
    net: MLP,
    X: np.ndarray,
    Y: np.ndarray,
    rate: float,
    n_steps: int,
    seed: int | np.random.Generator,
    batch: int | None = None,
    weight_decay: float = 0.0,
    loss: Loss = "square",
    frozen: Collection[int] = (),
) -> bool:
    """Take steps, changing the weights in place, and return whether they are still finite.

    Parameters
    ----------
    X : array of shape (n, m_0)
    Y : array of shape (n, m_L)
    rate : float
        eta, positive.
    n_steps : int
    seed : int or Generator
        Of the batches. Two calls with one generator are one call with all steps.
    batch : int, optional
        B; by default all samples at every step.
    weight_decay : float
        lambda.
    frozen : collection of int
        Layers, from 0, that keep their weights.

    Raises
    ------
    ValueError
        If shapes or dtypes do not fit, a name is unknown, or a number is out of range.

    Examples
    --------
    >>> net = MLP([np.zeros((1, 1))])
    >>> descend(net, np.ones((1, 1)), np.ones((1, 1)), rate=0.5, n_steps=2, seed=0)
    True
    >>> net.weights[0].item()
    0.75
    """
    check(net, X, Y, loss)
    dtypes = {array.dtype for array in (X, Y, *net.weights)}
    if dtypes not in ({np.dtype(np.float32)}, {np.dtype(np.float64)}):
        names = ", ".join(sorted(map(str, dtypes)))
        raise ValueError(f"X, Y and weights must be all float32 or all float64, got {names}.")
    if not rate > 0 or not weight_decay >= 0 or n_steps < 0 or (batch is not None and batch < 1):
        raise ValueError(
            "The rate must be positive, the batch at least 1, weight decay and steps at least 0, "
            f"got {rate}, {batch}, {weight_decay} and {n_steps}."
        )
    rng = np.random.default_rng(seed)
    n = len(X)
    shrink, scale = 1 - rate * weight_decay, -rate / (batch or n)
    moving = [k for k in range(len(net.weights)) if k not in frozen]
    x, y = X, Y
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, n_steps, _DRAWN):
            n_drawn = min(_DRAWN, n_steps - start)
            rows = None if batch is None else rng.integers(n, size=(n_drawn, batch))
            for i in range(n_drawn):
                if rows is not None:
                    x, y = X.take(rows[i], 0), Y.take(rows[i], 0)
                passed = forward(net, x)
                deltas = backward(net, passed, output_gradient(passed.output, y, loss))
                for k in moving:
                    W = net.weights[k]
                    G = passed.h[k].T @ deltas[k]
                    G *= scale
                    if shrink != 1:
                        W *= shrink
                    W += G
            if not all(np.isfinite(W).all() for W in net.weights):
                return False
    return True
