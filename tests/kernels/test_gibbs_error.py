"""Errors of drawn networks against a plain loop over networks, and what they are estimates of."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import norm

from harness.kernels import gibbs_error as kernel
from harness.kernels.gibbs_error import gibbs_errors, n_parameters, outputs

WIDTHS = [5, 7, 6, 3]
D = n_parameters(WIDTHS)


def one_network(w: np.ndarray, X: np.ndarray, widths: list[int]) -> np.ndarray:
    """Return what one network says, in double precision, by its definition."""
    h, w = X.astype(np.float64), w.astype(np.float64)
    for layer, (m, k) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        W, b, w = w[: m * k].reshape(m, k), w[m * k : m * k + k], w[m * k + k :]
        h = (np.maximum(h, 0) if layer else h) @ W + b
    assert not len(w)
    return h


def loop(mu, sigma, widths, X, y, n_draws, n_samples, seed):
    """Draw the same networks and batches, and ask one network after another."""
    generator = torch.Generator().manual_seed(seed)
    errors = []
    for start, stop in kernel._blocks(n_draws, n_samples, widths):
        noise = torch.randn(stop - start, len(mu), generator=generator).numpy()
        for e in noise:
            rows = torch.randperm(len(X), generator=generator)[:n_samples].numpy()
            said = one_network(mu + sigma * e, X[rows], widths)
            errors.append(np.mean(said.argmax(1) != y[rows]))
    return np.array(errors)


def problem(n: int = 60) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    mu = rng.normal(size=D).astype(np.float32)
    sigma = rng.uniform(0, 1, D).astype(np.float32)
    X = rng.normal(size=(n, 5)).astype(np.float32)
    return mu, sigma, X, rng.integers(3, size=n)


@pytest.mark.parametrize("numbers", [1, 200, 1 << 20])
@pytest.mark.parametrize("scalar", [False, True])
def test_it_is_a_loop_over_networks_in_blocks_of_any_size(numbers, scalar, monkeypatch):
    monkeypatch.setattr(kernel, "MOST_NUMBERS", numbers)
    mu, sigma, X, y = problem()
    spread = 0.4 if scalar else sigma
    found = gibbs_errors(mu, spread, WIDTHS, X, y, 23, 10, seed=4)
    naive = loop(mu, spread, WIDTHS, X, y, 23, 10, seed=4)
    # A network may be undecided within the rounding of float32.
    assert np.mean(found != naive) <= 1 / 23
    np.testing.assert_allclose(found, naive, atol=0.11)
    assert len(set(found.tolist())) > 3


def test_what_networks_say_is_their_definition():
    mu, sigma, X, _ = problem()
    w = mu + sigma * np.random.default_rng(1).normal(size=(4, D)).astype(np.float32)
    batches = np.stack([X[:8], X[8:16], X[16:24], X[24:32]])
    found = outputs(torch.from_numpy(w), torch.from_numpy(batches), WIDTHS)
    naive = np.stack([one_network(*pair, WIDTHS) for pair in zip(w, batches, strict=True)])
    np.testing.assert_allclose(found.numpy(), naive, rtol=1e-4, atol=1e-4)


def test_without_a_spread_and_on_all_samples_it_is_the_error_of_one_network():
    mu, _, X, y = problem()
    wrong = np.mean(one_network(mu, X, WIDTHS).argmax(1) != y)
    assert gibbs_errors(mu, 0.0, WIDTHS, X, y, 3, len(y), 0) == pytest.approx([wrong] * 3)


def test_its_mean_is_the_gibbs_error_in_closed_form():
    """One layer, one input: the outputs' difference is Gaussian, so the risk is a normal tail."""
    mu, sigma = np.array([0.3, -0.1, 0.2, 0.0]), np.array([0.5, 0.2, 0.3, 0.4])
    X, y = np.array([[1.0], [-2.0], [0.5]]), np.array([0, 0, 1])
    mean = (mu[0] - mu[1]) * X[:, 0] + mu[2] - mu[3]
    deviation = np.sqrt((sigma[0] ** 2 + sigma[1] ** 2) * X[:, 0] ** 2 + 0.3**2 + 0.4**2)
    truth = np.mean(norm.cdf(np.where(y == 0, -1, 1) * mean / deviation))
    Z = gibbs_errors(mu, sigma, [1, 2], X, y, 40_000, 2, 0)
    assert Z.mean() == pytest.approx(truth, abs=4 * Z.std() / 200)
    assert Z.std() / 200 < 0.003


def test_a_seed_draws_the_same_and_another_one_others():
    mu, sigma, X, y = problem()
    first, again, other = (gibbs_errors(mu, sigma, WIDTHS, X, y, 50, 9, s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_networks_are_independent_of_their_neighbours_in_a_block():
    mu, sigma, X, y = problem(400)
    Z = gibbs_errors(mu, sigma, WIDTHS, X, y, 4000, 20, 0)
    assert abs(np.corrcoef(Z[:-1], Z[1:])[0, 1]) < 4 / np.sqrt(4000)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"mu": np.zeros(D - 1)}, f"have {D} parameters, got"),
        ({"sigma": np.zeros(2)}, f"have {D} parameters, got"),
        ({"sigma": -0.1}, "sigma must be at least 0"),
        ({"sigma": np.full(D, np.nan)}, "sigma must be at least 0"),
        ({"X": np.zeros((60, 4))}, r"X must be \(n, 5\)"),
        ({"y": np.zeros(59, int)}, r"y \(n,\)"),
        ({"n_samples": 61}, "1 to 60 samples, got 61"),
        ({"n_samples": 0}, "1 to 60 samples, got 0"),
        ({"mu": np.full(D, 1e30)}, "not finite"),
    ],
)
def test_what_does_not_fit_is_an_error(change, message):
    mu, sigma, X, y = problem()
    given = {"mu": mu, "sigma": sigma, "widths": WIDTHS, "X": X, "y": y}
    given |= {"n_draws": 2, "n_samples": 10, "seed": 0}
    with pytest.raises(ValueError, match=message):
        gibbs_errors(**{**given, **change})
