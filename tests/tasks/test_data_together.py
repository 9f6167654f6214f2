"""Networks trained at once against each of them trained alone, and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from harness.kernels import sgd
from harness.kernels.mlp import MLP
from tasks._data import together

R, N, WIDTHS = 5, 12, (4, 6, 6, 3)


def drawn(seed: int = 0) -> tuple[list[torch.Tensor], torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    weights = together.draw(rng, WIDTHS, np.linspace(0.7, 1.4, R), torch.float64)
    X, Y = (torch.from_numpy(rng.standard_normal((R, N, d))) for d in (WIDTHS[0], WIDTHS[-1]))
    return weights, X, Y


SETTINGS = {
    "rate": np.linspace(0.02, 0.1, R),
    "weight_decay": np.array([0, 0.1, 0, 0.01, 0.3]),
    "n_steps": np.array([30, 7, 0, 30, 300]),
}


@pytest.mark.parametrize("activation", ["relu", "tanh", "linear"])
def test_all_samples_are_the_descent_of_the_kernel(activation):
    weights, X, Y = drawn()
    alone = [MLP([W[r].numpy().copy() for W in weights], activation) for r in range(R)]
    together.descend(
        weights, X, Y, **SETTINGS, batch=None, rng=np.random.default_rng(0), activation=activation
    )
    for r, net in enumerate(alone):
        steps = int(SETTINGS["n_steps"][r])
        rate, decay = SETTINGS["rate"][r], SETTINGS["weight_decay"][r]
        assert sgd.descend(net, X[r].numpy(), Y[r].numpy(), rate, steps, seed=0, weight_decay=decay)
        for mine, W in zip(weights, net.weights, strict=True):
            np.testing.assert_allclose(mine[r].numpy(), W, rtol=1e-9, atol=1e-12)


def test_batches_are_the_rows_that_were_drawn_and_shorter_ones_are_filled_with_nothing():
    weights, X, Y = drawn()
    start = [W.clone() for W in weights]
    batch = np.array([1, 2, 4, 3, 4])
    one = {**SETTINGS, "n_steps": np.ones(R, int)}
    together.descend(weights, X, Y, **one, batch=batch, rng=np.random.default_rng(7))
    rows = np.random.default_rng(7).integers(N, size=(1, R, 4))[0]
    for r in range(R):
        net = [W[r].clone().requires_grad_() for W in start]
        x, y = (data[r][rows[r, : batch[r]]] for data in (X, Y))
        h = torch.relu(torch.relu(x @ net[0]) @ net[1]) @ net[2]
        slopes = torch.autograd.grad(0.5 * ((h - y) ** 2).sum(1).mean(), net)
        rate, decay = SETTINGS["rate"][r], SETTINGS["weight_decay"][r]
        for mine, W, slope in zip(weights, start, slopes, strict=True):
            wanted = (1 - rate * decay) * W[r] - rate * slope
            np.testing.assert_allclose(mine[r], wanted, rtol=1e-10, atol=1e-13)


def test_noise_of_a_quadratic_is_that_of_its_stationary_law():
    """One weight on constant data: f = w, so w makes a first-order autoregression."""
    runs, n, eta, steps = 64, 8, 0.2, 3000
    rng = np.random.default_rng(0)
    X = torch.ones(runs, n, 1, dtype=torch.float64)
    Y = torch.from_numpy(np.repeat(rng.standard_normal((1, n, 1)), runs, 0))
    weights, seen = [torch.zeros(runs, 1, 1, dtype=torch.float64)], []
    together.descend(
        weights, X, Y, rate=np.full(runs, eta), weight_decay=np.zeros(runs),
        n_steps=np.full(runs, steps), batch=np.full(runs, 2), rng=rng, activation="linear",
        observe=lambda all_: seen.append(all_[0][:, 0, 0].clone()), every=10,
    )  # fmt: skip
    w = torch.stack(seen)[20:]
    noise = Y[0].var(correction=0) / 2
    assert float(w.mean()) == pytest.approx(float(Y[0].mean()), abs=0.01)
    assert float(w.var()) == pytest.approx(float(eta / (2 - eta) * noise), rel=0.05)


def test_shared_data_are_not_changed_and_networks_are_seen_as_they_came():
    weights, X, Y = drawn()
    shared = X[0].expand(R, N, 4)
    before, seen = shared.clone(), []
    equal = {**SETTINGS, "n_steps": np.full(R, 4)}
    together.descend(
        weights, shared, Y, **equal, batch=np.full(R, 2), rng=np.random.default_rng(0),
        observe=lambda all_: seen.append([W.clone() for W in all_]), every=2,
    )  # fmt: skip
    assert torch.equal(shared, before) and len(seen) == 2
    assert all(torch.equal(a, b) for a, b in zip(seen[-1], weights, strict=True))


def test_runs_of_different_length_cannot_be_observed():
    weights, X, Y = drawn()
    with pytest.raises(ValueError, match="equally many steps"):
        together.descend(
            weights, X, Y, **SETTINGS, batch=None, rng=np.random.default_rng(0), every=1
        )  # fmt: skip
