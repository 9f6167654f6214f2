"""Runs of SGD that never settle: how outputs scatter, and what a linear theory says of it.

All runs of an exam advance together. After the burn-in the theory is evaluated at the weights as
they are then, and outputs at unseen inputs are recorded from there on. A slow drift along flat
directions is not the noise: records are taken less the mean of their window.

Runs at large rates are chaotic: another order of summation gives another path, whose statistics
differ by what the two halves of a path differ by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import stats

from harness.kernels.hessian import hessian
from harness.kernels.mlp import MLP, forward
from harness.kernels.ntk import jacobian
from harness.kernels.sample_gradients import sample_gradients
from harness.kernels.stationary_covariance import in_eigenbasis
from harness.vocabulary import Arrays
from tasks._data import digits_arrays, runs, together
from tasks._data.laws import Bank

N, N_OUTPUTS = 256, 32
"""Samples of a run, and unseen inputs at which its output is recorded."""
LENGTH = 4.0
"""Of every input."""
EVERY, WINDOW, BLOCK = 5, 200, 4
"""Steps between records, records in a window, sorted records of which a mean is kept."""
STABLE = 1.9
"""Of eta times an eigenvalue: what is above counts as this, for from 2 on the theory diverges."""
LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)

FEATURES = (
    "log10_ou_variance", "log10_jj", "log10_jcj", "log10_trace_c", "top_eigenvalue", "rate",
    "batch", "weight_decay", "loss", "rate_times_top",
)  # fmt: skip
TARGETS = (
    "log10_variance", "log10_1_plus_kurtosis", *(f"quantile_{100 * q:.0f}" for q in LEVELS)
)  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """How many runs are kept, how long they are, in steps, and the width of their networks."""

    visible: int = 20
    heldout: int = 12
    burn_in: int = 25_000
    recorded: int = 20_000
    width: int = 16


def banks(rng: np.random.Generator, scale: Scale) -> tuple[Bank, Bank, Arrays]:
    """Return the rows of small and of large rates, and what else was recorded of all of them.

    That is `run` (rows,), `blocks` (rows, k), means of sorted records in standard deviations,
    `halves` (rows, 2), log10 of the variance of each half, and `skew` (rows,).
    """
    wanted = scale.visible, scale.heldout
    drawn = [w + 1 + w // 8 for w in wanted]  # one may diverge
    n = sum(drawn)
    logs = [rng.uniform(-1.7, -1, drawn[0]), rng.uniform(-1, -0.65, drawn[1])]
    recipe = {
        "rate": (10 ** np.concatenate(logs)).tolist(),
        "batch": rng.choice((2, 4, 8, 16), n).tolist(),
        "weight_decay": (10 ** rng.uniform(-3.3, -2, n)).tolist(),
        "seed": rng.integers(2**31, size=n).tolist(),
        "burn_in": scale.burn_in,
        "recorded": scale.recorded,
        "width": scale.width,
        "wanted": wanted,
        "drawn": drawn,
    }
    measured = {name: a[0] for name, a in runs.runs([recipe], simulate).items()}
    large = measured.pop("large")
    features, targets = measured.pop("features"), measured.pop("targets")
    both = [
        Bank(features[of], targets[of], np.ones(targets[of].shape, bool), measured["run"][of])
        for of in (~large, large)
    ]
    return both[0], both[1], measured


def simulate(
    rate: list[float], batch: list[int], weight_decay: list[float], seed: list[int],
    burn_in: int, recorded: int, width: int, wanted: tuple[int, int], drawn: tuple[int, int],
) -> Arrays:  # fmt: skip
    """Run SGD with every setting and measure theory and records, a row an output.

    The first `drawn[0]` settings are of small rates, and of these the first `wanted[0]` whose
    records are finite and vary are kept; of the rest `wanted[1]`.
    """
    weights, data, records = run(rate, batch, weight_decay, seed, burn_in, recorded, width)
    varies = np.isfinite(records).all((1, 2)) & (np.ptp(records, 2) > 0).all(1)
    small = np.arange(len(seed)) < drawn[0]
    kept = np.concatenate(
        [np.flatnonzero(varies & part)[:n] for part, n in zip((small, ~small), wanted, strict=True)]
    )
    features = [
        theory(MLP([W[r] for W in weights], "tanh"), *data[r], rate[r], batch[r], weight_decay[r])
        for r in kept
    ]
    measured = {"features": np.stack(features), **scatter(records[kept])}
    rows = {name: a.reshape(-1, *a.shape[2:]) for name, a in measured.items()}
    number = np.repeat(np.arange(len(kept)), N_OUTPUTS)
    return {**rows, "run": number, "large": np.repeat(~small[kept], N_OUTPUTS)}


Data = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Inputs (N, 64), labels (N, 1), unseen inputs (N_OUTPUTS, 64)."""


