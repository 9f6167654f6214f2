"""What is measured of a minimum: curvature, noise of the gradient, whether SGD leaves it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.kernels import critical_points, two_layer
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
    rest = critical_points.minimize(landscape.expand, ends)
    change = np.abs(landscape.expand(rest).value - np.repeat(minima.loss, N_RUNS))
    found: np.ndarray = (change > ESCAPED).reshape(-1, N_RUNS).mean(axis=1)
    return found
