"""Descent against torch's optimizer, closed forms and what a run must not depend on."""

import numpy as np
import pytest
import torch

from harness.kernels.mlp import LOSSES, MLP, draw_mlp, flat, forward, gradient
from harness.kernels.sgd import _DRAWN, descend, train
from harness.kernels.stable_rank import stable_rank

WIDTHS = [4, 6, 6, 3]


def sample(loss="square", n=12, dtype=np.float64):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, WIDTHS[0])).astype(dtype)
    if loss == "cross_entropy":
        return X, np.eye(WIDTHS[-1], dtype=dtype)[rng.integers(WIDTHS[-1], size=n)]
    return X, rng.choice([-1.0, 1.0], size=(n, WIDTHS[-1])).astype(dtype)


def drawn(activation="tanh", dtype=np.float64):
    return draw_mlp(WIDTHS, 1.0, 0, activation, dtype=dtype)


@pytest.mark.parametrize("loss", LOSSES)
def test_full_batches_take_the_steps_of_torchs_optimizer(loss):
    X, Y = sample(loss)
    net = drawn()
    tensors = [torch.tensor(W, requires_grad=True) for W in net.weights]
    optimizer = torch.optim.SGD(tensors, lr=0.1, weight_decay=0.02)
    for _ in range(50):
        h = torch.tensor(X)
        for W in tensors[:-1]:
            h = torch.tanh(h @ W)
        f, y = h @ tensors[-1], torch.tensor(Y)
        if loss == "square":
            value = 0.5 * (f - y).square().sum() / len(X)
        elif loss == "cross_entropy":
            value = torch.nn.functional.cross_entropy(f, y)
        else:
            value = torch.nn.functional.softplus(-y * f).sum() / len(X)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    assert descend(net, X, Y, 0.1, 50, seed=0, weight_decay=0.02, loss=loss)
    for W, tensor in zip(net.weights, tensors, strict=True):
        np.testing.assert_allclose(W, tensor.detach().numpy(), rtol=1e-10, atol=1e-13)


def test_one_stochastic_step_is_a_gradient_of_the_drawn_samples():
    X, Y = sample()
    net, before = drawn(), drawn()
    rows = np.random.default_rng(7).integers(len(X), size=(1, 5))[0]
    G = gradient(before, X[rows], Y[rows]).weights
    descend(net, X, Y, 0.1, 1, seed=7, batch=5, weight_decay=0.5)
    for W, start, g in zip(net.weights, before.weights, G, strict=True):
        np.testing.assert_allclose(W, start - 0.1 * (g + 0.5 * start), rtol=1e-12, atol=1e-15)


def test_samples_are_drawn_evenly_and_with_replacement():
    """One weight, rate 1: after a step it is the mean target of the batch."""
    X, Y = np.ones((4, 1)), np.array([[1.0], [10.0], [100.0], [1000.0]])
    means = []
    for seed in range(2000):
        net = MLP([np.zeros((1, 1))])
        descend(net, X, Y, 1.0, 1, seed=seed, batch=2)
        means.append(net.weights[0].item())
    twice = [2 * mean == value * 2 for mean in means for value in (1, 10, 100, 1000)]
    assert sum(twice) / 2000 == pytest.approx(1 / 4, abs=0.04)
    assert np.mean(means) == pytest.approx(1111 / 4, rel=0.05)


def test_linear_regression_ends_at_the_solution_of_ridge():
    X, Y = sample()
    net = MLP([np.zeros((4, 3))])
    assert descend(net, X, Y, 0.5, 2000, seed=0, weight_decay=0.1)
    exact = np.linalg.solve(X.T @ X / 12 + 0.1 * np.eye(4), X.T @ Y / 12)
    np.testing.assert_allclose(net.weights[0], exact, rtol=1e-12)


