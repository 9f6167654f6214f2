"""Runs of networks on digits and of linear networks with label noise, and the ranks they end with.

Networks of one shape and kind of batch are one group and train together. A run that diverges, or
that does not learn what it should, is drawn and not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from harness.kernels.stable_rank import numerical_rank, stable_rank
from harness.vocabulary import Arrays
from tasks._data import digits_arrays, runs, together
from tasks._data.laws import Bank

TAU = 0.05
"""Of the largest singular value: what counts for the numerical rank."""
N = 256
"""Samples of every run, and the batch that takes all of them."""
MOST_LOSS = 0.2
"""Of a network on digits at its end, half of the squared distance: it starts at 0.45 or more."""
WIDTHS, DEPTHS, GAINS = (32, 64), (2, 3, 4), (0.7, 1.0, 1.4)
D, M, K = 16, 32, 8
"""Inputs, hidden units and outputs of a linear network."""
MOST_VALUES = max(WIDTHS)
"""Singular values of a first matrix: shorter spectra end in zeros."""
SMALL, LARGE = (2, 4, 8, 16), (32, 64, N)
SMALL_LINEAR, LARGE_LINEAR = (1, 2, 4, 8, 16), (32, 64, N)
"""Batches that are shown, and batches that are asked for."""

FEATURES = (
    "linear", "batch", "rate", "weight_decay", "steps", "width", "depth", "gain", "noise",
    "rank_0", "stable_rank_0",
)  # fmt: skip
TARGETS = ("log10_numerical_rank", "log10_stable_rank")


@dataclass(frozen=True)
class Scale:
    """How many runs of either family are kept, and how long they are."""

    visible: tuple[int, int]
    """Networks on digits, linear networks."""
    heldout: tuple[int, int]
    effort: float = 1.0
    """Of the numbers of steps."""


def bank(rng: np.random.Generator, scale: Scale, large: bool) -> Bank:
    """Return the runs of small batches, or those of large ones."""
    of_digits, linear = scale.heldout if large else scale.visible
    rows = [
        _family(rng, False, of_digits, LARGE if large else SMALL, scale.effort),
        _family(rng, True, linear, LARGE_LINEAR if large else SMALL_LINEAR, scale.effort),
    ]
    features, targets = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    known = np.ones(targets.shape, bool)
    return Bank(features, targets, known, np.arange(len(features)))


def _family(
    rng: np.random.Generator, linear: bool, wanted: int, batches: tuple[int, ...], effort: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw half as many runs again as are wanted, and keep the first that learn."""
    n = wanted + (wanted + 1) // 2
    settings = _linear(rng, n, batches, effort) if linear else _digits(rng, n, batches, effort)
    measured = train(settings)
    kept = np.flatnonzero(measured["learned"])[:wanted]
    features = np.stack(
        [np.asarray(settings[f] if f in settings else measured[f], float) for f in FEATURES], 1
    )
    targets = np.log10(np.stack([measured["rank"], measured["stable_rank"]], 1))
    return features[kept], targets[kept]


def _digits(
    rng: np.random.Generator, n: int, batches: tuple[int, ...], effort: float
) -> dict[str, np.ndarray]:
    decay = 10 ** rng.uniform(-3.5, -1.6, n)
    return {
        "linear": np.zeros(n),
        "batch": rng.choice(batches, n),
        "rate": 10 ** rng.uniform(-2, -0.9, n),
        "weight_decay": np.where(rng.random(n) < 0.15, 0, decay),
        "steps": np.rint(effort * 10 ** rng.uniform(2.8, 3.9, n)).astype(int),
        "width": rng.choice(WIDTHS, n),
        "depth": rng.choice(DEPTHS, n),
        "gain": rng.choice(GAINS, n),
        "noise": np.zeros(n),
        "seed": rng.integers(2**31, size=n),
    }


def _linear(
    rng: np.random.Generator, n: int, batches: tuple[int, ...], effort: float
) -> dict[str, np.ndarray]:
    return {
        "linear": np.ones(n),
        "batch": rng.choice(batches, n),
        "rate": 10 ** rng.uniform(-2, -1.4, n),
        "weight_decay": rng.choice((0, 1e-3), n),
        "steps": np.full(n, round(20_000 * effort)),
        "width": np.full(n, M),
        "depth": np.ones(n, int),
        "gain": np.ones(n),
        "noise": np.ones(n),
        "seed": rng.integers(2**31, size=n),
    }


