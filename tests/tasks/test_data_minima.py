"""Minima of a small network: found, measured, and left by SGD or not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy.linalg import solve_continuous_lyapunov

from harness.kernels import critical_points
from tasks._data import landscapes, minima
from tasks._data.landscapes import Landscape

SHAPE, LAMBDA = (3, 3, 8), 1e-3


def test_a_pool_holds_distinct_minima_from_the_lowest_up():
    rng = np.random.default_rng(0)
    own = minima.draw(SHAPE, LAMBDA, rng)
    found = minima.pool(own, 60, rng)
    assert minima.is_minimum(own, found.points).all()
    assert (np.diff(found.loss) > -1e-12).all()
    for one, other in itertools.combinations(found.keys, 2):
        assert np.abs(one - other).max() > 1e-4
    np.testing.assert_allclose(found.loss, own.expand(found.points).value)


def pooled() -> tuple[Landscape, minima.Minima]:
    rng = np.random.default_rng(1)
    own = minima.draw(SHAPE, LAMBDA, rng)
    return own, minima.pool(own, 40, rng)


def test_noise_is_the_trace_of_the_covariance_of_gradients_sample_by_sample():
    own, found = pooled()
    n = len(own.net.X)
    for point, noise in zip(found.points, found.noise, strict=True):
        gradients = []
        for i in range(n):
            alone = own.net._replace(X=own.net.X[i : i + 1], Y=own.net.Y[i : i + 1])
            single = landscapes.Landscape(alone, own.c, "additive", 1.0)
            gradients.append(single.expand(point[None]).gradient[0])
        g = np.array(gradients)
        assert noise == pytest.approx(np.trace(np.cov(g.T, bias=True)), rel=1e-9)
        np.testing.assert_allclose(g.mean(axis=0), 0, atol=1e-8)  # it is a minimum


def test_curvature_is_that_of_the_hessian():
    own, found = pooled()
    for k, point in enumerate(found.points):
        w = np.linalg.eigvalsh(own.expand(point[None]).hessian[0])
        assert found.soft[k] == (w < 1e-2).sum()
        assert found.top[k] == pytest.approx(w[-1]) and found.trace[k] == pytest.approx(w.sum())


def test_a_saddle_a_slope_and_a_far_point_are_no_minima():
    own, found = pooled()
    origin = np.zeros((1, own.net.size))
    assert np.abs(own.expand(origin).gradient).max() <= 1e-8
    assert not minima.is_minimum(own, origin)[0]
    assert not minima.is_minimum(own, found.points[:1] + 1e-3)[0]
    assert minima.is_minimum(own, found.points).all()
    assert minima.is_minimum(own, found.points[:0]).shape == (0,)


def test_the_unrest_is_that_of_the_stationary_covariance_above_a_quadratic_minimum():
    rng = np.random.default_rng(3)
    H, C = (A @ A.T for A in rng.standard_normal((2, 4, 4)))
    S = solve_continuous_lyapunov(H, minima.RATE / minima.BATCH * C)
    assert minima.unrest(np.trace(C)) == pytest.approx(np.trace(H @ S) / 2)


def copies(theta: np.ndarray) -> list[np.ndarray]:
    """Return the point with its 3 units in all places and signs."""
    W1, W2 = theta[:12].reshape(3, 4), theta[12:]
    return [
        np.concatenate(
            [(np.array(sign)[:, None] * W1[list(order)]).ravel(), sign * W2[list(order)]]
        )
        for order in itertools.permutations(range(3))
        for sign in np.array(list(itertools.product((-1.0, 1.0), repeat=3)))
    ]


def test_the_nearest_copy_of_a_point_is_the_nearest_of_all():
    here, there = np.random.default_rng(2).standard_normal((2, 15))
    found = minima.nearest_copy(here, there, 12)
    distances = [np.linalg.norm(here - copy) for copy in copies(there)]
    assert np.linalg.norm(here - found) == pytest.approx(min(distances))
    assert min(np.abs(found - copy).max() for copy in copies(there)) == 0
    own, _ = pooled()
    np.testing.assert_allclose(own.keys(found[None]), own.keys(there[None]), atol=1e-12)


def test_a_barrier_is_the_lowest_of_the_highest_losses_on_the_way_to_others():
    own, found = pooled()
    rows = np.array([0, len(found.loss) - 1])
    heights = minima.barriers(own, found, rows)
    for row, height in zip(rows, heights, strict=True):
        passes = []
        for other in np.delete(np.arange(len(found.loss)), row):
            here, ways = found.points[row], copies(found.points[other])
            end = min(ways, key=lambda way: float(np.linalg.norm(here - way)))
            line = [here + t * (end - here) for t in np.linspace(0, 1, minima.N_ON_A_LINE)]
            passes.append(max(own.expand(point[None]).value[0] for point in line))
        assert height == pytest.approx(min(passes) - found.loss[row]) and height > 0
    alone = minima.measure(own, found.points[:1])
    assert minima.barriers(own, alone, np.array([0])).tolist() == [np.inf]


def test_a_few_of_many_are_spread_from_the_lowest_to_the_highest():
    own, found = pooled()
    n = len(found.loss)
    assert minima.spread(found, n + 5).tolist() == list(range(n))
    some = minima.spread(found, 3)
    assert len(some) == 3 and (some[0], some[-1]) == (0, n - 1)
    assert minima.spread(minima.measure(own, found.points[:0]), 3).tolist() == []


def test_updates_are_those_of_a_loop_with_automatic_differentiation():
    own, found = pooled()
    theta = found.points[:2]
    ends = minima.run_sgd(own, theta, 20, np.random.default_rng(5))
    rng = np.random.default_rng(5)
    batches = [rng.integers(len(own.net.X), size=(2, minima.BATCH)) for _ in range(20)]
    X, Y = torch.from_numpy(own.net.X), torch.from_numpy(own.net.Y)
    for run, start in enumerate(theta):
        point = torch.from_numpy(start.copy()).requires_grad_()
        for batch in batches:
            rows = batch[run]
            out = torch.tanh(X[rows] @ point[:12].reshape(3, 4).T) @ point[12:]
            loss = (out - Y[rows, 0]).square().sum() / (2 * minima.BATCH)
            loss = loss + LAMBDA / 2 * point.square().sum()
            (slope,) = torch.autograd.grad(loss, point)
            point = (point - minima.RATE * slope).detach().requires_grad_()
        np.testing.assert_allclose(ends[run], point.detach().numpy(), atol=1e-10)


def test_a_share_is_that_of_runs_that_come_to_rest_at_another_loss(monkeypatch):
    own, found = pooled()
    monkeypatch.setattr(minima, "N_RUNS", 4)
    monkeypatch.setattr(minima, "N_UPDATES", 200)
    shares = minima.escape(own, found, np.random.default_rng(6))
    starts = np.repeat(found.points, 4, axis=0)
    ends = minima.run_sgd(own, starts, 200, np.random.default_rng(6))
    left = []
    for start, end in zip(starts, ends, strict=True):
        rest = critical_points.minimize(own.expand, end[None])
        left.append(abs(own.expand(rest).value[0] - own.expand(start[None]).value[0]) > 1e-4)
    np.testing.assert_allclose(shares, np.reshape(left, (-1, 4)).mean(axis=1))
    assert shares.max() > 0


def test_nothing_escapes_without_updates(monkeypatch):
    own, found = pooled()
    monkeypatch.setattr(minima, "N_UPDATES", 0)
    assert not minima.escape(own, found, np.random.default_rng(0)).any()
