"""Feasible networks against exact sups, a loop over one network at a time, and their caps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from harness.kernels import network_sup as module
from harness.kernels.circle_sup import circle_sup
from harness.kernels.network_sup import Capped, network_sup

NEURON = [Capped(1, "frobenius", True)]
NETWORKS = {
    "neuron": NEURON,
    "spectral": [Capped(5, "spectral", True)],
    "spectral, rank 2": [Capped(2, "spectral", False), Capped(5, "spectral", True)],
    "frobenius": [Capped(5, "frobenius", True)],
    "two hidden layers": [Capped(5, "spectral", True), Capped(4, "frobenius", True)],
}


def draw(n: int = 20, d: int = 4, n_rows: int = 60, seed: int = 0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.choice([-1.0, 1.0], (n_rows, n))


@pytest.mark.parametrize("layers", NETWORKS.values(), ids=NETWORKS)
def test_a_value_is_that_of_weights_within_the_caps(layers, monkeypatch):
    """Run the weights one row of signs, one sample at a time."""
    X, signs = draw(n_rows=5)
    kept: list[torch.Tensor] = []
    within = module._within

    def keep(W, norm):
        kept.append(within(W, norm))
        return kept[-1]

    monkeypatch.setattr(module, "_within", keep)
    found = network_sup(X, signs, layers)
    for k, row in enumerate(signs):
        total = np.zeros(layers[-1].width)
        for x, sign in zip(X, row, strict=True):
            z = x
            for W, layer in zip(kept, layers, strict=True):
                z = W[k].numpy() @ z
                z = np.maximum(z, 0) if layer.relu else z
            total += sign * z
        assert found[k] == pytest.approx(np.linalg.norm(total), rel=1e-12)
    for W, layer in zip(kept, layers, strict=True):
        norms = np.linalg.norm(W.numpy(), 2 if layer.norm == "spectral" else None, axis=(1, 2))
        assert norms.max() <= 1 + 1e-12


def test_it_is_below_the_exact_sup_in_the_plane_and_close_to_it():
    X, signs = draw(30, 2, 300)
    exact = circle_sup(X, signs)
    found = network_sup(X, signs, NEURON, 30, 4)
    assert (found <= exact + 1e-9).all()
    assert found.mean() > 0.95 * exact.mean()


def test_under_a_frobenius_cap_many_neurons_are_no_better_than_the_best_one():
    X, signs = draw(30, 2, 300)
    found = network_sup(X, signs, NETWORKS["frobenius"], 40, 2)
    assert (found <= circle_sup(X, signs) + 1e-9).all()
    assert found.mean() > 0.95 * circle_sup(X, signs).mean()


def test_a_linear_network_reaches_the_length_of_the_sum():
    X, signs = draw()
    length = np.linalg.norm(signs @ X, axis=1)
    np.testing.assert_allclose(network_sup(X, signs, []), length)
    layers = [Capped(3, "spectral", False), Capped(2, "frobenius", False)]
    found = network_sup(X, signs, layers, 60)
    assert (found <= length * (1 + 1e-9)).all() and found.mean() > 0.97 * length.mean()


def test_more_steps_and_more_starts_find_no_less():
    X, signs = draw()
    layers = NETWORKS["spectral"]
    few = network_sup(X, signs, layers, 1).mean()
    more = network_sup(X, signs, layers, 20).mean()
    assert few < more
    assert (network_sup(X, signs, layers, 20, 3) >= network_sup(X, signs, layers, 20)).all()


def test_spectral_caps_and_rank_let_more_networks_in():
    X, signs = draw(40, 6, 200)
    one, two, all_ = (
        network_sup(X, signs, NETWORKS[name], 40).mean()
        for name in ("neuron", "spectral, rank 2", "spectral")
    )
    assert one < two < all_


def test_scale_is_a_factor_and_signs_have_two_sides():
    X, signs = draw()
    found = network_sup(X, signs, NEURON, 20, 4)
    np.testing.assert_allclose(network_sup(4 * X, signs, NEURON, 20, 4), 4 * found, rtol=1e-5)
    assert network_sup(X, -signs, NEURON, 20, 4).mean() == pytest.approx(found.mean(), rel=0.02)


def test_a_seed_starts_the_same_climb_and_another_one_another():
    X, signs = draw()
    first = network_sup(X, signs, NETWORKS["spectral"], 3, seed=1)
    np.testing.assert_array_equal(first, network_sup(X, signs, NETWORKS["spectral"], 3, seed=1))
    assert not np.array_equal(first, network_sup(X, signs, NETWORKS["spectral"], 3, seed=2))


def test_samples_of_zeros_are_worth_nothing():
    assert not network_sup(np.zeros((3, 2)), np.ones((2, 3)), NETWORKS["spectral"]).any()


@pytest.mark.parametrize(
    "X, signs, layers, n_steps, message",
    [
        (np.ones(3), np.ones((1, 3)), NEURON, 1, r"share n, got shapes \(3,\) and \(1, 3\)"),
        (np.ones((3, 2)), np.ones((1, 2)), NEURON, 1, "share n, got shapes"),
        (np.ones((3, 2)), np.ones((1, 3)), [Capped(0, "spectral", True)], 1, "must be 1 or more"),
        (np.ones((3, 2)), np.ones((1, 3)), NEURON, 0, "must be 1 or more"),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_why(X, signs, layers, n_steps, message):
    with pytest.raises(ValueError, match=message):
        network_sup(X, signs, layers, n_steps)
