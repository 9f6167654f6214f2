r"""Two-layer networks of leaky ReLUs whose first layer learns: rank, sharpness and margin of runs.

.. math::
    f(x) = \sum_j a_j \varphi(\langle w_j, x \rangle), \qquad \varphi(z) = \max(g z, z), \qquad
    a_j = \pm 1 / \sqrt m,

with the logistic loss. A step moves W by a combination of samples, so it is followed in their span:
with :math:`Z = X W` and :math:`K = X X^T` a step is :math:`Z \leftarrow (1 - \eta \lambda) Z - \eta
K D` with D the derivatives of the batch's mean loss by Z, and :math:`W = c\, W_0 + X^T A` with A
the sum of the steps taken. That is exact and costs nothing in d. Runs with as many samples and
units advance together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from harness.kernels.stable_rank import stable_rank
from harness.vocabulary import Arrays
from tasks._data import runs
from tasks._data.laws import Bank

SAMPLES, UNITS, SLOPES = (32, 64), (32, 64), (0.01, 0.1, 0.5)
BATCHES = (2, 8, 0)
"""0 for all samples."""
SEPARATION = 0.5
"""Length of a cluster's mean, where there are two; inputs have about length 1."""
CHUNK = 256

FEATURES = (
    "dimension_per_sample", "coherence", "init", "slope", "rate", "batch_share",
    "rate_decay_steps", "rate_steps", "samples", "units", "stable_rank_0", "clusters",
)  # fmt: skip
TARGETS = (
    "log10_stable_rank_1", "log10_stable_rank", "log10_sharpness", "margin"
)  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """How many runs there are, and how long they are in relation to the standard."""

    visible: int = 100
    heldout: int = 60
    effort: float = 1.0


def bank(rng: np.random.Generator, scale: Scale, many: bool) -> Bank:
    """Return runs of few or of many dimensions a sample."""
    n_runs = scale.heldout if many else scale.visible
    settings: dict[str, list[float]] = {
        "n": rng.choice(SAMPLES, n_runs).tolist(),
        "m": rng.choice(UNITS, n_runs).tolist(),
        "ratio": (2 ** (rng.uniform(2, 4.5, n_runs) if many else rng.uniform(-1.5, 2, n_runs)))
        .tolist(),
        "slope": rng.choice(SLOPES, n_runs).tolist(),
        "init": (10 ** rng.uniform(-3, 0.3, n_runs)).tolist(),
        "rate": (10 ** rng.uniform(-0.7, 0.7, n_runs)).tolist(),
        "batch": rng.choice(BATCHES, n_runs).tolist(),
        "decay": np.where(rng.random(n_runs) < 0.5, 0, 10 ** rng.uniform(-4, -2, n_runs)).tolist(),
        "steps": np.rint(scale.effort * 10 ** rng.uniform(2, 3.5, n_runs)).astype(int).tolist(),
        "clusters": rng.integers(2, size=n_runs).tolist(),
        "seed": rng.integers(2**31, size=n_runs).tolist(),
    }  # fmt: skip
    features, targets = np.zeros((n_runs, len(FEATURES))), np.zeros((n_runs, len(TARGETS)))
    for n in SAMPLES:
        for m in UNITS:
            group = [i for i in range(n_runs) if (settings["n"][i], settings["m"][i]) == (n, m)]
            if group:
                recipe = {name: [values[i] for i in group] for name, values in settings.items()}
                measured = runs.runs([{"settings": recipe}], simulate)
                features[group], targets[group] = measured["features"][0], measured["targets"][0]
    known = np.ones(targets.shape, bool)
    return Bank(features, targets, known, np.arange(n_runs))


@dataclass
class Run:
    """One network's data and start."""

    X: np.ndarray  # (n, d)
    y: np.ndarray  # (n,)
    W: np.ndarray  # (d, m), at the start
    a: np.ndarray  # (m,)


def start(n: int, m: int, ratio: float, init: float, clusters: int, seed: int) -> Run:
    """Draw data of n samples in ratio n dimensions, and a network of m units."""
    rng = np.random.default_rng([seed, 0])
    d = max(2, round(n * ratio))
    y = rng.choice((-1.0, 1.0), n)
    X = rng.standard_normal((n, d)) / d**0.5
    if clusters:
        mean = rng.standard_normal(d)
        mean *= SEPARATION / np.linalg.norm(mean)
        X = (1 - SEPARATION**2) ** 0.5 * X + y[:, None] * mean
    W = init / d**0.5 * rng.standard_normal((d, m))
    return Run(X, y, W, np.where(np.arange(m) % 2, 1, -1) / m**0.5)


