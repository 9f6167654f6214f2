"""Runs of descent beside the solution of an equation: integrate it, and measure how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.kernels import tableau_flow
from harness.kernels.tableau_flow import Tableau
from harness.vocabulary import Arrays

from .networks import Problems

NEAR = 1e-3
"""How close the integrator of a counted call must be to the solution, relative to each W_k."""
MOST_STEPS = 256
MOST_CALLS = 1024
"""Steps and calls in a unit of time."""
LEAST = 1e-12
STILL = 1e-10
"""A change of log rho below this is none."""


@dataclass(frozen=True)
class Runs:
    """Descent on R problems at once, each with its own step."""

    problems: Problems
    eta: np.ndarray  # (R,)
    path: np.ndarray  # (T + 1, R, P)
    fraction: np.ndarray  # (R,)

    def flow(self, tableau: Tableau, rows: np.ndarray, n_steps: int) -> np.ndarray:
        """Return the equation's solution for some of the runs, at the times of the iterates."""
        problems, eta = self.problems.take(rows), self.eta[rows, None]
        return tableau_flow.flow(
            tableau,
            self.path[0, rows],
            lambda y: eta * problems.gradient(y),
            lambda y, d: eta * problems.product(y, d),
            len(self.path) - 1,
            n_steps,
            eta,
        )


def runs_of(
    part: Arrays, family: str, facts: Mapping[str, Any], fractions: Sequence[float]
) -> Runs:
    """Return the runs of one family in `train` or `truth`."""
    X, Y, eta, x = (part[f"{family}/{name}"] for name in ("X", "Y", "eta", "x"))
    problems = Problems(family, tuple(facts["widths"]), X, Y, facts["classes"])
    rows = np.repeat(np.arange(len(X)), eta.shape[1])
    path = x.reshape(-1, *x.shape[2:]).swapaxes(0, 1)
    return Runs(problems.take(rows), eta.ravel(), path, np.tile(fractions, len(X)))


@dataclass
class Followed:
    """How the integrator fared on R runs."""

    path: np.ndarray  # (T + 1, R, P), finest
    done: np.ndarray  # bool (R,)
    n_steps: np.ndarray  # int (R,): fewest that stay near the finest
    factor: np.ndarray  # (R,): what the last halving divided the change by; NaN below rounding


def follow(tableau: Tableau, runs: Runs) -> Followed:
    """Integrate with ever smaller steps until each run's solution stands."""
    n_runs = len(runs.eta)
    most = min(MOST_STEPS, MOST_CALLS // (4 * max(1, tableau.n_calls)))
    found = Followed(
        np.array(np.broadcast_to(runs.path[:1], runs.path.shape)),
        np.zeros(n_runs, bool),
        np.full(n_runs, most),
        np.full(n_runs, np.nan),
    )
    active = np.arange(n_runs)
    levels: list[tuple[int, np.ndarray]] = []
    change = np.full(n_runs, np.inf)
    m = 1
    while m <= most and len(active):
        path = np.full_like(runs.path, np.nan)
        path[:, active] = runs.flow(tableau, active, m)
        levels.append((m, path))
        if m > 1:
            with np.errstate(over="ignore", invalid="ignore"):
                finer = np.abs(path - levels[-2][1]).max(axis=(0, 2))
                error = np.abs(path - runs.path).max(axis=(0, 2))
                finer[~(finer < np.inf)] = np.inf
                factor = change / np.maximum(finer, LEAST)
            stands = (finer <= 0.1 * error + LEAST) & (
                ((factor >= 8) & (change < np.inf)) | (finer <= 1e3 * LEAST)
            )
            new = active[stands[active]]
            found.done[new] = True
            found.path[:, new] = path[:, new]
            found.factor[new] = np.where(change[new] < np.inf, factor[new], np.nan)
            for n_steps, coarse in reversed(levels):
                off = _off(runs.problems, coarse[:, new], path[:, new])
                found.n_steps[new[off <= NEAR]] = n_steps
            active = active[~stands[active]]
            change = finer
        m *= 2
    return found


def _off(problems: Problems, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the largest |W_k - W'_k| / |W'_k| over times and layers; infinite if not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        worst = np.zeros(a.shape[1])
        for one, other in zip(problems.layers(a), problems.layers(b), strict=True):
            off = _norm(one - other) / np.maximum(_norm(other), LEAST)
            worst = np.maximum(worst, off.max(axis=0))
    return np.where(np.isfinite(worst), worst, np.inf)


def _norm(W: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(W).sum(axis=(-1, -2)))


def errors(problems: Problems, path: np.ndarray, wanted: np.ndarray) -> tuple[Any, Any]:
    """Return err_rho and err_V of every run, (R,) each."""
    logs, angles = [], []
    for W, U in zip(problems.layers(path), problems.layers(wanted), strict=True):
        rho, sigma = np.maximum(_norm(W), LEAST), np.maximum(_norm(U), LEAST)
        logs.append(np.log(rho / sigma))
        chord = _norm(W / rho[..., None, None] - U / sigma[..., None, None])
        angles.append(2 * np.arcsin(np.clip(chord / 2, 0, 1)))  # arccos loses half the digits
    return np.sqrt(np.mean(np.square(logs), axis=(0, 1))), np.mean(angles, axis=(0, 1))


def log_rho(problems: Problems, path: np.ndarray) -> np.ndarray:
    """Return log rho = sum_k log |W_k| at every time, (T + 1, R)."""
    return np.sum([np.log(np.maximum(_norm(W), LEAST)) for W in problems.layers(path)], axis=0)


def turns(logs: np.ndarray) -> np.ndarray:
    """Count for every run how often log rho changes its direction."""
    counts = []
    for steps in np.diff(logs, axis=0).T:
        signs = np.sign(steps[np.abs(steps) > STILL])
        counts.append(int((np.diff(signs) != 0).sum()))
    return np.array(counts)
