r"""Small networks without biases, many at once: their gradient F, F' v, and gradient descent.

.. math::
    h_k = s(h_{k-1} W_k), \quad f = h_{L-1} W_L, \quad L = \frac{1}{2n} \|f - Y\|^2
    \quad\text{or, for classes,}\quad -\frac1n \sum_i \langle Y_i, \log\mathrm{softmax}(f_i)\rangle

with s(z) = z in the family `lin` and softplus(4z)/4 in `soft`. Weights are one flat vector a
problem. F' v is the derivative of the backward pass along v, written out: the product of the
Hessian with a vector (Pearlmutter, Neural Computation 6, 1994; not checked against the source).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.special import expit, softmax

FAMILIES = ("lin", "soft")
SHARPNESS = 4.0


@dataclass(frozen=True)
class Problems:
    """B data sets of one family and one architecture; all arrays float64."""

    family: str
    widths: tuple[int, ...]
    X: np.ndarray  # (B, n, widths[0])
    Y: np.ndarray  # (B, n, widths[-1])
    classes: bool = False
    """Whether the loss is the cross-entropy."""

    @property
    def n_weights(self) -> int:
        """Return the length P of a flat vector of weights."""
        return sum(a * b for a, b in zip(self.widths[:-1], self.widths[1:], strict=True))

    def take(self, rows: Sequence[int] | np.ndarray) -> Self:
        """Return some of the problems."""
        return replace(self, X=self.X[rows], Y=self.Y[rows])

    def layers(self, x: np.ndarray) -> list[np.ndarray]:
        """Return flat weights (..., P) as matrices (..., m_{k-1}, m_k)."""
        found, at = [], 0
        for a, b in zip(self.widths[:-1], self.widths[1:], strict=True):
            found.append(x[..., at : at + a * b].reshape(*x.shape[:-1], a, b))
            at += a * b
        return found

    def gradient(self, x: np.ndarray) -> np.ndarray:
        """Return F(x) of shape (B, P): the gradient of the loss, each problem at its own x."""
        return self._backward(x, None)

    def product(self, x: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Return F'(x) v of shape (B, P)."""
        return self._backward(x, v)

    def _backward(self, x: np.ndarray, v: np.ndarray | None) -> np.ndarray:
        W = self.layers(x)
        dW = None if v is None else self.layers(v)
        h, dh, slope, bend, dz = [self.X], [], [], [], []
        if dW is not None:
            dh.append(np.zeros_like(self.X))
        for k in range(len(W)):
            z = h[-1] @ W[k]
            last = k == len(W) - 1
            if dW is not None:
                dz.append(h[-1] @ dW[k] + dh[-1] @ W[k] if k else h[-1] @ dW[k])
            if last or self.family == "lin":
                h.append(z)
                slope.append(None)
                bend.append(None)
            else:
                gate = expit(SHARPNESS * z)
                h.append(np.logaddexp(0.0, SHARPNESS * z) / SHARPNESS)
                slope.append(gate)
                bend.append(SHARPNESS * gate * (1 - gate))
            if dW is not None:
                dh.append(dz[-1] if slope[-1] is None else slope[-1] * dz[-1])
        n = self.X.shape[1]
        p = softmax(h[-1], axis=-1) if self.classes else h[-1]
        D = (p - self.Y) / n
        dD = None
        if dW is not None:
            dD = dh[-1] / n
            if self.classes:
                dD = p * (dD - (p * dD).sum(axis=-1, keepdims=True))
        found: list[np.ndarray] = []
        for k in reversed(range(len(W))):
            back = W[k].swapaxes(-1, -2)
            reads = h[k].swapaxes(-1, -2)
            if dD is None:
                found.append(reads @ D)
            else:
                found.append(dh[k].swapaxes(-1, -2) @ D + reads @ dD if k else reads @ dD)
            if not k:
                break
            E, s = D @ back, slope[k - 1]
            if dD is not None:
                dE = dD @ back + D @ dW[k].swapaxes(-1, -2)
                dD = dE if s is None else dE * s + E * bend[k - 1] * dz[k - 1]
            D = E if s is None else E * s
        flat = [g.reshape(len(g), -1) for g in reversed(found)]
        return np.concatenate(flat, axis=1)


def descend(problems: Problems, x: np.ndarray, eta: np.ndarray, n_steps: int) -> np.ndarray:
    """Return the iterates x_0 to x_T of gradient descent, (T + 1, B, P).

    Parameters
    ----------
    x : array of shape (B, P)
    eta : array of shape (B,)
    """
    path = [x]
    for _ in range(n_steps):
        path.append(path[-1] - eta[:, None] * problems.gradient(path[-1]))
    return np.array(path)


def sharpness(problems: Problems, x: np.ndarray, n_power: int = 0) -> np.ndarray:
    """Return the largest eigenvalue of the Hessian, (B,).

    Parameters
    ----------
    n_power
        Power steps (from a fixed start) in place of all eigenvalues, for many weights: first for
        the largest in absolute value, then for the Hessian shifted up by it.
    """
    P = x.shape[1]
    if n_power:
        size = np.abs(_dominant(problems, x, 0.0, n_power))
        return _dominant(problems, x, size[:, None], n_power)
    H = np.stack([problems.product(x, np.broadcast_to(e, x.shape)) for e in np.eye(P)], axis=1)
    return np.linalg.eigvalsh(H)[:, -1]


def _dominant(
    problems: Problems, x: np.ndarray, shift: np.ndarray | float, n_power: int
) -> np.ndarray:
    """Return the eigenvalue for which that of the Hessian plus `shift` is largest in size, (B,)."""
    v = np.random.default_rng(0).standard_normal(x.shape)
    value = np.ones(len(x))
    for _ in range(n_power):
        v /= np.linalg.norm(v, axis=1, keepdims=True)
        w = problems.product(x, v)
        value = np.einsum("bp,bp->b", v, w)
        v = w + shift * v
    return value
