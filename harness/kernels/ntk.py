r"""Neural tangent kernel of a finite network, and the Jacobian whose Gram matrix it is.

.. math::
    \Theta_{cd}(x, x') = \big\langle \partial f_c(x) / \partial W,\;
    \partial f_d(x') / \partial W \big\rangle
    = \sum_k \langle h_{k-1}(x), h_{k-1}(x') \rangle\;
      \langle \delta^c_k(x), \delta^d_k(x') \rangle,

with :math:`\delta^c_k = \partial f_c / \partial z_k`, since the gradient by W_k is the outer
product of the two (notation of `mlp`). Nothing of the size of the weights is ever formed.
A. Jacot, F. Gabriel, C. Hongler, *Neural tangent kernel: convergence and generalization in neural
networks*, NeurIPS 2018, section 4 (not checked against the source), with the parametrization of
`mlp`: no factor is taken out of the weights. That the sum factors is elementary.

For the square loss, summed over outputs and averaged over n samples, gradient flow on the weights
changes the residual r at first by :math:`\dot r = -\Theta r / n`.
"""

from __future__ import annotations

import numpy as np

from harness.kernels.mlp import MLP, backward, check, forward, in_float64
from harness.kernels.sample_gradients import outer_products


def ntk(net: MLP, X: np.ndarray, other: np.ndarray | None = None) -> np.ndarray:
    """Return the kernel between samples.

    Parameters
    ----------
    X : array of shape (n, m_0)
    other : array of shape (n', m_0), optional
        By default X.

    Returns
    -------
    float64 array of shape (C, n, C, n')
        Element (c, i, d, j) is of output c at sample i and output d at sample j.
        `reshape(C * n, C * n)` is a Gram matrix, and of one output `[0, :, 0]` is.

    Raises
    ------
    ValueError
        If shapes do not fit, or a weight is not finite.

    Examples
    --------
    f = u w x at u = 2, w = 3 has the gradient (3 x, 2 x), so Theta = 13 x x':

    >>> ntk(MLP([np.array([[3.0]]), np.array([[2.0]])]), np.array([[1.0], [2.0]]))[0, :, 0]
    array([[13., 26.],
           [26., 52.]])
    """
    net = in_float64(net)
    h, deltas = _factors(net, X)
    h2, deltas2 = (h, deltas) if other is None else _factors(net, other)
    C, n, n2 = net.weights[-1].shape[1], len(h[0]), len(h2[0])
    K = np.zeros((C, n, C, n2))
    readout = h[-1] @ h2[-1].T  # of the last layer delta^c is a unit vector
    for c in range(C):
        K[c, :, c] = readout
    for a, b, d, e in zip(h[:-1], h2[:-1], deltas[:-1], deltas2[:-1], strict=True):
        # Of a matrix and its own transpose numpy computes half.
        product = d.reshape(C * n, -1) @ e.reshape(C * n2, -1).T
        block = product.reshape(C, n, C, n2)
        block *= (a @ b.T)[:, None]
        K += block
    return K


def jacobian(net: MLP, X: np.ndarray) -> np.ndarray:
    """Return the derivatives of all outputs by all weights.

    Parameters
    ----------
    X : array of shape (n, m_0)

    Returns
    -------
    float64 array of shape (C, n, P), the last axis in the order of `mlp.flat`

    Raises
    ------
    ValueError
        If shapes do not fit, or a weight is not finite.

    Examples
    --------
    >>> jacobian(MLP([np.array([[3.0]]), np.array([[2.0]])]), np.array([[1.0], [2.0]]))
    array([[[2., 3.],
            [4., 6.]]])
    """
    net = in_float64(net)
    h, deltas = _factors(net, X)
    C, n = deltas[0].shape[:2]
    J = np.empty((C, n, sum(W.size for W in net.weights)))
    for c in range(C):
        outer_products(h, [d[c] for d in deltas], J[c])
    return J


def _factors(net: MLP, X: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return what every layer reads, (n, m_{k-1}), and delta_k of every output, (C, n, m_k)."""
    X = X.astype(np.float64)
    check(net, X)
    C = net.weights[-1].shape[1]
    passed = forward(net, X)
    units = np.repeat(np.eye(C)[:, None], len(X), axis=1)
    return passed.h, backward(net, passed, units)
