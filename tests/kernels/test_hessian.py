"""The Hessian by hand against automatic differentiation and differences of gradients."""

import numpy as np
import pytest
import torch

from harness.kernels.hessian import hessian, hessian_product, hessian_trace, top_eigenvalues
from harness.kernels.mlp import ACTIVATIONS, LOSSES, MLP, draw_mlp, flat, gradient, unflat

WIDTHS = [3, 4, 4, 4, 2]


def sample(loss="square", n=6, widths=WIDTHS):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, widths[0]))
    if loss == "cross_entropy":
        return X, np.eye(widths[-1])[rng.integers(widths[-1], size=n)]
    return X, rng.choice([-1.0, 1.0], size=(n, widths[-1]))


def drawn(activation="tanh", residual=False, widths=WIDTHS):
    return draw_mlp(widths, 1.3, 0, activation, 0.7, residual, np.float64)


def by_differences(net, X, Y, loss, h=1e-5):
    """Return the Hessian row by row, as a central difference of gradients."""
    w = flat(net.weights)

    def at(vector):
        moved = net._replace(weights=unflat(vector, net))
        return flat(gradient(moved, X, Y, loss).weights)

    return np.array([(at(w + h * e) - at(w - h * e)) / 2 / h for e in np.eye(len(w))])


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_matrix_is_the_difference_of_gradients(activation, loss, residual):
    net, (X, Y) = drawn(activation, residual), sample(loss)
    H = hessian(net, X, Y, loss)
    np.testing.assert_allclose(H, by_differences(net, X, Y, loss), atol=1e-8 * np.abs(H).max())
    np.testing.assert_array_equal(H, H.T)


def test_the_matrix_is_what_automatic_differentiation_gives():
    net, (X, Y) = drawn("softplus"), sample()
    vector = torch.tensor(flat(net.weights))

    def loss(vector):
        h, start = torch.tensor(X), 0
        for k, W in enumerate(net.weights):
            h = h @ vector[start : start + W.size].reshape(W.shape)
            h = h if k == 3 else torch.nn.functional.softplus(h, net.beta)
            start += W.size
        return 0.5 * (h - torch.tensor(Y)).square().sum() / len(X)

    expected = torch.autograd.functional.hessian(loss, vector).numpy()
    np.testing.assert_allclose(hessian(net, X, Y), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_many_vectors_are_multiplied_at_once(loss):
    net, (X, Y) = drawn("tanh", residual=True), sample(loss)
    H, product = hessian(net, X, Y, loss), hessian_product(net, X, Y, loss)
    V = np.random.default_rng(2).normal(size=(2, 3, len(H)))
    np.testing.assert_allclose(product(V), V @ H, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(product(V[0, 0]), H @ V[0, 0], rtol=1e-9, atol=1e-12)


def test_one_layer_of_squares_has_the_scatter_of_its_inputs():
    X, Y = sample()
    H = hessian(MLP([np.ones((3, 2))]), X, Y)
    np.testing.assert_allclose(H, np.kron(X.T @ X / len(X), np.eye(2)), rtol=1e-12, atol=1e-15)


def test_the_matrix_does_not_depend_on_how_many_rows_are_computed_at_once(monkeypatch):
    net, (X, Y) = drawn(), sample()
    H = hessian(net, X, Y)
    monkeypatch.setattr("harness.kernels.hessian._ENTRIES", 7 * len(X) * 4)
    np.testing.assert_allclose(hessian(net, X, Y), H, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("k", [1, 5, 40])
@pytest.mark.parametrize("widths", [WIDTHS, [4, 8, 8, 3]])
def test_the_largest_eigenvalues_are_those_of_the_matrix(widths, k):
    net, (X, Y) = drawn(widths=widths), sample(widths=widths)
    every = np.linalg.eigvalsh(hessian(net, X, Y))[::-1]
    assert every[0] > 0 > every[-1]
    np.testing.assert_allclose(top_eigenvalues(net, X, Y, k), every[:k], atol=1e-9 * every[0])


def test_the_largest_eigenvalues_are_the_same_at_every_call():
    net, (X, Y) = drawn(widths=[4, 8, 8, 3]), sample(widths=[4, 8, 8, 3])
    np.testing.assert_array_equal(top_eigenvalues(net, X, Y, 3), top_eigenvalues(net, X, Y, 3))


def test_the_trace_is_within_its_error():
    net, (X, Y) = drawn(), sample()
    H = hessian(net, X, Y)
    trace, stderr = hessian_trace(net, X, Y, 400, seed=0)
    # Of random signs: Var v^T H v = 2 sum of squares off the diagonal.
    spread = np.sqrt(2 * (np.square(H).sum() - np.square(H.diagonal()).sum()))
    assert stderr == pytest.approx(spread / 20, rel=0.2)
    assert abs(trace - H.trace()) < 4 * stderr
    assert hessian_trace(net, X, Y, 400, seed=0) == (trace, stderr)


def test_what_does_not_fit_is_an_error_that_says_why():
    net, (X, Y) = drawn(), sample()
    with pytest.raises(ValueError, match="Y must have shape"):
        hessian(net, X, Y[:, :1])
    with pytest.raises(ValueError, match="NaN or infinity in layer 1"):
        hessian_product(MLP([np.full((3, 2), np.nan)]), X, Y)
    for k in (0, 53):
        with pytest.raises(ValueError, match=f"k must be 1 to 52, got {k}"):
            top_eigenvalues(net, X, Y, k)
    with pytest.raises(ValueError, match="at least 2 probes, got 1"):
        hessian_trace(net, X, Y, 1, seed=0)
