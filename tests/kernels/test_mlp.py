"""The network by hand against automatic differentiation, difference quotients and loops."""

import math

import numpy as np
import pytest
import torch

from harness.kernels.mlp import (
    ACTIVATIONS,
    LOSSES,
    MLP,
    backward,
    check,
    curvature,
    draw_mlp,
    flat,
    forward,
    gradient,
    in_float64,
    output_curvature,
    output_gradient,
    sample_losses,
    slope,
    unflat,
)

WIDTHS = [4, 6, 6, 6, 3]
TORCH = {
    "linear": lambda z, beta: z,
    "relu": lambda z, beta: torch.relu(z),
    "leaky_relu": torch.nn.functional.leaky_relu,
    "tanh": lambda z, beta: torch.tanh(z),
    "softplus": torch.nn.functional.softplus,
}
SCALAR = {
    "linear": lambda z, beta: z,
    "relu": lambda z, beta: max(z, 0.0),
    "leaky_relu": lambda z, beta: z if z > 0 else beta * z,
    "tanh": lambda z, beta: math.tanh(z),
    "softplus": lambda z, beta: math.log(1 + math.exp(beta * z)) / beta,
}


def sample(loss, n=9, dtype=np.float64):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, WIDTHS[0]))
    if loss == "square":
        Y = rng.normal(size=(n, WIDTHS[-1]))
    elif loss == "cross_entropy":
        Y = np.eye(WIDTHS[-1])[rng.integers(WIDTHS[-1], size=n)]
    else:
        Y = rng.choice([-1.0, 1.0], size=(n, WIDTHS[-1]))
    return X.astype(dtype), Y.astype(dtype)


def network(activation="relu", residual=False, dtype=np.float64):
    return draw_mlp(WIDTHS, 1.3, 0, activation, 0.3, residual, dtype)


def in_torch(net, X, tensors):
    h = torch.tensor(X)
    for k, W in enumerate(tensors[:-1]):
        a = TORCH[net.activation](h @ W, net.beta)
        h = a + h if net.residual and k and W.shape[0] == W.shape[1] else a
    return h @ tensors[-1]


def loss_in_torch(output, Y, loss):
    Y = torch.tensor(Y)
    if loss == "square":
        return (output - Y).square().sum() / 2 / len(Y)
    if loss == "cross_entropy":
        return torch.nn.functional.cross_entropy(output, Y)
    return torch.nn.functional.soft_margin_loss(output, Y, reduction="sum") / len(Y)


def naive_output(net, x):
    """One sample, one number at a time."""
    h = list(x)
    for k, W in enumerate(net.weights):
        z = [sum(h[i] * W[i, j] for i in range(len(h))) for j in range(W.shape[1])]
        if k == len(net.weights) - 1:
            return z
        a = [SCALAR[net.activation](one, net.beta) for one in z]
        h = [s + t for s, t in zip(a, h, strict=True)] if net.residual and k else a


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_output_agrees_with_a_loop(activation, residual):
    net, (X, _) = network(activation, residual), sample("square")
    passed = forward(net, X)
    np.testing.assert_allclose(passed.output, [naive_output(net, x) for x in X], rtol=1e-12)
    assert len(passed.h) == 4 and len(passed.a) == 3


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_is_what_automatic_differentiation_gives(activation, loss, residual):
    net, (X, Y) = network(activation, residual), sample(loss)
    tensors = [torch.tensor(W, requires_grad=True) for W in net.weights]
    expected = loss_in_torch(in_torch(net, X, tensors), Y, loss)
    expected.backward()
    ours = gradient(net, X, Y, loss)
    assert ours.loss == pytest.approx(expected.item(), rel=1e-12)
    for W, tensor in zip(ours.weights, tensors, strict=True):
        np.testing.assert_allclose(W, tensor.grad.numpy(), rtol=1e-9, atol=1e-13)


