"""Minima of a small regularized tanh network: found, measured, and left by SGD or not.

What is measured of a minimum: the curvature, the noise of one sample's gradient, the height of the
lowest straight pass to another minimum, and the share of runs of SGD that do not come back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from harness.kernels import critical_points, two_layer
from harness.kernels.two_layer import Net
from tasks._data import landscapes
from tasks._data.landscapes import Landscape

CRITICAL, SADDLE = 1e-8, -1e-7
"""Largest gradient and smallest eigenvalue at a minimum."""
SOFT = 10.0
"""An eigenvalue below so many times the regularizer's is soft."""
RATE, BATCH, N_UPDATES, N_RUNS = 0.3, 2, 1500, 16
"""Of the runs that try to escape."""
ESCAPED = 1e-4
"""Change of the loss, once a run has come to rest."""
CHUNK = 64
N_ON_A_LINE = 41
"""Points of a straight line whose loss is looked at, its ends among them."""


@dataclass(frozen=True)
class Minima:
    """K certified minima of one landscape, those of the lowest loss first."""

    points: np.ndarray  # (K, P)
    keys: np.ndarray  # (K, 1 + n)
    loss: np.ndarray  # (K,)
    noise: np.ndarray  # (K,) trace of the covariance of one sample's gradient
    soft: np.ndarray  # (K,)
    trace: np.ndarray  # (K,) of the Hessian
    top: np.ndarray  # (K,) its largest eigenvalue


def draw(shape: tuple[int, int, int], lam: float, rng: np.random.Generator) -> Landscape:
    """Draw a problem of d Gaussian features and a column of ones, h units, n labels +-1."""
    d, h, n = shape
    X = np.column_stack([rng.standard_normal((n, d)), np.ones(n)])
    net = Net(X, rng.choice([-1.0, 1.0], (n, 1)), h, "tanh")
    return Landscape(net, np.full(net.size, lam), "additive", 1 / n)


def pool(landscape: Landscape, n_starts: int, rng: np.random.Generator) -> Minima:
    """Return the minima that saddle-free Newton finds from Gaussian starts."""
    starts = rng.standard_normal((n_starts, landscape.net.size))
    parts = [starts[at : at + CHUNK] for at in range(0, n_starts, CHUNK)]
    ends = [critical_points.minimize(landscape.expand, part) for part in parts]
    return measure(landscape, np.concatenate(ends))


def spread(minima: Minima, most: int) -> np.ndarray:
    """Return the rows of so many minima at most, from the lowest to the highest."""
    n = len(minima.loss)
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(int))


def is_minimum(landscape: Landscape, theta: np.ndarray) -> np.ndarray:
    """Return which of the points (K, P) are minima within bounds."""
    gradient, hessian = landscape.expand(theta)[1:]
    small = np.abs(gradient).max(axis=1, initial=0) <= CRITICAL
    small &= np.abs(theta).max(axis=1, initial=0) <= landscapes.LARGEST
    lowest = np.linalg.eigvalsh(hessian).min(axis=1, initial=np.inf)
    found: np.ndarray = small & (lowest > SADDLE)
    return found


def measure(landscape: Landscape, theta: np.ndarray) -> Minima:
    """Keep one point of each minimum among polished points (K, P), and measure it."""
    theta = theta[is_minimum(landscape, theta)]
    theta = theta[np.argsort(landscape.expand(theta).value, kind="stable")]
    keys = landscape.keys(theta)
    kept = landscapes.firsts(keys)
    theta, keys = theta[kept], keys[kept]
    value, _, hessian = landscape.expand(theta)
    w = np.linalg.eigvalsh(hessian)
    lam = landscape.c[0]
    return Minima(
        points=theta,
        keys=keys,
        loss=value,
        noise=noise(landscape, theta),
        soft=(w < SOFT * lam).sum(axis=1),
        trace=w.sum(axis=1),
        top=w.max(axis=1, initial=0),
    )


