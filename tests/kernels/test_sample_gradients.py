"""Gradients of single samples against one gradient at a time."""

import numpy as np
import pytest

from harness.kernels.mlp import ACTIVATIONS, LOSSES, draw_mlp, flat, gradient
from harness.kernels.sample_gradients import (
    gradient_covariance,
    sample_gradient_norms,
    sample_gradients,
)

WIDTHS = [4, 5, 5, 3]


def sample(loss="square", n=8):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, WIDTHS[0]))
    if loss == "cross_entropy":
        return X, np.eye(WIDTHS[-1])[rng.integers(WIDTHS[-1], size=n)]
    return X, rng.choice([-1.0, 1.0], size=(n, WIDTHS[-1]))


def naive(net, X, Y, loss):
    return np.array(
        [flat(gradient(net, X[i : i + 1], Y[i : i + 1], loss).weights) for i in range(len(X))]
    )


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_they_are_the_gradients_of_batches_of_one(activation, loss, residual):
    net, (X, Y) = draw_mlp(WIDTHS, 1.3, 0, activation, 0.3, residual, np.float64), sample(loss)
    expected = naive(net, X, Y, loss)
    np.testing.assert_allclose(sample_gradients(net, X, Y, loss), expected, rtol=1e-11, atol=1e-14)
    norms = np.linalg.norm(expected, axis=1)
    np.testing.assert_allclose(sample_gradient_norms(net, X, Y, loss), norms, rtol=1e-12)


def test_the_covariance_agrees_with_a_sum_of_outer_products():
    net, (X, Y) = draw_mlp(WIDTHS, 1.3, 0, "tanh", dtype=np.float64), sample()
    G = naive(net, X, Y, "square")
    mean = sum(G) / len(G)
    expected = sum(np.outer(g, g) for g in G) / len(G) - np.outer(mean, mean)
    np.testing.assert_allclose(gradient_covariance(net, X, Y), expected, rtol=1e-10, atol=1e-12)


def test_the_covariance_over_the_batch_size_is_that_of_batches():
    net, (X, Y) = draw_mlp([2, 3, 1], 1.3, 0, "tanh", dtype=np.float64), sample()
    X, Y, B, n_batches = X[:, :2], Y[:, :1], 4, 20_000
    rows = np.random.default_rng(0).integers(len(X), size=(n_batches, B))
    means = sample_gradients(net, X, Y)[rows].mean(1)
    C = gradient_covariance(net, X, Y)
    np.testing.assert_allclose(np.cov(means.T), C / B, atol=0.03 * C.trace() / B)


def test_samples_that_agree_make_no_noise():
    net, (X, Y) = draw_mlp(WIDTHS, 1.3, 0), sample()
    X, Y = np.repeat(X[:1], 5, 0), np.repeat(Y[:1], 5, 0)
    assert np.abs(gradient_covariance(net, X, Y)).max() < 1e-25


def test_single_precision_stays_single_and_the_covariance_is_double():
    net, (X, Y) = draw_mlp(WIDTHS, 1.3, 0), (a.astype(np.float32) for a in sample())
    assert sample_gradient_norms(net, X, Y).dtype == np.float32
    assert sample_gradients(net, X, Y).dtype == np.float32
    assert gradient_covariance(net, X, Y).dtype == np.float64


@pytest.mark.parametrize("kernel", [sample_gradient_norms, sample_gradients, gradient_covariance])
def test_what_does_not_fit_is_an_error(kernel):
    with pytest.raises(ValueError, match="Y must have shape"):
        kernel(draw_mlp(WIDTHS, 1.0, 0), np.ones((2, 4)), np.ones((2, 4)))
