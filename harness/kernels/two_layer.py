r"""Loss, gradient and Hessian of a small two-layer network, at many points at once.

.. math::
    f(x) = W_2\, \varphi(W_1 x), \qquad
    \ell(\theta) = \frac{1}{2} \sum_n |e_n|^2, \qquad e_n = f(x_n) - y_n,

with :math:`\theta` the entries of :math:`W_1 \in R^{h \times d}` and then those of
:math:`W_2 \in R^{k \times h}`, row by row. With :math:`z = W_1 x` and
:math:`\delta_{nj} = \sum_o e_{no} (W_2)_{oj}`, the Hessian is :math:`\sum_n J_n^T J_n` plus

.. math::
    \frac{\partial^2}{\partial (W_1)_{ji} \partial (W_1)_{jl}}: \sum_n \delta_{nj}
    \varphi''(z_{nj}) x_{ni} x_{nl}, \qquad
    \frac{\partial^2}{\partial (W_1)_{ji} \partial (W_2)_{oj}}: \sum_n e_{no} \varphi'(z_{nj})
    x_{ni}.

Differentiated by hand. For searches in which a thousand matrices of some thirty rows cost less
than one call of automatic differentiation for each; not for large networks, since J is stored. A
bias is a column of ones in X. With X the identity and Y = M^T a linear network's loss is
|W_2 W_1 - M|^2 / 2. Everything is computed in the dtype of `theta`, longdouble too.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

Activation = Literal["linear", "tanh"]
ACTIVATIONS = ("linear", "tanh")


class Net(NamedTuple):
    """Data and architecture: what a point is a point of."""

    X: np.ndarray  # (n, d)
    Y: np.ndarray  # (n, k)
    hidden: int
    activation: Activation = "tanh"

    @property
    def size(self) -> int:
        """Return the number of weights, P = h (d + k)."""
        return int(self.hidden * (self.X.shape[1] + self.Y.shape[1]))


class Expansion(NamedTuple):
    """The loss to second order at K points."""

    value: np.ndarray  # (K,)
    gradient: np.ndarray  # (K, P)
    hessian: np.ndarray  # (K, P, P)


def split(net: Net, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return views W1 (K, h, d) and W2 (K, k, h) of points (K, P).

    Raises
    ------
    ValueError
        Shapes that do not fit, an activation that there is not, or numbers that are not finite.
    """
    h, d, k = net.hidden, net.X.shape[1], net.Y.shape[1]
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
    K = len(theta)
    return theta[:, : h * d].reshape(K, h, d), theta[:, h * d :].reshape(K, k, h)


def outputs(net: Net, theta: np.ndarray) -> np.ndarray:
    """Return f at the rows of X, (K, n, k)."""
    W1, W2 = split(net, theta)
    found: np.ndarray = _activate(net, W1)[0] @ W2.transpose(0, 2, 1)
    return found


def sample_gradients(net: Net, theta: np.ndarray) -> np.ndarray:
    """Return the gradient of |e_n|^2 / 2 for every sample, (K, n, P); its sum is the gradient."""
    W1, W2 = split(net, theta)
    a, slope, _ = _activate(net, W1)
    e = a @ W2.transpose(0, 2, 1) - net.Y
    return _backward(net, a, slope, e, W2)


def expand(net: Net, theta: np.ndarray) -> Expansion:
    """Return loss, gradient and Hessian at points (K, P).

    Raises
    ------
    ValueError
        As `split`.

    Examples
    --------
    One weight a layer, y = 1: the loss (vw - 1)^2 / 2 has its saddle at 0, where its Hessian is
    [[0, -1], [-1, 0]].

    >>> net = Net(np.ones((1, 1)), np.ones((1, 1)), hidden=1, activation="linear")
    >>> value, gradient, hessian = expand(net, np.zeros((1, 2)))
    >>> value.tolist(), gradient.tolist(), hessian.tolist()
    ([0.5], [[0.0, 0.0]], [[[0.0, -1.0], [-1.0, 0.0]]])
    """
    W1, W2 = split(net, theta)
    K, h, d = W1.shape
    n, k = net.Y.shape
    X = net.X
    a, slope, bend = _activate(net, W1)
    e = a @ W2.transpose(0, 2, 1) - net.Y
    # The Jacobian of every output: (K, n k, P).
    J = np.zeros((K, n, k, net.size), theta.dtype)
    through = slope[:, :, None, :] * W2[:, None]  # (K, n, k, h)
    J[..., : h * d] = (through[..., None] * X[None, :, None, None, :]).reshape(K, n, k, h * d)
    for o in range(k):
        at = h * d + o * h
        J[:, :, o, at : at + h] = a
    J = J.reshape(K, n * k, net.size)
    gradient = (e.reshape(K, 1, n * k) @ J)[:, 0]
    hessian = J.transpose(0, 2, 1) @ J
    # (K, h, n) times (n, d d) and times (n, d): one product each.
    if net.activation != "linear":
        curved = ((e @ W2) * bend).transpose(0, 2, 1)
        squares = (X[:, :, None] * X[:, None, :]).reshape(n, d * d)
        blocks = (curved @ squares).reshape(K, h, d, d)
        for j in range(h):
            own = slice(j * d, (j + 1) * d)
            hessian[:, own, own] += blocks[:, j]
    for o in range(k):
        mixed = (e[:, :, o, None] * slope).transpose(0, 2, 1) @ X  # (K, h, d)
        for j in range(h):
            own, at = slice(j * d, (j + 1) * d), h * d + o * h + j
            hessian[:, own, at] += mixed[:, j]
            hessian[:, at, own] += mixed[:, j]
    return Expansion((e**2).sum(axis=(1, 2)) / 2, gradient, hessian)


def _activate(net: Net, W1: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the activation and its first two derivatives, each (K, n, h)."""
    z = net.X @ W1.transpose(0, 2, 1)
    if net.activation == "linear":
        return z, np.ones_like(z), np.zeros_like(z)
    a = np.tanh(z)
    slope = 1 - a * a
    return a, slope, -2 * a * slope


def _backward(
    net: Net, a: np.ndarray, slope: np.ndarray, e: np.ndarray, W2: np.ndarray
) -> np.ndarray:
    K, n, h = a.shape
    d, k = net.X.shape[1], net.Y.shape[1]
    first = ((e @ W2) * slope)[..., None] * net.X[None, :, None, :]
    second = e[..., None] * a[:, :, None, :]
    return np.concatenate([first.reshape(K, n, h * d), second.reshape(K, n, k * h)], axis=2)
