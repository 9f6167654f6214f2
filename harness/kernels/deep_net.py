r"""Loss, gradient and Hessian of a small network of any depth, at many points at once.

.. math::
    f(x) = W_L\, \varphi(W_{L-1} \cdots \varphi(W_1 x)), \qquad
    \ell(\theta) = \frac{1}{2} \sum_n |f(x_n) - y_n|^2,

with :math:`\theta` the entries of :math:`W_1, \ldots, W_L`, row by row. With :math:`z_l = W_l
a_{l-1}`, :math:`a_l = \varphi(z_l)` and :math:`\delta_L = f - y`, backpropagation is

.. math::
    \delta_{l-1} = (W_l^T \delta_l) \circ \varphi'(z_{l-1}), \qquad
    \partial \ell / \partial W_l = \sum_n \delta_l a_{l-1}^T,

and a row of the Hessian its derivative along one weight, forward over reverse (Pearlmutter, Neural
Computation 6(1), 1994; not checked against the source), here along all weights side by side. That
takes P times the memory of a gradient: for searches in which a hundred matrices of some thirty
rows cost less than one call of automatic differentiation for each, and not for large networks. At
depth 2 `two_layer` takes a quarter of the time. A bias is a column of ones in X. Everything is
computed in the dtype of `theta`, longdouble too.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import expit

from harness.kernels.two_layer import Expansion

Activation = Literal["linear", "tanh", "softplus"]
ACTIVATIONS = ("linear", "tanh", "softplus")


class DeepNet(NamedTuple):
    """Data and architecture: what a point is a point of."""

    X: np.ndarray  # (n, d)
    Y: np.ndarray  # (n, k)
    hidden: tuple[int, ...]
    activation: Activation = "softplus"

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Return the shape of every W, (out, in)."""
        widths = [self.X.shape[1], *self.hidden, self.Y.shape[1]]
        return list(zip(widths[1:], widths, strict=False))

    @property
    def size(self) -> int:
        """Return the number of weights, P."""
        return sum(n_out * n_in for n_out, n_in in self.shapes)


def split(net: DeepNet, theta: np.ndarray) -> list[np.ndarray]:
    """Return views W_l (K, out, in) of points (K, P).

    Raises
    ------
    ValueError
        Shapes that do not fit, an activation that there is not, or numbers that are not finite.
    """
    if len(net.X) != len(net.Y) or not len(net.X):
        raise ValueError(f"X and Y must share n > 0, got {len(net.X)} and {len(net.Y)} rows.")
    if net.activation not in ACTIVATIONS:
        raise ValueError(f"The activation must be one of {ACTIVATIONS}, got {net.activation!r}.")
    if theta.ndim != 2 or theta.shape[1] != net.size or theta.dtype.kind != "f":
        raise ValueError(
            f"Points must be floats of shape (any, {net.size}), got {theta.dtype} {theta.shape}."
        )
    if not np.isfinite(theta).all():
        raise ValueError("Points must be finite, got NaN or infinity.")
    found, at = [], 0
    for n_out, n_in in net.shapes:
        found.append(theta[:, at : at + n_out * n_in].reshape(-1, n_out, n_in))
        at += n_out * n_in
    return found


def outputs(net: DeepNet, theta: np.ndarray) -> np.ndarray:
    """Return f at the rows of X, (K, n, k)."""
    *hidden, last = split(net, theta)
    a = np.broadcast_to(net.X, (len(theta), *net.X.shape))
    for W in hidden:
        a = _activate(net, a @ W.transpose(0, 2, 1))[0]
    found: np.ndarray = a @ last.transpose(0, 2, 1)
    return found


def expand(net: DeepNet, theta: np.ndarray) -> Expansion:
    """Return loss, gradient and Hessian at points (K, P).

    Raises
    ------
    ValueError
        As `split`.

    Examples
    --------
    Three linear weights, y = 1: the loss (uvw - 1)^2 / 2 is flat to second order at 0.

    >>> net = DeepNet(np.ones((1, 1)), np.ones((1, 1)), (1, 1), "linear")
    >>> value, gradient, hessian = expand(net, np.zeros((1, 3)))
    >>> value.tolist(), gradient.tolist(), bool(hessian.any())
    ([0.5], [[0.0, 0.0, 0.0]], False)
    """
    weights = split(net, theta)
    K, P = theta.shape
    n, depth = len(net.X), len(weights)
    # Forward: a (K, n, in) of every layer and, along each weight, its tangent (K, P, n, in).
    a = np.broadcast_to(net.X, (K, *net.X.shape)).astype(theta.dtype)
    inputs, tangents, slopes, bends, along = [a], [np.zeros((K, 1, n, 1), theta.dtype)], [], [], []
    at = 0
    for layer, W in enumerate(weights):
        n_out, n_in = W.shape[1:]
        own = slice(at, at + n_out * n_in)
        at = own.stop
        z = inputs[-1] @ W.transpose(0, 2, 1)
        dz = np.zeros((K, P, n, n_out), theta.dtype)
        if layer:
            dz[:, : own.start] = tangents[-1][:, : own.start] @ W.transpose(0, 2, 1)[:, None]
        for j in range(n_out):  # along (W_l)_ji only z_j moves, by a_i
            rows = slice(own.start + j * n_in, own.start + (j + 1) * n_in)
            dz[:, rows, :, j] = inputs[-1].transpose(0, 2, 1)
        along.append(dz)
        if layer < depth - 1:
            a, slope, bend = _activate(net, z)
            inputs.append(a)
            slopes.append(slope)
            bends.append(bend)
            tangents.append(slope[:, None] * dz)
    # Backward: delta (K, n, out) and its tangents.
    delta, ddelta = z - net.Y, along[-1]
    value = (delta**2).sum(axis=(1, 2)) / 2
    gradient = np.empty((K, P), theta.dtype)
    hessian = np.empty((K, P, P), theta.dtype)
    for layer in range(depth - 1, -1, -1):
        W = weights[layer]
        n_out, n_in = W.shape[1:]
        at -= n_out * n_in
        own = slice(at, at + n_out * n_in)
        gradient[:, own] = (delta.transpose(0, 2, 1) @ inputs[layer]).reshape(K, n_out * n_in)
        row = ddelta.transpose(0, 1, 3, 2) @ inputs[layer][:, None]
        if layer:
            row += delta.transpose(0, 2, 1)[:, None] @ tangents[layer]
        hessian[:, :, own] = row.reshape(K, P, n_out * n_in)
        if layer:
            back = delta @ W
            dback = ddelta @ W[:, None]
            for j in range(n_out):
                for i in range(n_in):
                    dback[:, own.start + j * n_in + i, :, i] += delta[:, :, j]
            slope, bend = slopes[layer - 1], bends[layer - 1]
            ddelta = dback * slope[:, None] + (back * bend)[:, None] * along[layer - 1]
            delta = back * slope
    return Expansion(value, gradient, hessian)


def _activate(net: DeepNet, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the activation and its first two derivatives, each of the shape of z."""
    if net.activation == "linear":
        return z, np.ones_like(z), np.zeros_like(z)
    if net.activation == "tanh":
        a = np.tanh(z)
        slope = 1 - a * a
        return a, slope, -2 * a * slope
    slope = expit(z)
    return np.logaddexp(0, z), slope, slope * (1 - slope)
