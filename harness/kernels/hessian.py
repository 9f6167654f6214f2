r"""Hessian of a network's mean loss: products with vectors, extreme eigenvalues, trace, the matrix.

With :math:`R\{x\} = \partial_\epsilon x(W + \epsilon V)|_0`, rules of the chain carry the
direction V through the forward and the backward pass (notation of `mlp`):

.. math::
    R\{z_k\} &= R\{h_{k-1}\} W_k + h_{k-1} V_k, \qquad
    R\{h_k\} = \varphi'(z_k) \circ R\{z_k\} \;(+\, R\{h_{k-1}\}), \\
    R\{G_{k-1}\} &= R\{\Delta_k\} W_k^T + \Delta_k V_k^T \;(+\, R\{G_k\}), \\
    R\{\Delta_k\} &= R\{G_k\} \circ \varphi'(z_k) + G_k \circ \varphi''(z_k) \circ R\{z_k\}, \\
    H V &= \big( h_{k-1}^T R\{\Delta_k\} + R\{h_{k-1}\}^T \Delta_k \big)_k / n .

B. A. Pearlmutter, *Fast exact multiplication by the Hessian*, Neural Computation 6(1):147-160,
1994 (not checked against the source). By hand for the reason that gradients are; what does not
depend on V is computed once for all vectors. The kinks of ReLUs count as straight.

The Hessian is of the loss alone, in float64: weight decay adds a multiple of the identity.
Vectors have the order of `mlp.flat`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from harness.kernels.mlp import (
    MLP,
    Loss,
    check,
    curvature,
    forward,
    in_float64,
    output_curvature,
    output_gradient,
    skips,
    slope,
    unflat,
)

_ENTRIES = 2**19
"""Numbers in one layer's derivatives of so many directions as are taken at once: in the cache."""


class Estimate(NamedTuple):
    """A mean of random numbers and its standard error."""

    value: float
    stderr: float


