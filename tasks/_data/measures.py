"""Measures of networks: numbers that are to order unseen networks by their true gap.

Networks stand in cells, a cell being a data set and a grid, and a measure orders those of one cell.
It is a function of one network alone: the first time all are asked in a row, and then a few again,
each in a process that has seen no other. This knows nothing of what a measure is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau

from harness.kernels.matched import concordances, conditions, matched
from harness.kernels.sign_information import sign_information
from harness.vocabulary import Arrays, Chart, Metric, Scores

N_RESAMPLES = 200
RESAMPLING = 5
"""Seed of the bootstrap: the same networks stand for everybody."""
LEAST = 0.01
"""No disorder counts as smaller."""
WITHIN = 0.05
"""How far a measure's concordance may be behind the baseline's."""
SHARE = 0.5
"""Of the baseline's tau, that a measure must have: chance and constants have none."""


@dataclass(frozen=True, eq=False)
class Cell:
    """Networks that a measure is to order, and what they differ in."""

    name: str
    grid: str
    seen: bool
    gap: np.ndarray  # (n,) float64
    test_error: np.ndarray  # (n,) float64
    factors: np.ndarray  # (n, p) float64
    rows: np.ndarray  # (n,) int64: among all questions


def cells(truth: Arrays, grids: Sequence[str]) -> list[Cell]:
    """Return the cells of an exam, whose truth has a row a question: data, grid, seen and the rest.

    A cell without a network is left out.
    """
    found = []
    for k in np.unique(truth["data"]):
        for g, grid in enumerate(grids):
            rows = np.flatnonzero((truth["data"] == k) & (truth["grid"] == g))
            if len(rows):
                gap, test_error, factors = (
                    truth[name][rows] for name in ("gap", "test_error", "factors")
                )
                seen = bool(truth["seen"][rows].all())
                found.append(Cell(f"{grid} {k}", grid, seen, gap, test_error, factors, rows))
    return found


def scores(
    cells: Sequence[Cell], mu: np.ndarray, factors: Mapping[str, Sequence[str] | None]
) -> Scores:
    """Return what a board and charts need of the answers mu.

    Parameters
    ----------
    factors
        The name of every column of `Cell.factors` -> words for its values, None for numbers.
    """
    hidden = [c for c in cells if not c.seen]
    error = 1 - concordance(hidden, mu)
    numbers = {
        "disorder": max(LEAST, error),
        "networks": float(sum(len(c.gap) for c in hidden)),
    }
    return Scores(
        visible=1 - concordance([c for c in cells if c.seen], mu),
        heldout=error,
        quality=error,
        stderr=stderr(hidden, mu),
        extra=extra(hidden, mu) | numbers,
        series={
            "networks": scatter(hidden, mu),
            "conditions": by_condition(hidden, mu, list(factors)),
            "levels": by_level(hidden, factors),
        },
    )


def concordance(cells: Sequence[Cell], mu: np.ndarray) -> float:
    """Return the matched concordance of answers mu, the mean over cells."""
    return float(np.mean([matched(mu[c.rows], c.gap, c.factors) for c in cells]))


def stderr(cells: Sequence[Cell], mu: np.ndarray) -> float:
    """Return the bootstrap's standard error of `concordance`, over networks and not over cells."""
    rng = np.random.default_rng(RESAMPLING)
    total = np.zeros(N_RESAMPLES)
    for c in cells:
        n = len(c.gap)
        weights = rng.multinomial(n, np.full(n, 1 / n), size=N_RESAMPLES)
        total += matched(mu[c.rows], c.gap, c.factors, weights)
    return float((total / len(cells)).std(ddof=1))


def extra(cells: Sequence[Cell], mu: np.ndarray) -> dict[str, float]:
    """Return what else there is to say of answers on hidden cells, by name.

    matched, tau (Kendall's tau b), granulated (pairs that differ in one factor alone, the mean over
    factors), cmi (with the sign of tau), each also by grid, and ceiling: the true test error's
    matched concordance, to which no measure was asked.
    """
    found: dict[str, list[float]] = {}
    for c in cells:
        mine = mu[c.rows]
        tau = _tau(mine, c.gap)
        numbers = {
            "matched": float(matched(mine, c.gap, c.factors)),
            "tau": tau,
            "granulated": granulated(mine, c.gap, c.factors),
            "cmi": float(np.sign(tau)) * sign_information(mine, c.gap, c.factors),
            "ceiling": float(matched(c.test_error, c.gap, c.factors)),
        }
        for name, value in numbers.items():
            found.setdefault(name, []).append(value)
            found.setdefault(f"{name}_{c.grid}", []).append(value)
    return {name: float(np.mean(values)) for name, values in found.items()}