def run(
    rate: list[float], batch: list[int], weight_decay: list[float], seed: list[int],
    burn_in: int, recorded: int, width: int,
) -> tuple[list[np.ndarray], list[Data], np.ndarray]:  # fmt: skip
    """Return weights after the burn-in, (R, m, k) each, data, and records (R, outputs, n)."""
    draws = [np.random.default_rng(s) for s in seed]
    data = [draw(rng) for rng in draws]
    X, Y, unseen = (torch.from_numpy(np.stack(part)).float() for part in zip(*data, strict=True))
    widths = (X.shape[2], width, width, 1)
    # Single precision: at small rates double gave the same variances to 0.0003 decades.
    starts = [together.draw(rng, widths, np.ones(1), torch.float32) for rng in draws]
    weights = [torch.cat(layer) for layer in zip(*starts, strict=True)]
    order = np.random.default_rng(seed)
    found: list[torch.Tensor] = []

    def go(n_steps: int, every: int) -> None:
        together.descend(
            weights, X, Y, rate=np.array(rate), weight_decay=np.array(weight_decay),
            n_steps=np.full(len(seed), n_steps), batch=np.array(batch), rng=order,
            activation="tanh", every=every,
            observe=lambda at: found.append(together.output(at, unseen, "tanh")[..., 0]),
        )  # fmt: skip

    go(burn_in, 0)
    settled = [W.double().numpy() for W in weights]
    go(recorded, EVERY)
    return settled, data, torch.stack(found, -1).double().numpy()


def draw(rng: np.random.Generator) -> Data:
    """Draw digits of length `LENGTH`, labels +1 below five and -1, and unseen inputs."""
    X, digit = digits_arrays()
    X = X.reshape(len(X), -1).astype(np.float64)
    rows = rng.permutation(len(X))[: N + N_OUTPUTS]
    X = X[rows] - X[rows[:N]].mean(0)
    X *= LENGTH / np.linalg.norm(X, axis=1, keepdims=True)
    Y = np.where(digit[rows[:N]] < 5, 1.0, -1.0)[:, None]
    return X[:N], Y, X[N:]


def scatter(records: np.ndarray) -> Arrays:
    """Return what the records (R, outputs, n) of every output say of its noise.

    `targets` (R, outputs, q), `blocks` (R, outputs, k), `halves` (R, outputs, 2), `skew`.
    """
    off = windowed(records)
    variance = off.var(-1)
    z = off / np.sqrt(variance)[..., None]
    halves = [half.var(-1) for half in np.array_split(off, 2, axis=-1)]
    shape = np.stack([np.log10(variance), np.log10(1 + np.maximum(kurtosis(z), 0))], -1)
    quantiles = np.moveaxis(np.quantile(z, LEVELS, axis=-1), 0, -1)
    z.sort(-1)
    blocks = z[..., : z.shape[-1] // BLOCK * BLOCK].reshape(*z.shape[:2], -1, BLOCK).mean(-1)
    return {
        "targets": np.concatenate([shape, quantiles], -1),
        "blocks": blocks.astype(np.float32),
        "halves": np.log10(np.stack(halves, -1)),
        "skew": (z**3).mean(-1),
    }


def windowed(records: np.ndarray) -> np.ndarray:
    """Return records (..., n) less the mean of their window; a last one that is not full goes."""
    n = records.shape[-1]
    window = min(WINDOW, n)
    whole = records[..., : n // window * window]
    f = whole.reshape(*records.shape[:-1], -1, window)
    off: np.ndarray = (f - f.mean(-1, keepdims=True)).reshape(whole.shape)
    return off


def kurtosis(z: np.ndarray) -> np.ndarray:
    """Return the excess kurtosis along the last axis."""
    excess: np.ndarray = stats.kurtosis(z, axis=-1)
    return excess


def theory(
    net: MLP, X: np.ndarray, Y: np.ndarray, unseen: np.ndarray, rate: float, batch: int,
    decay: float,
) -> np.ndarray:  # fmt: skip
    """Return the features of every unseen input (outputs, 10)."""
    w, U = np.linalg.eigh(hessian(net, X, Y))
    # SGD does not rest at a minimum: what is not convex there counts as flat, but for the decay.
    w = np.clip(w, 0, None) + decay
    top = float(w[-1])
    # All in the eigenbasis of H.
    G = sample_gradients(net, X, Y) @ U
    G -= G.mean(0)
    C = G.T @ G / len(G)
    S = in_eigenbasis(np.minimum(w, STABLE / rate), C, rate, batch)
    J = jacobian(net, unseen)[0] @ U
    off = forward(net, X).output - Y
    per_output = [np.log10(((J @ M) * J).sum(1)) for M in (S, np.eye(len(S)), C)]
    run = [np.log10(np.trace(C)), top, rate, batch, decay, 0.5 * np.square(off).mean(), rate * top]
    return np.stack([*per_output, *(np.full(len(J), value) for value in run)], 1)