def noise(landscape: Landscape, theta: np.ndarray) -> np.ndarray:
    """Return tr C (K,), C = mean g_i g_i^T - gbar gbar^T over the samples' gradients g_i.

    The regularizer adds the same to every g_i and nothing to C.
    """
    g = two_layer.sample_gradients(landscape.net, theta)
    found: np.ndarray = ((g - g.mean(axis=1, keepdims=True)) ** 2).sum(axis=2).mean(axis=1)
    return found


def unrest(noise: np.ndarray) -> np.ndarray:
    """Return the mean loss above a quadratic minimum at which SGD stays, eta tr C / (4 B).

    With H S + S H = (eta / B) C of its stationary covariance S it is tr(H S) / 2, to first order
    in the rate.
    """
    return RATE * noise / (4 * BATCH)


def barriers(landscape: Landscape, minima: Minima, rows: np.ndarray) -> np.ndarray:
    """Return how far above each minimum of `rows` the lowest straight pass to another one is.

    The highest loss on the line to each other minimum of the pool, whose units have been given
    the places and signs in which they are nearest; the least of these, less the own loss. True
    passes are lower: it is a bound from above. Infinite where there is no other minimum.
    """
    n_first = landscape.net.hidden * landscape.net.X.shape[1]
    at = np.linspace(0, 1, N_ON_A_LINE)[:, None]
    found = []
    for row in rows:
        here, passes = minima.points[row], [np.inf]
        for there in np.delete(minima.points, row, axis=0):
            end = nearest_copy(here, there, n_first)
            passes.append(landscape.expand(here + at * (end - here)).value.max())
        found.append(min(passes) - minima.loss[row])
    return np.array(found)


def nearest_copy(here: np.ndarray, there: np.ndarray, n_first: int) -> np.ndarray:
    """Return the point that equals `there` up to places and signs of units, nearest to `here`."""

    def units(theta: np.ndarray) -> np.ndarray:
        last = theta[n_first:]
        return np.column_stack([theta[:n_first].reshape(len(last), -1), last])

    mine, theirs = units(here), units(there)
    same, turned = (
        ((mine[:, None] - sign * theirs[None]) ** 2).sum(axis=2) for sign in (1.0, -1.0)
    )
    _, order = linear_sum_assignment(np.minimum(same, turned))
    every = np.arange(len(mine))
    sign = np.where(same[every, order] <= turned[every, order], 1.0, -1.0)
    moved = sign[:, None] * theirs[order]
    return np.concatenate([moved[:, :-1].ravel(), moved[:, -1]])


def run_sgd(
    landscape: Landscape, theta: np.ndarray, n_updates: int, rng: np.random.Generator
) -> np.ndarray:
    """Return where SGD with replacement leads from points (K, P), each with its own batches."""
    net, c = landscape.net, landscape.c
    n, h, d = len(net.X), net.hidden, net.X.shape[1]
    W1, W2 = (W.copy() for W in two_layer.split(net, theta))
    for _ in range(n_updates):
        rows = rng.integers(n, size=(len(theta), BATCH))
        X, Y = net.X[rows], net.Y[rows]
        a = np.tanh(X @ W1.transpose(0, 2, 1))
        e = (a @ W2.transpose(0, 2, 1) - Y) / BATCH
        first = ((e @ W2) * (1 - a * a)).transpose(0, 2, 1) @ X
        second = e.transpose(0, 2, 1) @ a
        W1 -= RATE * (first + c[0] * W1)
        W2 -= RATE * (second + c[0] * W2)
    return np.concatenate([W1.reshape(-1, h * d), W2.reshape(len(theta), -1)], axis=1)


def escape(landscape: Landscape, minima: Minima, rng: np.random.Generator) -> np.ndarray:
    """Return of each minimum the share of SGD's runs that come to rest at another loss."""
    ends = run_sgd(landscape, np.repeat(minima.points, N_RUNS, axis=0), N_UPDATES, rng)
    parts = [ends[at : at + CHUNK] for at in range(0, len(ends), CHUNK)]
    rest = np.concatenate([critical_points.minimize(landscape.expand, part) for part in parts])
    change = np.abs(landscape.expand(rest).value - np.repeat(minima.loss, N_RUNS))
    found: np.ndarray = (change > ESCAPED).reshape(-1, N_RUNS).mean(axis=1)
    return found