def _tau(mu: np.ndarray, g: np.ndarray) -> float:
    """Return Kendall's tau b, and nothing for a constant, of which scipy knows none."""
    if len(mu) < 2 or (mu == mu[0]).all() or (g == g[0]).all():
        return 0.0
    return float(kendalltau(mu, g).statistic)


def granulated(mu: np.ndarray, g: np.ndarray, factors: np.ndarray) -> float:
    """Return the concordance of pairs that differ in one factor alone, the mean over factors."""
    s = np.sign(mu[:, None] - mu) * np.sign(g[:, None] - g)
    equal = factors[:, None] == factors[None]
    found = []
    for k in range(factors.shape[1]):
        alone = ~equal[..., k] & np.delete(equal, k, axis=2).all(2)
        if alone.any():
            found.append(float(s[alone].mean()))
    return float(np.mean(found)) if found else 0.0


# ---------------------------------------------------------------------------------------------
# Charts


def scatter(cells: Sequence[Cell], mu: np.ndarray) -> Arrays:
    """Return a row a hidden network: its place by the measure, from 0 to 1, and its gap."""
    rows: dict[str, list[np.ndarray]] = {}
    for c in cells:
        mine = mu[c.rows]
        below = (mine[:, None] > mine).sum(1) + ((mine[:, None] == mine).sum(1) - 1) / 2
        columns = {
            "cell": np.full(len(mine), c.name),
            "grid": np.full(len(mine), c.grid),
            "measure": mine,
            "place": below / max(1, len(mine) - 1),
            "gap": c.gap,
        }
        for name, values in columns.items():
            rows.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in rows.items()}


def by_condition(cells: Sequence[Cell], mu: np.ndarray, factors: Sequence[str]) -> Arrays:
    """Return the concordance of every grid and condition, the mean over hidden data sets."""
    names = [" and ".join(factors[k] for k in A) or "nothing" for A in conditions(len(factors))]
    grids, fixed, values = [], [], []
    for grid in dict.fromkeys(c.grid for c in cells):
        mine = [c for c in cells if c.grid == grid]
        found = np.mean([concordances(mu[c.rows], c.gap, c.factors) for c in mine], 0)
        varies = (mine[0].factors != mine[0].factors[:1]).any(0)
        for A, name, value in zip(conditions(len(factors)), names, found, strict=True):
            if np.isfinite(value) and all(varies[k] for k in A):
                grids.append(grid)
                fixed.append(name)
                values.append(value)
    return {"grid": np.array(grids), "fixed": np.array(fixed), "concordance": np.array(values)}


def by_level(cells: Sequence[Cell], factors: Mapping[str, Sequence[str] | None]) -> Arrays:
    """Return the mean gap of hidden networks by grid, factor and level."""
    grids, levels, gaps = [], [], []
    for grid in dict.fromkeys(c.grid for c in cells):
        H = np.concatenate([c.factors for c in cells if c.grid == grid])
        gap = np.concatenate([c.gap for c in cells if c.grid == grid])
        for k, (factor, words) in enumerate(factors.items()):
            values = np.unique(H[:, k])
            for value in values if len(values) > 1 else []:
                level = words[int(value)] if words else f"{value:g}"
                grids.append(grid)
                levels.append(f"{factor} {level}")
                gaps.append(gap[H[:, k] == value].mean())
    return {"grid": np.array(grids), "level": np.array(levels), "gap": np.array(gaps)}


# ---------------------------------------------------------------------------------------------


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say what is missing: no less than the baseline on either side, and more than chance."""
    lacking = []
    for name, where in (("heldout", "hidden"), ("visible", "shown")):
        most = baseline[name] + WITHIN
        if not mine[name] <= most + 1e-9:
            lacking.append(
                f"matched concordance {1 - mine[name]:.3f} on {where} networks, wanted at least "
                f"{1 - most:.3f}"
            )
    if not mine["tau"] >= SHARE * baseline["tau"] > 0:
        lacking.append(f"tau {mine['tau']:.3f}, wanted at least {SHARE * baseline['tau']:.3f}")
    return "; ".join(lacking)


CHARTS = (
    Chart("Gap by place in the measure's order", "networks", "place", "gap", "point", "grid"),
    Chart("Concordance by what is held fixed", "conditions", "fixed", "concordance", "bar", "grid"),
    Chart("Mean gap by architecture", "levels", "level", "gap", "bar", "grid"),
)
"""Of `scores`."""
METRIC = Metric(
    name="1 - matched concordance",
    unit="",
    resolution=0.05,
    target=(
        "matched concordance on shown and on hidden networks at most 0.05 below the baseline's, "
        "and Kendall's tau on hidden ones at least half of it"
    ),
    shortfall=shortfall,
)
