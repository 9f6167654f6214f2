"""The expansion of a deep loss against automatic differentiation, two_layer and its invariances."""

import numpy as np
import pytest
import torch

from harness.kernels import two_layer
from harness.kernels.deep_net import ACTIVATIONS, DeepNet, expand, outputs, split

PHI = {
    "linear": lambda z: z,
    "tanh": torch.tanh,
    "softplus": lambda z: torch.log1p(torch.exp(z)),
}


def drawn(activation="softplus", hidden=(4, 3), k=2, K=3):
    rng = np.random.default_rng(0)
    net = DeepNet(rng.normal(size=(6, 3)), rng.normal(size=(6, k)), hidden, activation)
    return net, rng.normal(size=(K, net.size))


def naive(net, theta):
    """Return the loss of one point for automatic differentiation."""
    a, at = torch.tensor(net.X), 0
    for layer, (n_out, n_in) in enumerate(net.shapes):
        W = theta[at : at + n_out * n_in].reshape(n_out, n_in)
        at += n_out * n_in
        a = a @ W.T
        if layer < len(net.hidden):
            a = PHI[net.activation](a)
    return ((a - torch.tensor(net.Y)) ** 2).sum() / 2


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [(), (4,), (4, 3), (2, 3, 2)])
def test_it_agrees_with_automatic_differentiation(activation, hidden):
    net, theta = drawn(activation, hidden)
    value, gradient, hessian = expand(net, theta)
    for i, point in enumerate(torch.tensor(theta)):
        assert value[i] == pytest.approx(naive(net, point).item(), rel=1e-13)
        own = torch.autograd.functional.jacobian(lambda t: naive(net, t), point)
        np.testing.assert_allclose(gradient[i], own, atol=1e-11)
        second = torch.autograd.functional.hessian(lambda t: naive(net, t), point)
        np.testing.assert_allclose(hessian[i], second, atol=1e-10)


@pytest.mark.parametrize("activation", ["linear", "tanh"])
def test_at_two_layers_it_is_the_kernel_of_two_layers(activation):
    net, theta = drawn(activation, (4,))
    other = two_layer.Net(net.X, net.Y, 4, activation)
    for mine, theirs in zip(expand(net, theta), two_layer.expand(other, theta), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)
    np.testing.assert_allclose(outputs(net, theta), two_layer.outputs(other, theta), atol=1e-14)


def test_the_value_is_that_of_the_outputs():
    net, theta = drawn()
    found = ((outputs(net, theta) - net.Y) ** 2).sum(axis=(1, 2)) / 2
    np.testing.assert_allclose(expand(net, theta).value, found, rtol=1e-14)


def test_units_of_a_layer_may_change_places():
    net, theta = drawn()
    W1, W2, W3 = (W[0] for W in split(net, theta))
    order, then = [2, 0, 3, 1], [1, 2, 0]
    turned = [W1[order], W2[then][:, order], W3[:, then]]
    other = np.concatenate([W.ravel() for W in turned])[None]
    np.testing.assert_allclose(outputs(net, other), outputs(net, theta[:1]), atol=1e-13)
    spectra = [np.linalg.eigvalsh(expand(net, x).hessian) for x in (theta[:1], other)]
    np.testing.assert_allclose(*spectra, atol=1e-10)


def test_large_weights_neither_overflow_nor_lose_the_slope():
    net, theta = drawn(K=1)
    with np.errstate(all="raise", under="ignore"):
        value, gradient, hessian = expand(net, 1e3 * np.sign(theta))
    assert all(np.isfinite(part).all() for part in (value, gradient, hessian))


def test_points_do_not_see_each_other_and_the_precision_is_kept():
    net, theta = drawn()
    together, alone = expand(net, theta), expand(net, theta[1:2])
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one[1], other[0], rtol=1e-12, atol=1e-14)
    exact = expand(net, theta.astype(np.longdouble))
    assert {part.dtype for part in exact} == {np.dtype(np.longdouble)}
    np.testing.assert_allclose(exact.hessian.astype(float), together.hessian, atol=1e-11)


def test_no_points_have_no_expansion():
    net, theta = drawn()
    assert [part.shape for part in expand(net, theta[:0])] == [(0,), (0, 30), (0, 30, 30)]


@pytest.mark.parametrize(
    ("change", "theta", "message"),
    [
        ({}, np.zeros((2, 5)), r"shape \(any, 30\), got float64 \(2, 5\)"),
        ({}, np.zeros(30), "shape"),
        ({}, np.zeros((1, 30), int), "must be floats"),
        ({}, np.full((1, 30), np.nan), "finite"),
        ({"X": np.zeros((5, 3))}, np.zeros((1, 30)), "share n > 0, got 5 and 6"),
        ({"activation": "relu"}, np.zeros((1, 30)), "activation must be one of"),
    ],
)
def test_bad_arguments_are_errors_that_say_why(change, theta, message):
    net, _ = drawn()
    with pytest.raises(ValueError, match=message):
        expand(net._replace(**change), theta)
