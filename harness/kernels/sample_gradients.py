r"""Gradients of single samples: their norms, themselves, and their covariance, the noise of SGD.

The gradient of a sample's loss by W_k is an outer product of what the layer reads and what comes
back, so its norm needs no gradient:

.. math::
    g_i = \big( h_{k-1,i}\, \delta_{k,i}^T \big)_k, \qquad
    |g_i|^2 = \sum_k |h_{k-1,i}|^2\, |\delta_{k,i}|^2, \qquad
    C = \frac1n \sum_i (g_i - \bar g)(g_i - \bar g)^T .

The norms are those of I. Goodfellow, *Efficient per-example gradient computations*,
arXiv:1510.01799, 2015 (not checked against the source). A batch of B samples drawn with
replacement has a mean gradient of covariance C / B; drawn without, of C / B (n - B) / (n - 1).

Gradients are of the loss alone: weight decay shifts all of them alike and leaves C as it is.
"""

from __future__ import annotations

import numpy as np

from harness.kernels.mlp import (
    MLP,
    Loss,
    backward,
    check,
    forward,
    in_float64,
    output_gradient,
)


def sample_gradient_norms(
    net: MLP, X: np.ndarray, Y: np.ndarray, loss: Loss = "square"
) -> np.ndarray:
    """Return the norm of every sample's gradient, for the cost of one.

    Parameters
    ----------
    X : array of shape (n, m_0)
    Y : array of shape (n, m_L)
        As `mlp.gradient` takes them.

    Returns
    -------
    array of shape (n,), in the dtype of the network

    Raises
    ------
    ValueError
        As `mlp.gradient`.

    Examples
    --------
    The gradient is (3, 12), as in `mlp.gradient`, and its norm the square root of 153:

    >>> net = MLP([np.array([[2.0]]), np.array([[0.5]])])
    >>> sample_gradient_norms(net, np.array([[3.0]]), np.array([[1.0]])) ** 2
    array([153.])
    """
    h, deltas = _factors(net, X, Y, loss)
    squares = np.zeros(len(X), deltas[0].dtype)
    for a, d in zip(h, deltas, strict=True):
        squares += np.einsum("ni,ni->n", a, a) * np.einsum("nj,nj->n", d, d)
    return np.sqrt(squares, out=squares)


def sample_gradients(net: MLP, X: np.ndarray, Y: np.ndarray, loss: Loss = "square") -> np.ndarray:
    """Return every sample's gradient, in the order of `mlp.flat`.

    Parameters
    ----------
    X : array of shape (n, m_0)
    Y : array of shape (n, m_L)

    Returns
    -------
    array of shape (n, P), in the dtype of the network

    Raises
    ------
    ValueError
        As `mlp.gradient`.

    Examples
    --------
    >>> net = MLP([np.array([[2.0]]), np.array([[0.5]])])
    >>> sample_gradients(net, np.array([[3.0]]), np.array([[1.0]]))
    array([[ 3., 12.]])
    """
    h, deltas = _factors(net, X, Y, loss)
    gradients = np.empty((len(X), sum(W.size for W in net.weights)), deltas[0].dtype)
    outer_products(h, deltas, gradients)
    return gradients


def outer_products(h: list[np.ndarray], deltas: list[np.ndarray], out: np.ndarray) -> None:
    """Write the outer product of what every layer reads and what comes back, sample by sample.

    Parameters
    ----------
    h : list of L arrays of shape (n, m_{k-1})
    deltas : list of L arrays of shape (n, m_k)
    out : array of shape (n, P)

    Examples
    --------
    >>> out = np.empty((1, 4))
    >>> outer_products([np.array([[1.0, 2.0]])], [np.array([[3.0, 4.0]])], out)
    >>> out
    array([[3., 4., 6., 8.]])
    """
    start = 0
    for a, d in zip(h, deltas, strict=True):
        end = start + a.shape[1] * d.shape[1]
        # Splitting the last axis of a slice needs no copy, so this writes into `out`.
        block = out[:, start:end].reshape(len(a), a.shape[1], d.shape[1])
        np.einsum("ni,nj->nij", a, d, out=block)  # a third of the time of a broadcast product
        start = end


def gradient_covariance(
    net: MLP, X: np.ndarray, Y: np.ndarray, loss: Loss = "square"
) -> np.ndarray:
    """Return C, the covariance of the gradients over the samples.

    Parameters
    ----------
    X : array of shape (n, m_0)
    Y : array of shape (n, m_L)

    Returns
    -------
    float64 array of shape (P, P)

    Raises
    ------
    ValueError
        As `mlp.gradient`, and if a weight is not finite.

    Examples
    --------
    f = w x at x = 1 with w = 1: targets 0 and 4 pull by 1 and -3, around -1.

    >>> gradient_covariance(MLP([np.eye(1)]), np.ones((2, 1)), np.array([[0.0], [4.0]]))
    array([[4.]])
    """
    G = sample_gradients(in_float64(net), X.astype(np.float64), Y.astype(np.float64), loss)
    G -= G.mean(0)
    C: np.ndarray = G.T @ G  # a matrix times its own transpose costs numpy half a product
    C /= len(G)
    return C


def _factors(
    net: MLP, X: np.ndarray, Y: np.ndarray, loss: Loss
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    check(net, X, Y, loss)
    passed = forward(net, X)
    return passed.h, backward(net, passed, output_gradient(passed.output, Y, loss))
