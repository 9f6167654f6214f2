"""The expansion of a two-layer loss against automatic differentiation and its invariances."""

import numpy as np
import pytest
import torch

from harness.kernels.two_layer import Net, expand, outputs, sample_gradients, split


def drawn(activation, k=2, K=3):
    rng = np.random.default_rng(0)
    net = Net(rng.normal(size=(6, 3)), rng.normal(size=(6, k)), 4, activation)
    return net, rng.normal(size=(K, net.size))


def naive(net, theta):
    """Return the loss of one point, entry by entry, for automatic differentiation."""
    h, d = net.hidden, net.X.shape[1]
    W1, W2 = theta[: h * d].reshape(h, d), theta[h * d :].reshape(-1, h)
    z = torch.tensor(net.X) @ W1.T
    a = torch.tanh(z) if net.activation == "tanh" else z
    return ((a @ W2.T - torch.tensor(net.Y)) ** 2).sum() / 2


@pytest.mark.parametrize("activation", ["linear", "tanh"])
@pytest.mark.parametrize("k", [1, 2])
def test_it_agrees_with_automatic_differentiation(activation, k):
    net, theta = drawn(activation, k)
    value, gradient, hessian = expand(net, theta)
    for i, point in enumerate(torch.tensor(theta)):
        assert value[i] == pytest.approx(naive(net, point).item(), rel=1e-14)
        own = torch.autograd.functional.jacobian(lambda t: naive(net, t), point)
        np.testing.assert_allclose(gradient[i], own, atol=1e-13)
        second = torch.autograd.functional.hessian(lambda t: naive(net, t), point)
        np.testing.assert_allclose(hessian[i], second, atol=1e-12)


@pytest.mark.parametrize("activation", ["linear", "tanh"])
def test_gradients_of_samples_are_those_of_nets_of_one_sample(activation):
    net, theta = drawn(activation)
    found = sample_gradients(net, theta)
    for n in range(len(net.X)):
        alone = net._replace(X=net.X[n : n + 1], Y=net.Y[n : n + 1])
        np.testing.assert_allclose(found[:, n], expand(alone, theta).gradient, atol=1e-14)
    np.testing.assert_allclose(found.sum(axis=1), expand(net, theta).gradient, atol=1e-13)


def test_hidden_units_may_change_places_and_signs():
    net, theta = drawn("tanh")
    W1, W2 = (W[0] for W in split(net, theta))
    order, sign = [2, 0, 3, 1], np.array([1, -1, -1, 1])
    other = np.concatenate([(sign[:, None] * W1[order]).ravel(), (sign * W2[:, order]).ravel()])
    np.testing.assert_allclose(outputs(net, other[None]), outputs(net, theta[:1]), atol=1e-14)
    here, there = (expand(net, x) for x in (theta[:1], other[None]))
    spectra = [np.linalg.eigvalsh(e.hessian) for e in (here, there)]
    np.testing.assert_allclose(*spectra, atol=1e-12)


def test_points_do_not_see_each_other_and_the_precision_is_kept():
    net, theta = drawn("tanh")
    together, alone = expand(net, theta), expand(net, theta[1:2])
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one[1], other[0], rtol=1e-12, atol=1e-14)
    exact = expand(net, theta.astype(np.longdouble))
    assert {part.dtype for part in exact} == {np.dtype(np.longdouble)}
    np.testing.assert_allclose(exact.hessian.astype(float), together.hessian, atol=1e-13)


def test_no_points_have_no_expansion():
    net, theta = drawn("tanh")
    assert [part.shape for part in expand(net, theta[:0])] == [(0,), (0, 20), (0, 20, 20)]


@pytest.mark.parametrize(
    ("change", "theta", "message"),
    [
        ({}, np.zeros((2, 5)), r"shape \(any, 20\), got float64 \(2, 5\)"),
        ({}, np.zeros(20), "shape"),
        ({}, np.zeros((1, 20), int), "must be floats"),
        ({}, np.full((1, 20), np.nan), "finite"),
        ({"X": np.zeros((5, 3))}, np.zeros((1, 20)), "share n > 0, got 5 and 6"),
        ({"activation": "relu"}, np.zeros((1, 20)), "activation must be one of"),
    ],
)
def test_bad_arguments_are_errors_that_say_why(change, theta, message):
    net, _ = drawn("tanh")
    with pytest.raises(ValueError, match=message):
        expand(net._replace(**change), theta)