def test_several_derivatives_go_back_at_once():
    net, (X, _) = network("tanh", residual=True), sample("square")
    passed = forward(net, X)
    D = np.random.default_rng(2).normal(size=(5, len(X), WIDTHS[-1]))
    together = backward(net, passed, D)
    for i, one in enumerate(D):
        for got, expected in zip(together, backward(net, passed, one), strict=True):
            np.testing.assert_allclose(got[i], expected, rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_derivatives_by_the_output_are_limits_of_differences(loss):
    rng = np.random.default_rng(3)
    _, Y = sample(loss)
    f, V = rng.normal(size=Y.shape), rng.normal(size=Y.shape)
    h = 1e-5
    slope_along = (sample_losses(f + h * V, Y, loss) - sample_losses(f - h * V, Y, loss)) / 2 / h
    np.testing.assert_allclose((output_gradient(f, Y, loss) * V).sum(1), slope_along, atol=1e-9)
    change = output_gradient(f + h * V, Y, loss) - output_gradient(f - h * V, Y, loss)
    np.testing.assert_allclose(output_curvature(f, Y, loss, V), change / 2 / h, atol=1e-9)


def test_targets_of_the_cross_entropy_need_not_add_to_one():
    rng = np.random.default_rng(3)
    f, V, Y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), rng.uniform(size=(4, 3))
    h = 1e-5
    difference = sample_losses(f + h * V, Y, "cross_entropy")
    difference -= sample_losses(f - h * V, Y, "cross_entropy")
    np.testing.assert_allclose(
        (output_gradient(f, Y, "cross_entropy") * V).sum(1), difference / 2 / h, atol=1e-9
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_slope_and_curvature_are_limits_of_differences(activation):
    net = network(activation)
    z, h = np.array([[-2.0, -0.3, 0.2, 1.5]]), 1e-5

    def value(z):
        return np.array([[SCALAR[activation](one, net.beta) for one in z[0]]])

    expected = (value(z + h) - value(z - h)) / 2 / h
    np.testing.assert_allclose(slope(net, value(z)) * np.ones_like(z), expected, atol=1e-9)
    second = curvature(net, value(z))
    change = (slope(net, value(z + h)) * 1.0 - slope(net, value(z - h))) / 2 / h
    np.testing.assert_allclose(0 if second is None else second, change, atol=1e-9)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_single_precision_stays_single_and_near(activation, loss):
    net, (X, Y) = network(activation, True, np.float32), sample(loss, dtype=np.float32)
    net = net._replace(beta=np.float64(0.3))
    ours = gradient(net, X, Y, loss)
    exact = gradient(in_float64(net), X.astype(float), Y.astype(float), loss)
    assert ours.loss == pytest.approx(exact.loss, rel=1e-5)
    for got, expected in zip(ours.weights, exact.weights, strict=True):
        assert got.dtype == np.float32
        assert np.linalg.norm(got - expected) < 1e-5 * np.linalg.norm(expected)


@pytest.mark.parametrize("loss", ["cross_entropy", "logistic"])
@pytest.mark.parametrize("size", [1e3, 1e30])
def test_large_outputs_do_not_overflow(loss, size):
    X, Y = sample(loss, dtype=np.float32)
    f = np.float32(size) * X[:, :3]
    assert np.isfinite(sample_losses(f, Y, loss)).all()
    assert np.abs(output_gradient(f, Y, loss)).max() <= 1


def test_a_leaky_relu_may_be_steeper_below_zero():
    net = MLP([np.eye(1), np.eye(1)], "leaky_relu", 2.0)
    passed = forward(net, np.array([[-3.0], [3.0]]))
    assert passed.output.tolist() == [[-6.0], [3.0]]
    assert slope(net, passed.a[0]).tolist() == [[2.0], [1.0]]


@pytest.mark.parametrize("beta", [1.0, 4.0])
def test_a_softplus_far_from_zero_is_a_ramp_and_an_exponential(beta):
    net = MLP([np.eye(1), np.eye(1)], "softplus", beta)
    far = np.array([[-30.0], [700.0]]) / beta
    expected = [[math.exp(-30) / beta], [700 / beta]]
    np.testing.assert_allclose(forward(net, far).output, expected, rtol=1e-12)
    np.testing.assert_allclose(slope(net, forward(net, far).output), [[math.exp(-30)], [1]])


def test_the_inputs_are_left_alone():
    for activation in ACTIVATIONS:
        net, (X, Y) = network(activation), sample("square")
        before = [W.copy() for W in (*net.weights, X, Y)]
        gradient(net, X, Y)
        for W, copy in zip((*net.weights, X, Y), before, strict=True):
            np.testing.assert_array_equal(W, copy)


def test_weights_become_a_vector_and_come_back():
    net = network()
    vector = flat(net.weights)
    assert vector.shape == (sum(W.size for W in net.weights),)
    for W, V in zip(net.weights, unflat(np.stack([vector, 2 * vector]), net), strict=True):
        np.testing.assert_array_equal(V, np.stack([W, 2 * W]))


def test_drawn_weights_have_the_stated_spread_and_depend_on_the_seed_alone():
    one, again, other = (draw_mlp([400, 300, 2], 0.7, seed) for seed in (0, 0, 1))
    assert one.weights[0].std() == pytest.approx(0.7 / 20, rel=0.01)
    np.testing.assert_array_equal(flat(one.weights), flat(again.weights))
    assert not np.allclose(flat(one.weights), flat(other.weights))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"net": MLP([np.eye(4), np.eye(3)])}, r"Weights must be .* got \[\(4, 4\), \(3, 3\)\]"),
        ({"net": MLP([])}, r"Weights must be"),
        ({"net": MLP([np.ones(4)])}, r"Weights must be"),
        ({"net": MLP([np.ones((4, 3))], "sigmoid")}, "activation must be one of .* got 'sigmoid'"),
        ({"loss": "hinge"}, "loss must be one of .* got 'hinge'"),
        ({"X": np.ones((9, 5))}, r"X must have shape \(n, 4\) with n > 0, got \(9, 5\)"),
        ({"X": np.ones((0, 4))}, r"with n > 0, got \(0, 4\)"),
        ({"Y": np.ones(9)}, r"Y must have shape \(9, 3\), got \(9,\)"),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_why(change, message):
    X, Y = sample("square")
    with pytest.raises(ValueError, match=message):
        check(**({"net": network(), "X": X, "Y": Y, "loss": "square"} | change))
    with pytest.raises(ValueError, match=message):
        gradient(**({"net": network(), "X": X, "Y": Y, "loss": "square"} | change))


def test_a_weight_that_is_not_finite_is_an_error():
    with pytest.raises(ValueError, match="NaN or infinity in layer 2"):
        in_float64(MLP([np.eye(2), np.full((2, 1), np.nan)]))
