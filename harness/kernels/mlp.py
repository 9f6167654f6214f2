r"""Multilayer perceptron without biases: forward pass, losses and gradients written out by hand.

.. math::
    z_k = h_{k-1} W_k, \qquad h_0 = X, \qquad
    h_k = \varphi(z_k) \;(+\, h_{k-1} \text{ if residual}), \qquad f(X) = z_L,

and backwards, with :math:`G_k = \partial \ell / \partial h_k` and
:math:`\Delta_k = \partial \ell / \partial z_k`,

.. math::
    \Delta_k = G_k \circ \varphi'(z_k), \qquad
    G_{k-1} = \Delta_k W_k^T \;(+\, G_k \text{ if residual}), \qquad
    \partial \ell / \partial W_k = h_{k-1}^T \Delta_k .

D. E. Rumelhart, G. E. Hinton, R. J. Williams, *Learning representations by back-propagating
errors*, Nature 323, 1986 (not checked against the source). By hand because at width 64 automatic
differentiation costs several times the arithmetic; in numpy because a call of torch costs more,
up to batches of 256.

A network is a list of arrays and the name of an activation, and every kernel of networks takes
it so. All is computed in the dtype of the weights: X and Y should have the same. A bias is a
column of ones in X.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import expit

Activation = Literal["linear", "relu", "leaky_relu", "tanh", "softplus"]
ACTIVATIONS = ("linear", "relu", "leaky_relu", "tanh", "softplus")

Loss = Literal["square", "cross_entropy", "logistic"]
"""Of one sample: |f - y|^2 / 2; -sum_c y_c log softmax(f)_c; sum_c log(1 + exp(-y_c f_c))."""
LOSSES = ("square", "cross_entropy", "logistic")


class MLP(NamedTuple):
    """A network as plain arrays."""

    weights: list[np.ndarray]  # W_k (m_{k-1}, m_k), k = 1 to L
    activation: Activation = "relu"
    beta: float = 1.0
    """softplus is log(1 + exp(beta z)) / beta, leaky_relu is beta z below zero."""
    residual: bool = False
    """Whether hidden layers after the first add what they read, where their width allows it."""


class Pass(NamedTuple):
    """What a forward pass leaves behind."""

    h: list[np.ndarray]  # h_0 to h_{L-1}, each (n, m_k)
    a: list[np.ndarray]  # phi(z_1) to phi(z_{L-1}); the same arrays as h unless residual
    output: np.ndarray  # (n, m_L)


class Gradient(NamedTuple):
    """Mean loss and its gradient, in the shapes of the weights."""

    loss: float
    weights: list[np.ndarray]


def draw_mlp(
    widths: Sequence[int],
    gain: float,
    seed: int | np.random.Generator,
    activation: Activation = "relu",
    beta: float = 1.0,
    residual: bool = False,
    dtype: type[np.floating] = np.float32,
) -> MLP:
    """Draw weights from N(0, gain^2 / fan_in). He's initialization is the gain sqrt(2).

    Parameters
    ----------
    widths : sequence of L + 1 int
        m_0 to m_L.

    Examples
    --------
    >>> [W.shape for W in draw_mlp([3, 5, 2], gain=1.0, seed=0).weights]
    [(3, 5), (5, 2)]
    """
    rng = np.random.default_rng(seed)
    weights = [
        (rng.standard_normal((fan_in, width)) * (gain / fan_in**0.5)).astype(dtype)
        for fan_in, width in zip(widths[:-1], widths[1:], strict=True)
    ]
    return MLP(weights, activation, beta, residual)


def forward(net: MLP, X: np.ndarray) -> Pass:
    """Return what every layer reads, and the output.

    Parameters
    ----------
    X : array of shape (n, m_0)

    Examples
    --------
    >>> net = MLP([np.array([[1.0, -1.0]]), np.array([[2.0], [3.0]])])
    >>> forward(net, np.array([[4.0], [-4.0]])).output.tolist()
    [[8.0], [12.0]]
    """
    h, a = [X], []
    for k, W in enumerate(net.weights[:-1]):
        act = _activate(net, h[-1] @ W)
        a.append(act)
        h.append(act + h[-1] if skips(net, k) else act)
    return Pass(h, a, h[-1] @ net.weights[-1])


def backward(net: MLP, passed: Pass, D: np.ndarray) -> list[np.ndarray]:
    r"""Return :math:`\Delta_1` to :math:`\Delta_L`, the derivatives by what activations read.

    Parameters
    ----------
    D : array of shape (..., n, m_L)
        Derivative by the output; axes in front are so many derivatives at once.

    Returns
    -------
    list of L arrays of shape (..., n, m_k)

    Examples
    --------
    >>> net = MLP([np.array([[1.0, -1.0]]), np.array([[2.0], [3.0]])])
    >>> [d.tolist() for d in backward(net, forward(net, np.array([[4.0]])), np.array([[1.0]]))]
    [[[2.0, 0.0]], [[1.0]]]
    """
    deltas = [D]
    G = None
    for k in range(len(net.weights) - 2, -1, -1):
        through = deltas[-1] @ net.weights[k + 1].T
        if G is not None and skips(net, k + 1):
            through += G
        if net.residual:
            G = through
        deltas.append(through * slope(net, passed.a[k]))
    return deltas[::-1]


def gradient(net: MLP, X: np.ndarray, Y: np.ndarray, loss: Loss = "square") -> Gradient:
    """Return the mean loss over the samples and its gradient.

    Parameters
    ----------
    X : array of shape (n, m_0)
    Y : array of shape (n, m_L)
        Any targets of the square loss, one-hot labels or probabilities of the cross-entropy,
        +1 and -1 of the logistic loss.

    Raises
    ------
    ValueError
        If shapes do not fit, or a name is unknown.

    Examples
    --------
    z = 3 * 2 = 6, f = 6 * 0.5 = 3, y = 1: the loss is 2, df/dW = (1, 6).

    >>> net = MLP([np.array([[2.0]]), np.array([[0.5]])])
    >>> g = gradient(net, np.array([[3.0]]), np.array([[1.0]]))
    >>> g.loss, [W.item() for W in g.weights]
    (2.0, [3.0, 12.0])
    """
    check(net, X, Y, loss)
    passed = forward(net, X)
    deltas = backward(net, passed, output_gradient(passed.output, Y, loss))
    weights = [h.T @ delta for h, delta in zip(passed.h, deltas, strict=True)]
    for W in weights:
        W /= len(X)
    return Gradient(float(sample_losses(passed.output, Y, loss).mean()), weights)


def sample_losses(output: np.ndarray, Y: np.ndarray, loss: Loss) -> np.ndarray:
    """Return the loss of every sample.

    Examples
    --------
    >>> sample_losses(np.array([[3.0, 0.0]]), np.array([[1.0, 1.0]]), "square").tolist()
    [2.5]
    """
    losses: np.ndarray
    if loss == "square":
        D = output - Y
        losses = np.einsum("nc,nc->n", D, D) / 2
    elif loss == "cross_entropy":
        losses = -np.einsum("nc,nc->n", Y, _log_softmax(output))
    else:
        losses = np.logaddexp(0, -Y * output).sum(1)
    return losses


def output_gradient(output: np.ndarray, Y: np.ndarray, loss: Loss) -> np.ndarray:
    """Return the derivative of every sample's loss by its own output, shape (n, m_L).

    Examples
    --------
    >>> output_gradient(np.array([[3.0]]), np.array([[1.0]]), "square").tolist()
    [[2.0]]
    """
    D: np.ndarray
    if loss == "square":
        D = output - Y
    elif loss == "cross_entropy":
        log_p = _log_softmax(output)
        # The targets of a sample need not add to one.
        D = np.exp(log_p) * Y.sum(1, keepdims=True) - Y
    else:
        D = -Y * expit(-Y * output)
    return D


def output_curvature(output: np.ndarray, Y: np.ndarray, loss: Loss, V: np.ndarray) -> np.ndarray:
    """Return the product of every sample's second derivative by its output with `V`.

    Parameters
    ----------
    V : array of shape (..., n, m_L)

    Examples
    --------
    The cross-entropy of two equal outputs curves by p (1 - p) = 1/4 along one of them:

    >>> V = np.array([[1.0, 0.0]])
    >>> output_curvature(np.zeros((1, 2)), np.array([[1.0, 0.0]]), "cross_entropy", V).tolist()
    [[0.25, -0.25]]
    """
    product: np.ndarray = V
    if loss == "cross_entropy":
        p = np.exp(_log_softmax(output))
        product = p * (V - (p * V).sum(-1, keepdims=True)) * Y.sum(1, keepdims=True)
    elif loss == "logistic":
        p = expit(Y * output)
        product = p * (1 - p) * Y * Y * V
    return product


def slope(net: MLP, a: np.ndarray) -> np.ndarray:
    """Return the derivative of the activation where its value is `a`; 0 at the kink of a ReLU."""
    beta = float(net.beta)  # a numpy scalar would turn single precision into double
    derivative: np.ndarray = np.ones((), a.dtype)
    if net.activation == "relu":
        derivative = a > 0
    elif net.activation == "leaky_relu":
        derivative = (a > 0) * a.dtype.type(1 - beta) + a.dtype.type(beta)
    elif net.activation == "tanh":
        derivative = 1 - a * a
    elif net.activation == "softplus":
        derivative = -np.expm1(-beta * a)
    return derivative


def curvature(net: MLP, a: np.ndarray) -> np.ndarray | None:
    """Return the second derivative of the activation where its value is `a`, None where zero."""
    if net.activation not in ("tanh", "softplus"):
        return None
    s = slope(net, a)
    second: np.ndarray = -2 * a * s if net.activation == "tanh" else float(net.beta) * s * (1 - s)
    return second


def skips(net: MLP, k: int) -> bool:
    """Whether the hidden layer of `weights[k]` adds what it reads."""
    return net.residual and k > 0 and net.weights[k].shape[0] == net.weights[k].shape[1]


def flat(weights: Sequence[np.ndarray]) -> np.ndarray:
    """Return all weights as one vector (P,), layer by layer, row by row."""
    return np.concatenate([W.ravel() for W in weights])


def unflat(vectors: np.ndarray, net: MLP) -> list[np.ndarray]:
    """Return vectors (..., P) as lists of matrices (..., m_{k-1}, m_k), views where possible.

    Examples
    --------
    >>> net = MLP([np.ones((1, 2)), np.ones((2, 1))])
    >>> [W.tolist() for W in unflat(np.arange(4.0), net)]
    [[[0.0, 1.0]], [[2.0], [3.0]]]
    """
    ends = np.cumsum([W.size for W in net.weights])[:-1]
    return [
        part.reshape(*vectors.shape[:-1], *W.shape)
        for part, W in zip(np.split(vectors, ends, axis=-1), net.weights, strict=True)
    ]


def in_float64(net: MLP) -> MLP:
    """Return the network in the precision of measurements.

    Raises
    ------
    ValueError
        If a weight is NaN or infinity.
    """
    weights = [np.asarray(W, np.float64) for W in net.weights]
    for k, W in enumerate(weights):
        if not np.isfinite(W).all():
            raise ValueError(f"Weights must be finite, got NaN or infinity in layer {k + 1}.")
    return net._replace(weights=weights)


def check(net: MLP, X: np.ndarray, Y: np.ndarray | None = None, loss: Loss = "square") -> None:
    """Raise ValueError where shapes do not fit, or a name is unknown."""
    if net.activation not in ACTIVATIONS:
        raise ValueError(
            f"The activation must be one of {', '.join(ACTIVATIONS)}, got {net.activation!r}."
        )
    if loss not in LOSSES:
        raise ValueError(f"The loss must be one of {', '.join(LOSSES)}, got {loss!r}.")
    shapes = [W.shape for W in net.weights]
    chained = bool(shapes) and all(len(shape) == 2 for shape in shapes)
    if not chained or any(m[1] != k[0] for m, k in zip(shapes[:-1], shapes[1:], strict=True)):
        raise ValueError(f"Weights must be (m_0, m_1), (m_1, m_2) and so on, got {shapes}.")
    if X.ndim != 2 or X.shape[1] != shapes[0][0] or not len(X):
        raise ValueError(f"X must have shape (n, {shapes[0][0]}) with n > 0, got {X.shape}.")
    if Y is not None and Y.shape != (len(X), shapes[-1][1]):
        raise ValueError(f"Y must have shape {(len(X), shapes[-1][1])}, got {Y.shape}.")


def _activate(net: MLP, z: np.ndarray) -> np.ndarray:
    """Return the activation of `z`, which it may overwrite."""
    beta = float(net.beta)
    if net.activation == "relu":
        np.maximum(z, 0, out=z)
    elif net.activation == "leaky_relu":
        (np.maximum if beta <= 1 else np.minimum)(z, beta * z, out=z)
    elif net.activation == "tanh":
        np.tanh(z, out=z)
    elif net.activation == "softplus":
        z *= beta
        tail = np.log1p(np.exp(-np.abs(z)))  # ten times as fast as logaddexp
        np.maximum(z, 0, out=z)
        z += tail
        z /= beta
    return z


def _log_softmax(output: np.ndarray) -> np.ndarray:
    shifted: np.ndarray = output - output.max(1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(1, keepdims=True))
    return shifted
