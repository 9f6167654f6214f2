r"""Complexity of a homogeneous network, the product of its Frobenius norms, and its gauge.

.. math:: \rho = \prod_k \|W_k\|_F, \qquad f = \rho f_V, \quad V_k = W_k / \|W_k\|_F,

M. Xu, A. Rangamani, Q. Liao, T. Galanti, T. Poggio, *Dynamics in deep classifiers trained with the
square loss: normalization, low rank, neural collapse, and generalization bounds*, Research 6, 2023
(not checked against the source). With a homogeneous activation, scaling what enters a hidden unit
by c > 0 and what leaves it by 1/c changes :math:`\rho` and not the function. The gauge is the
rescaling with the smallest :math:`\rho`. In the logarithms of the scales
:math:`\log \rho` is a sum of logarithms of sums of exponentials of linear functions, so convex,
and where its derivatives vanish it is smallest:

.. math::
    \frac{|\mathrm{in}_j|^2}{\|W_k\|_F^2} = \frac{|\mathrm{out}_j|^2}{\|W_{k+1}\|_F^2}
    \quad \text{for every unit } j \text{ of every hidden layer } k.

Units of one layer do not share a weight, so a whole layer is balanced at once,
:math:`c_j^2 = |\mathrm{out}_j| / |\mathrm{in}_j|`, and layers in turn until nothing moves: the
iteration of E. E. Osborne, *On pre-conditioning of matrices*, Journal of the ACM 7(4), 1960 (not
checked against the source), on a graph whose inputs and outputs are one node of fixed scale. What
a layer as a whole is scaled by does not change :math:`\rho`; it is set last, so that all norms
are equal, and convergence is judged without it. The derivation is this project's own.

A linear network has further symmetries, a matrix and its inverse between two layers; they are
left alone. Nor are units merged that compute the same.
"""

from __future__ import annotations

import math

import numpy as np

from harness.kernels.mlp import MLP, check, in_float64

_SWEEPS = 10_000
"""Trained networks take about ten."""


def rho(net: MLP) -> float:
    """Return the product of the Frobenius norms.

    Raises
    ------
    ValueError
        If a weight is not finite.

    Examples
    --------
    >>> rho(MLP([np.array([[3.0, 4.0]]), np.array([[2.0], [0.0]])]))
    10.0
    """
    return math.prod(float(np.linalg.norm(W)) for W in in_float64(net).weights)


def gauge(net: MLP) -> MLP:
    r"""Return the network of the same function whose `rho` no rescaling of hidden units lowers.

    Units that no path joins to both an input and the output are zero in it. Its layers have equal
    norms. Where `_SWEEPS` do not reach the minimum, on networks almost cut in two, what was
    reached is returned: never a larger rho than that of `net` by more than rounding.

    Parameters
    ----------
    net : MLP
        With the activation linear, relu or leaky_relu, and not residual: other networks change
        their function when a unit is rescaled.

    Returns
    -------
    MLP of float64 weights

    Raises
    ------
    ValueError
        For other activations and residual networks, and if a weight is not finite or weights
        differ more in size than float64 can square.

    Examples
    --------
    With one hidden layer the smallest rho is the sum over its units of |in| |out|, here 5 + 12:

    >>> balanced = gauge(MLP([np.array([[3.0, 24.0], [4.0, 0.0]]), np.array([[1.0], [0.5]])]))
    >>> round(rho(balanced), 12)
    17.0
    """
    if net.residual or net.activation not in ("linear", "relu", "leaky_relu"):
        kind = "residual network" if net.residual else f"network of {net.activation}"
        raise ValueError(
            f"A {kind} has no gauge: rescaling a unit changes its function. "
            "Take relu, leaky_relu or linear, without residuals."
        )
    net = in_float64(net)
    check(net, np.empty((1, len(net.weights[0]))))
    alive = _alive(net.weights)
    if not all(a.any() for a in alive):
        return net._replace(weights=[np.zeros_like(W) for W in net.weights])
    sizes = [float(np.abs(W).max()) for W in net.weights]
    squares = [
        np.square(W[np.ix_(above, below)] / size)
        for W, size, above, below in zip(net.weights, sizes, alive[:-1], alive[1:], strict=True)
    ]
    # Inputs and outputs keep their scale: only what they weigh in all matters.
    squares[0] = squares[0].sum(0, keepdims=True)
    squares[-1] = squares[-1].sum(1, keepdims=True)
    if not all(S.any(0).all() and S.any(1).all() for S in squares):
        raise ValueError(
            "Weights of one layer differ by more than a factor of 1e150: "
            "prune what is far below the largest."
        )
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        scales = _balance(squares)
    if not all(np.isfinite(s).all() and s.all() for s in scales):
        raise ValueError("Weights differ by more than float64 can square: rescale the units.")
    factors = [np.ones(net.weights[0].shape[0])]
    for s, a in zip(scales[1:], alive[1:], strict=True):
        c = np.zeros(len(a))
        c[a] = np.sqrt(s)
        factors.append(c)
    weights = []
    for W, a, above, below in zip(net.weights, alive[:-1], factors[:-1], factors[1:], strict=True):
        inverse = np.divide(1.0, above, out=np.zeros_like(above), where=a)
        weights.append(W * inverse[:, None] * below)
    norms = [float(np.linalg.norm(W)) for W in weights]
    common = math.exp(sum(map(math.log, norms)) / len(norms))
    return net._replace(weights=[W * (common / n) for W, n in zip(weights, norms, strict=True)])


def _alive(weights: list[np.ndarray]) -> list[np.ndarray]:
    """Return for m_0 to m_L which units lie on a path of nonzero weights from end to end."""
    reached = [np.any(weights[0], axis=1)]
    for W in weights:
        reached.append(np.any(W[reached[-1]], axis=0))
    reaches = [reached[-1]]
    for W, r in zip(weights[::-1], reached[-2::-1], strict=True):
        reaches.append(np.any(W[:, reaches[-1]], axis=1) & r)
    return reaches[::-1]


def _balance(squares: list[np.ndarray]) -> list[np.ndarray]:
    """Return the squared scales of the units, 1 at both ends, up to a factor for a layer."""
    scales = [np.ones(1), *(np.ones(S.shape[1]) for S in squares)]
    for _ in range(_SWEEPS):
        moved = 0.0
        for k in range(1, len(squares)):
            entering = (1 / scales[k - 1]) @ squares[k - 1]
            leaving = squares[k] @ scales[k + 1]
            balanced = np.sqrt(leaving / entering)
            ratio = balanced / scales[k]
            moved = max(moved, float(ratio.max() / ratio.min() - 1))
            scales[k] = balanced / balanced.max()
        if not moved > 1e-13 * len(scales):
            break
    return scales
