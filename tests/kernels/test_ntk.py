"""The kernel against the Jacobian that automatic differentiation and differences give."""

import numpy as np
import pytest
import torch

from harness.kernels.mlp import ACTIVATIONS, MLP, draw_mlp, flat, forward, gradient, unflat
from harness.kernels.ntk import jacobian, ntk

WIDTHS = [4, 5, 5, 5, 3]
C = WIDTHS[-1]


def drawn(activation="tanh", residual=False):
    return draw_mlp(WIDTHS, 1.3, 0, activation, 0.3, residual, np.float64)


def points(n, seed=1):
    return np.random.default_rng(seed).normal(size=(n, WIDTHS[0]))


def naive_jacobian(net, X):
    """Return one gradient of one output at one sample after another, as that of a square loss."""
    J = np.empty((C, len(X), sum(W.size for W in net.weights)))
    for i in range(len(X)):
        x = X[i : i + 1]
        for c in range(C):
            # dL/df is output minus target: the target one below the output makes it a unit vector.
            J[c, i] = flat(gradient(net, x, forward(net, x).output - np.eye(C)[c]).weights)
    return J


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_jacobian_is_made_of_gradients_and_the_kernel_of_their_products(activation, residual):
    net, X, other = drawn(activation, residual), points(4), points(6, seed=2)
    J, J2 = naive_jacobian(net, X), naive_jacobian(net, other)
    np.testing.assert_allclose(jacobian(net, X), J, rtol=1e-9, atol=1e-12)
    expected = np.einsum("cip,djp->cidj", J, J2)
    np.testing.assert_allclose(ntk(net, X, other), expected, rtol=1e-9, atol=1e-11)
    expected = np.einsum("cip,djp->cidj", J, J)
    np.testing.assert_allclose(ntk(net, X), expected, rtol=1e-9, atol=1e-11)


def test_the_jacobian_is_what_torch_differentiates():
    net, X = drawn(), points(3)

    def output(*weights):
        h = torch.tensor(X)
        for W in weights[:-1]:
            h = torch.tanh(h @ W)
        return (h @ weights[-1]).T

    parts = torch.autograd.functional.jacobian(output, tuple(map(torch.tensor, net.weights)))
    expected = torch.cat([part.flatten(2) for part in parts], 2).numpy()
    np.testing.assert_allclose(jacobian(net, X), expected, rtol=1e-9, atol=1e-13)


def test_a_linear_layer_has_the_kernel_of_its_inputs():
    X = points(5)
    K = ntk(MLP([np.ones((4, 3))]), X)
    np.testing.assert_allclose(K.reshape(15, 15), np.kron(np.eye(3), X @ X.T), atol=1e-14)


def test_it_is_a_gram_matrix_of_the_rank_that_the_weights_allow():
    X = points(40)
    K = ntk(drawn(), X).reshape(40 * C, 40 * C)
    w = np.linalg.eigvalsh(K)
    np.testing.assert_allclose(K, K.T, rtol=1e-12, atol=1e-12)
    assert w[0] > -1e-11 * w[-1]
    assert (w > 1e-10 * w[-1]).sum() <= sum(W.size for W in drawn().weights)


def test_a_small_step_of_descent_changes_the_residual_by_the_kernel():
    net, X, h = drawn(), points(6), 1e-6
    Y = np.random.default_rng(3).normal(size=(6, C))
    r = forward(net, X).output - Y
    step = flat(gradient(net, X, Y).weights)
    moved = net._replace(weights=unflat(flat(net.weights) - h * step, net))
    change = (forward(moved, X).output - Y - r) / h
    expected = -np.einsum("cidj,jd->ic", ntk(net, X), r) / 6
    np.testing.assert_allclose(change, expected, rtol=1e-3, atol=1e-4)


def test_single_precision_is_measured_in_double():
    net = draw_mlp(WIDTHS, 1.3, 0)
    assert ntk(net, points(2).astype(np.float32)).dtype == np.float64


@pytest.mark.parametrize("kernel", [ntk, jacobian])
def test_what_does_not_fit_is_an_error(kernel):
    with pytest.raises(ValueError, match=r"X must have shape \(n, 4\)"):
        kernel(drawn(), np.ones((2, 5)))
    with pytest.raises(ValueError, match="NaN or infinity in layer 1"):
        kernel(MLP([np.full((4, 3), np.nan)]), np.ones((2, 4)))
