"""The gauge against a general minimiser, closed forms and what it must not change."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from harness.kernels.mlp import MLP, draw_mlp, forward
from harness.kernels.rho import gauge, rho

WIDTHS = [5, 7, 6, 4, 2]


def rescaled(net, decades, seed=1):
    """Return the same function with every hidden unit rescaled at random."""
    rng = np.random.default_rng(seed)
    weights = [W.copy() for W in net.weights]
    for above, below in zip(weights[:-1], weights[1:], strict=True):
        c = 10 ** rng.uniform(-decades, decades, above.shape[1])
        above *= c
        below /= c[:, None]
    return net._replace(weights=weights)


def smallest_by_descent(net):
    """Minimise log rho over the logarithms of all scales at once, by quasi-Newton steps."""
    sizes = [W.shape[1] for W in net.weights[:-1]]

    def log_rho(u):
        parts = np.split(u, np.cumsum(sizes)[:-1])
        above = [np.zeros(net.weights[0].shape[0]), *parts]
        below = [*parts, np.zeros(net.weights[-1].shape[1])]
        return sum(
            0.5 * math.log((W**2 * np.exp(2 * (b - a[:, None]))).sum())
            for W, a, b in zip(net.weights, above, below, strict=True)
        )

    found = minimize(log_rho, np.zeros(sum(sizes)), options={"gtol": 1e-8})
    return math.exp(found.fun)


@pytest.mark.parametrize("widths", [WIDTHS, [3, 4, 2]])
def test_nothing_that_a_minimiser_finds_is_smaller(widths):
    net = draw_mlp(widths, 1.0, 0, dtype=np.float64)
    assert rho(gauge(net)) == pytest.approx(smallest_by_descent(net), rel=1e-9)
    assert rho(gauge(net)) <= rho(net)


@pytest.mark.parametrize("activation", ["linear", "relu", "leaky_relu"])
def test_the_function_is_the_same(activation):
    net = draw_mlp(WIDTHS, 1.0, 0, activation, 0.2, dtype=np.float64)
    X = np.random.default_rng(0).normal(size=(20, WIDTHS[0]))
    balanced = gauge(net)
    expected = forward(net, X).output
    np.testing.assert_allclose(forward(balanced, X).output, expected, rtol=1e-11, atol=1e-12)
    assert balanced[1:] == net[1:]


@pytest.mark.parametrize("decades", [1, 6, 30])
def test_rescaled_units_do_not_matter(decades):
    net = draw_mlp(WIDTHS, 1.0, 0, dtype=np.float64)
    other = rescaled(net, decades)
    assert rho(other) > 2 * rho(net)
    assert rho(gauge(other)) == pytest.approx(rho(gauge(net)), rel=1e-11)


def test_the_balanced_network_is_where_the_derivatives_vanish():
    weights = gauge(draw_mlp(WIDTHS, 1.0, 0)).weights
    norms = [np.linalg.norm(W) for W in weights]
    assert norms == pytest.approx([norms[0]] * 4, rel=1e-13)
    for above, below in zip(weights[:-1], weights[1:], strict=True):
        assert np.square(above).sum(0) == pytest.approx(np.square(below).sum(1), rel=1e-11)
    again = gauge(MLP(weights)).weights
    for W, V in zip(weights, again, strict=True):
        np.testing.assert_allclose(V, W, rtol=1e-11)


def test_one_hidden_layer_has_a_closed_form():
    net = draw_mlp([5, 9, 3], 1.0, 0, dtype=np.float64)
    enter = np.linalg.norm(net.weights[0], axis=0)
    leave = np.linalg.norm(net.weights[1], axis=1)
    assert rho(gauge(net)) == pytest.approx(enter @ leave, rel=1e-12)


def test_one_layer_has_nothing_to_rescale():
    W = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(gauge(MLP([W])).weights[0], W, rtol=1e-15)


def test_rho_is_the_product_of_norms_and_homogeneous_in_every_layer():
    net = draw_mlp(WIDTHS, 1.0, 0, dtype=np.float64)
    expected = math.prod(math.sqrt(sum(w * w for row in W for w in row)) for W in net.weights)
    assert rho(net) == pytest.approx(expected, rel=1e-13)
    for k in range(4):
        weights = [3 * W if i == k else W for i, W in enumerate(net.weights)]
        assert rho(MLP(weights)) == pytest.approx(3 * expected, rel=1e-13)
        assert rho(gauge(MLP(weights))) == pytest.approx(3 * rho(gauge(net)), rel=1e-12)


def test_units_that_lead_nowhere_or_come_from_nowhere_are_removed():
    """Unit 0 of the first layer is read only by units that nothing reads; 1 reads nothing."""
    net = draw_mlp([5, 7, 6, 2], 1.0, 0, dtype=np.float64)
    first, second, third = net.weights
    third[:2] = 0
    second[0, 2:] = 0
    first[:, 1] = 0
    second[1] *= 1e9
    balanced = gauge(net)
    X = np.random.default_rng(0).normal(size=(20, 5))
    np.testing.assert_allclose(forward(balanced, X).output, forward(net, X).output, rtol=1e-11)
    assert not balanced.weights[0][:, :2].any()
    assert not balanced.weights[1][:2].any() and not balanced.weights[1][:, :2].any()
    pruned = MLP([first[:, 2:], second[2:, 2:], third[2:]])
    assert rho(balanced) == pytest.approx(rho(gauge(pruned)), rel=1e-12)


def test_a_network_that_is_zero_has_rho_zero():
    net = MLP([np.eye(3), np.zeros((3, 3)), np.eye(3)])
    assert rho(net) == rho(gauge(net)) == 0
    assert not any(W.any() for W in gauge(net).weights)


def test_networks_almost_cut_in_two_still_balance():
    """Two halves that share nothing but one weak weight, scaled apart by ten decades."""
    net = draw_mlp([4, 8, 8, 8, 2], 1.0, 0, dtype=np.float64)
    for W in net.weights[1:3]:
        W[:4, 4:] = 0
        W[4:, :4] = 0
    net.weights[1][0, 4] = 1e-9
    net.weights[0][:, 4:] *= 1e10
    assert rho(gauge(net)) == pytest.approx(smallest_by_descent(gauge(net)), rel=1e-9)
    assert rho(gauge(rescaled(net, 3))) == pytest.approx(rho(gauge(net)), rel=1e-9)


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (draw_mlp([2, 2, 2], 1.0, 0, "tanh"), "network of tanh has no gauge"),
        (draw_mlp([2, 2, 2], 1.0, 0, residual=True), "residual network has no gauge"),
        (MLP([np.eye(2), np.full((2, 1), np.inf)]), "NaN or infinity in layer 2"),
        (MLP([np.eye(2), np.eye(3)]), "Weights must be"),
        (MLP([np.diag([1.0, 1e-170]), np.ones((2, 1))]), "prune what is far below the largest"),
        (
            MLP([np.diag([1.0, 1e-160]), np.diag([1e-160, 1.0]), np.diag([1.0, 1e-160])] * 3),
            "rescale the units",
        ),
    ],
)
def test_what_has_no_gauge_is_an_error_that_says_why(net, message):
    with pytest.raises(ValueError, match=message):
        gauge(net)