def hessian_product(
    net: MLP, X: np.ndarray, Y: np.ndarray, loss: Loss = "square"
) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function that multiplies vectors of shape (..., P) by the Hessian.

    Parameters
    ----------
    X : array of shape (n, m_0)
    Y : array of shape (n, m_L)
        As `mlp.gradient` takes them.

    Raises
    ------
    ValueError
        As `mlp.gradient`, and if a weight is not finite.

    Examples
    --------
    f = u w x at u = w = x = 1, y = 0: L = (u w)^2 / 2 has the Hessian (1 2; 2 1).

    >>> product = hessian_product(MLP([np.eye(1), np.eye(1)]), np.eye(1), np.zeros((1, 1)))
    >>> product(np.array([1.0, 0.0]))
    array([1., 2.])
    """
    net = in_float64(net)
    X, Y = X.astype(np.float64), Y.astype(np.float64)
    check(net, X, Y, loss)
    passed = forward(net, X)
    top = len(passed.a)  # weights[top] is the last layer, those below it are hidden
    adds = [skips(net, k) for k in range(top)]
    slopes = [slope(net, a) for a in passed.a]
    G: list[np.ndarray] = [np.empty(0)] * top
    deltas = [*G, output_gradient(passed.output, Y, loss)]
    for k in range(top - 1, -1, -1):
        G[k] = deltas[k + 1] @ net.weights[k + 1].T
        if k + 1 < top and adds[k + 1]:
            G[k] += G[k + 1]
        deltas[k] = G[k] * slopes[k]
    second = [curvature(net, a) for a in passed.a]
    bends = [None if s is None else g * s for g, s in zip(G, second, strict=True)]

    def product(vectors: np.ndarray) -> np.ndarray:
        V = unflat(np.asarray(vectors, np.float64), net)
        turned: list[np.ndarray] = []  # R{z_k}
        moved: list[np.ndarray] = []  # R{h_k}
        for k in range(top + 1):
            z = passed.h[k] @ V[k]
            if k:
                z += moved[-1] @ net.weights[k]
            turned.append(z)
            if k < top:
                h = slopes[k] * z
                if adds[k]:
                    h += moved[-1]
                moved.append(h)
        R = output_curvature(passed.output, Y, loss, turned[top])  # R{Delta_k}
        above = R  # R{G_k}
        result: list[np.ndarray] = []
        for k in range(top, -1, -1):
            part = passed.h[k].T @ R
            if k:
                part += np.swapaxes(moved[k - 1], -1, -2) @ deltas[k]
            result.append(part.reshape(*part.shape[:-2], -1))
            if k:
                below = R @ net.weights[k].T
                below += deltas[k] @ np.swapaxes(V[k], -1, -2)
                if k < top and adds[k]:
                    below += above
                above = below
                R = above * slopes[k - 1]
                bend = bends[k - 1]
                if bend is not None:
                    R += bend * turned[k - 1]
        together = np.concatenate(result[::-1], axis=-1)
        together /= len(X)
        return together

    return product


def hessian(net: MLP, X: np.ndarray, Y: np.ndarray, loss: Loss = "square") -> np.ndarray:
    """Return the matrix. It takes 8 P^2 bytes and about the time of P gradients.

    Returns
    -------
    float64 array of shape (P, P), symmetric

    Raises
    ------
    ValueError
        As `hessian_product`.

    Examples
    --------
    >>> hessian(MLP([np.eye(1), np.eye(1)]), np.eye(1), np.zeros((1, 1)))
    array([[1., 2.],
           [2., 1.]])
    """
    product = hessian_product(net, X, Y, loss)
    P = sum(W.size for W in net.weights)
    H = np.empty((P, P))
    widest = max(max(W.shape) for W in net.weights)
    at_once = max(1, _ENTRIES // (len(X) * widest))
    for start in range(0, P, at_once):
        rows = np.arange(start, min(start + at_once, P))
        directions = np.zeros((len(rows), P))
        directions[np.arange(len(rows)), rows] = 1
        H[rows] = product(directions)
    H += H.T.copy()
    H /= 2
    return H


def top_eigenvalues(
    net: MLP, X: np.ndarray, Y: np.ndarray, k: int, loss: Loss = "square", tol: float = 1e-10
) -> np.ndarray:
    """Return the k largest eigenvalues, by Lanczos iteration.

    Parameters
    ----------
    k : int
        From 1 to P.
    tol : float
        Relative accuracy of the eigenvalues.

    Returns
    -------
    float64 array of shape (k,), the largest first

    Raises
    ------
    ValueError
        As `hessian_product`, and if `k` is out of range.

    Examples
    --------
    >>> net = MLP([np.eye(1), np.eye(1)])
    >>> np.round(top_eigenvalues(net, np.eye(1), np.zeros((1, 1)), k=2), 12)
    array([ 3., -1.])
    """
    P = sum(W.size for W in net.weights)
    if not 1 <= k <= P:
        raise ValueError(f"k must be 1 to {P}, got {k}.")
    if P <= 64 or 3 * k >= P:
        return np.linalg.eigvalsh(hessian(net, X, Y, loss))[::-1][:k].copy()
    product = hessian_product(net, X, Y, loss)
    operator = LinearOperator((P, P), matvec=product, dtype=np.float64)
    start = np.random.default_rng(0).standard_normal(P)  # the same numbers at every call
    w = eigsh(operator, k, which="LA", v0=start, tol=tol, return_eigenvectors=False)
    return np.sort(w)[::-1]


def hessian_trace(
    net: MLP,
    X: np.ndarray,
    Y: np.ndarray,
    n_probes: int,
    seed: int,
    loss: Loss = "square",
) -> Estimate:
    """Estimate the trace by random signs v: the mean of v^T H v is tr H.

    M. F. Hutchinson, *A stochastic estimator of the trace of the influence matrix for Laplacian
    smoothing splines*, Communications in Statistics 19(2), 1990 (not checked against the source).

    Parameters
    ----------
    n_probes : int
        Products with the Hessian, at least 2. The standard error falls with its square root.

    Raises
    ------
    ValueError
        As `hessian_product`, and if there are fewer than 2 probes.

    Examples
    --------
    A diagonal Hessian gives its trace at every probe; here it is the identity of 8 weights.

    >>> hessian_trace(MLP([np.ones((4, 2))]), 2 * np.eye(4), np.ones((4, 2)), 2, seed=0)
    Estimate(value=8.0, stderr=0.0)
    """
    if n_probes < 2:
        raise ValueError(f"A standard error needs at least 2 probes, got {n_probes}.")
    product = hessian_product(net, X, Y, loss)
    rng = np.random.default_rng(seed)
    P = sum(W.size for W in net.weights)
    probes = np.empty(n_probes)
    for i in range(n_probes):
        v = rng.integers(2, size=P) * 2.0 - 1
        probes[i] = v @ product(v)
    return Estimate(float(probes.mean()), float(probes.std(ddof=1)) / math.sqrt(n_probes))