def train(settings: dict[str, np.ndarray]) -> Arrays:
    """Return what is measured of every run, in the order of `settings`."""
    n = len(settings["seed"])
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i in range(n):
        batch = int(settings["batch"][i])
        kind = 0 if batch <= max(SMALL) else batch
        shape = (int(settings[name][i]) for name in ("linear", "width", "depth"))
        groups.setdefault((*shape, kind), []).append(i)
    measured: Arrays = {}
    for members in groups.values():
        recipe = {name: values[members].tolist() for name, values in settings.items()}
        for name, values in runs.runs([{"settings": recipe}], group).items():
            most = MOST_VALUES if values.ndim == 3 else 0
            whole = measured.setdefault(name, np.zeros((n, most) if most else n, values.dtype))
            whole[(members, slice(values.shape[2])) if most else members] = values[0]
    return measured


def group(settings: dict[str, list[Any]]) -> Arrays:
    """Train networks of one shape together and measure each."""
    own = {name: np.asarray(values) for name, values in settings.items()}
    linear = bool(own["linear"][0])
    # Data and start belong to a run and not to its company.
    draws = [np.random.default_rng([seed, 0]) for seed in settings["seed"]]
    data = [
        _noisy(rng, noise) if linear else _scans(rng)
        for rng, noise in zip(draws, own["noise"], strict=True)
    ]
    X, Y = (torch.from_numpy(np.stack(part)) for part in zip(*data, strict=True))
    width, depth = int(own["width"][0]), int(own["depth"][0])
    widths = (X.shape[2], *(width,) * depth, Y.shape[2])
    starts = [
        together.draw(rng, widths, gain * np.ones(1), torch.float32)
        for rng, gain in zip(draws, own["gain"], strict=True)
    ]
    weights = [torch.cat(layer) for layer in zip(*starts, strict=True)]
    before = _ranks(weights)
    activation: together.Act = "linear" if linear else "relu"
    batch = None if own["batch"][0] == N else own["batch"]
    together.descend(
        weights, X, Y, rate=own["rate"], weight_decay=own["weight_decay"], n_steps=own["steps"],
        batch=batch, rng=np.random.default_rng(own["seed"]), activation=activation,
    )  # fmt: skip
    off = together.output(weights, X, activation) - Y
    loss = (0.5 * off.square().sum(2)).mean(1).numpy()
    learned = np.isfinite(loss) & (linear or loss <= MOST_LOSS)
    for W in weights:
        W[~torch.from_numpy(learned)] = 1.0  # what is not kept has a rank, too
    after = _ranks(weights)
    s = torch.linalg.svdvals(weights[0].double()).numpy()
    return {
        "rank_0": before[0],
        "stable_rank_0": before[1],
        "rank": after[0],
        "stable_rank": after[1],
        "loss": loss.astype(np.float64),
        "learned": learned,
        "spectrum": s / s[:, :1],
    }


def _ranks(weights: list[torch.Tensor]) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean numerical and stable rank of every network's hidden matrices, all but W_L."""
    runs_ = range(len(weights[0]))
    numerical = [np.mean([numerical_rank(W[r], TAU) for W in weights[:-1]]) for r in runs_]
    stable = [np.mean([stable_rank(W[r]) for W in weights[:-1]]) for r in runs_]
    return np.array(numerical), np.array(stable)


def _scans(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw digits, standardized, and one-hot labels less 1/10."""
    X, digit = digits_arrays()
    rows = rng.permutation(len(digit))[:N]
    X = 16 * X[rows].reshape(N, -1).astype(np.float64)
    X = (X - X.mean(0)) / (X.std(0) + 1)
    Y = np.eye(10)[digit[rows]] - 0.1
    return X.astype(np.float32), Y.astype(np.float32)


def _noisy(rng: np.random.Generator, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Draw Y = X T + noise with Gaussian X and T of variance 1/D."""
    X = rng.standard_normal((N, D))
    Y = X @ rng.standard_normal((D, K)) / D**0.5 + noise * rng.standard_normal((N, K))
    return X.astype(np.float32), Y.astype(np.float32)