def test_a_run_does_not_depend_on_how_often_it_is_looked_at():
    X, Y = sample(dtype=np.float32)
    n_steps = _DRAWN + 300
    settings = {"rate": 0.02, "n_steps": n_steps, "seed": 3, "batch": 3, "weight_decay": 1e-3}

    def ranks(net):
        return {"rank": [stable_rank(W) for W in net.weights], "loss": gradient(net, X, Y).loss}

    often = train(X, Y, WIDTHS, observe=ranks, at=[0, 1, 7, 500, n_steps], **settings)
    again = train(X, Y, WIDTHS, observe=ranks, at=[500], **settings)
    never = train(X, Y, WIDTHS, **settings)
    other = train(X, Y, WIDTHS, **settings | {"seed": 4})
    np.testing.assert_array_equal(flat(often.net.weights), flat(never.net.weights))
    np.testing.assert_array_equal(flat(again.net.weights), flat(never.net.weights))
    assert not np.allclose(flat(other.net.weights), flat(never.net.weights))
    assert often.steps.tolist() == [0, 1, 7, 500, n_steps]
    assert often.observed["rank"].shape == (5, 3)
    np.testing.assert_array_equal(often.observed["rank"][3], again.observed["rank"][0])
    assert often.observed["loss"][-1] == gradient(never.net, X, Y).loss
    assert (never.steps.tolist(), never.observed) == ([n_steps], {})


def test_the_first_observation_is_of_the_drawn_network_with_its_gain():
    X, Y = sample()
    run = train(
        X, Y, [4, 500, 3], rate=0.1, n_steps=0, seed=0, gain=0.5, activation="tanh",
        observe=lambda net: {"spread": net.weights[1].std()},
    )  # fmt: skip
    assert run.observed["spread"][0] == pytest.approx(0.5 / 500**0.5, rel=0.05)
    assert run.net.activation == "tanh"


def test_frozen_layers_keep_their_weights():
    X, Y = sample()
    net, before = drawn(), drawn()
    descend(net, X, Y, 0.1, 5, seed=0, batch=2, weight_decay=0.1, frozen=[0, 2])
    kept = [np.array_equal(W, V) for W, V in zip(net.weights, before.weights, strict=True)]
    assert kept == [True, False, True]


@pytest.mark.parametrize("residual", [False, True])
def test_it_learns(residual):
    X, Y = sample(dtype=np.float32)
    run = train(X, Y, [4, 32, 32, 3], rate=0.03, n_steps=4000, seed=0, batch=4, residual=residual)
    assert np.abs(forward(run.net, X).output - Y).max() < 0.1
    assert all(W.dtype == np.float32 for W in run.net.weights)


def test_a_run_that_diverges_says_so_and_ends():
    X, Y = sample(dtype=np.float32)
    seen = []

    def observe(net):
        seen.append(net)
        return {"largest": np.abs(net.weights[0]).max()}

    settings = {"rate": 50.0, "n_steps": 20_000, "seed": 0, "activation": "linear"}
    run = train(X, Y, WIDTHS, observe=observe, at=[0, 1, 9000], **settings)
    assert run.diverged
    assert run.steps.tolist() == [0, 1] and len(seen) == len(run.observed["largest"]) == 2
    assert not descend(drawn("linear", np.float32), X, Y, 50.0, 1000, seed=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rate": 0.0}, "rate must be positive.* got 0.0, None, 0.0 and 5"),
        ({"batch": 0}, "batch at least 1"),
        ({"weight_decay": -0.1}, "at least 0"),
        ({"n_steps": -1}, "at least 0"),
        ({"loss": "hinge"}, "loss must be one of"),
        ({"X": np.ones((12, 4), np.float32)}, "all float32 or all float64, got float32, float64"),
        ({"Y": np.ones((12, 3), np.int64)}, "got float64, int64"),
        ({"Y": np.ones((12, 2))}, "Y must have shape"),
    ],
)
def test_what_cannot_descend_is_an_error_that_says_why(change, message):
    X, Y = sample()
    good = {"net": drawn(), "X": X, "Y": Y, "rate": 0.1, "n_steps": 5, "seed": 0}
    with pytest.raises(ValueError, match=message):
        descend(**(good | change))


@pytest.mark.parametrize("at", [[3, 2], [2, 2], [-1], [6]])
def test_observations_out_of_order_or_range_are_an_error(at):
    X, Y = sample()
    with pytest.raises(ValueError, match="must rise from 0 or more to at most 5"):
        train(X, Y, WIDTHS, rate=0.1, n_steps=5, seed=0, at=at)