def simulate(settings: dict[str, list[float]]) -> Arrays:
    """Train networks of as many samples and units together, and measure each."""
    own = {name: np.asarray(values) for name, values in settings.items()}
    R, n = len(own["seed"]), int(own["n"][0])
    drawn = [
        start(n, int(own["m"][r]), own["ratio"][r], own["init"][r], own["clusters"][r],
              int(own["seed"][r]))
        for r in range(R)
    ]  # fmt: skip
    batch = np.where(own["batch"] == 0, n, own["batch"]).astype(int)
    weights = descend(drawn, own, batch, np.random.default_rng(own["seed"].astype(int)))
    features, targets = [], []
    for r, run in enumerate(drawn):
        K = run.X @ run.X.T
        lengths = np.diag(K)
        off = np.abs(K - np.diag(lengths)).max() / lengths.min()
        spent = own["rate"][r] * own["steps"][r]
        features.append([
            run.X.shape[1] / n, off, own["init"][r], own["slope"][r], own["rate"][r],
            batch[r] / n, spent * own["decay"][r], spent, n, len(run.a), stable_rank(run.W),
            own["clusters"][r],
        ])  # fmt: skip
        first, last = weights[r]
        sharpness, margin = measure(run, last, own["slope"][r])
        targets.append([
            np.log10(stable_rank(first)), np.log10(stable_rank(last)),
            np.log10(max(sharpness, 1e-9)), margin,
        ])  # fmt: skip
    return {"features": np.array(features), "targets": np.array(targets)}


def descend(
    drawn: list[Run], own: dict[str, np.ndarray], batch: np.ndarray, rng: np.random.Generator
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return every run's W after its first and after its last step.

    Batches are drawn with replacement.
    """
    order = np.argsort(-own["steps"], kind="stable")
    mine = [drawn[r] for r in order]
    K, Z, y, a = (
        torch.from_numpy(np.stack(part))
        for part in zip(*((r.X @ r.X.T, r.X @ r.W, r.y, r.a) for r in mine), strict=True)
    )
    y, a, A = y[..., None], a[:, None], torch.zeros_like(Z)
    first: Tensor | None = None
    slope, rate, decay = (
        torch.from_numpy(own[name][order].astype(float))[:, None, None]
        for name in ("slope", "rate", "decay")
    )
    shrink, n = 1 - rate * decay, Z.shape[1]
    steps, taken = own["steps"][order].astype(int), 0
    while (steps > taken).any():
        active = int((steps > taken).sum())
        until = min(taken + CHUNK, int(steps[active - 1]))
        shares = _shares(batch[order][:active], n, until - taken, rng)
        here = slice(0, active)
        for share in shares:
            D = _derivatives(Z[here], y[here], a[here], slope[here]).mul_(share * rate[here])
            A[here] = A[here].mul_(shrink[here]).sub_(D)
            Z[here] = torch.baddbmm(Z[here].mul_(shrink[here]), K[here], D, alpha=-1)
            if first is None:
                first = A.clone()
        taken = until
    assert first is not None  # everybody takes a step
    moved = {}
    for i, (r, run) in enumerate(zip(order, mine, strict=True)):
        kept = float(shrink[i])
        moved[int(r)] = (
            kept * run.W + run.X.T @ first[i].numpy(),
            kept ** steps[i] * run.W + run.X.T @ A[i].numpy(),
        )
    return [moved[r] for r in range(len(drawn))]


def _shares(batch: np.ndarray, n: int, steps: int, rng: np.random.Generator) -> Tensor:
    """Draw the weight of every sample in every step's mean, (steps, R, n, 1)."""
    shares = np.full((steps, len(batch), n), 1 / n)
    for r, size in enumerate(batch.tolist()):
        if size < n:
            rows = rng.integers(n, size=(steps, size))
            counts = np.zeros((steps, n))
            np.add.at(counts, (np.arange(steps)[:, None], rows), 1)
            shares[:, r] = counts / size
    return torch.from_numpy(shares)[..., None]


def _derivatives(Z: Tensor, y: Tensor, a: Tensor, slope: Tensor) -> Tensor:
    """Return the derivatives of every sample's loss by Z (R, n, m)."""
    bent = torch.where(Z > 0, 1.0, slope)
    f = (bent * Z * a).sum(-1, keepdim=True)
    return -y * torch.sigmoid(-y * f) * a * bent


def measure(run: Run, W: np.ndarray, slope: float) -> tuple[float, float]:
    """Return the loss's largest curvature along W, and the smallest margin over the norm of W."""
    Z = run.X @ W
    bent = np.where(Z > 0, 1.0, slope)
    signed = run.y * ((bent * Z) @ run.a)
    p = 1 / (1 + np.exp(-np.clip(signed, -700, 700)))
    weight = np.sqrt(p * (1 - p) / len(p))
    gram = (run.X @ run.X.T) * ((bent * run.a**2) @ bent.T)
    top = np.linalg.eigvalsh(weight[:, None] * gram * weight)[-1]
    return float(top), float(signed.min() / np.linalg.norm(W))
