"""How faithful a changed model is: what its predictions lose, and what little loss costs.

Losses are divergences from the model as it was, in nats a token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

NOTHING = 1e-6
"""Nats below which nothing is lost."""


def mean_log(losses: Sequence[np.ndarray]) -> float:
    """Return the geometric mean over models of the mean over sequences."""
    return float(np.exp(np.mean([np.log(max(of.mean(), NOTHING)) for of in losses])))


def stderr(losses: Sequence[np.ndarray]) -> float:
    """Return the standard error of `mean_log` to first order; sequences are independent."""
    relative = [of.std(ddof=1) / len(of) ** 0.5 / max(of.mean(), NOTHING) for of in losses]
    return float(mean_log(losses) * np.linalg.norm(relative) / len(relative))


def needed(
    budgets: Sequence[float], shares: Sequence[float], losses: Sequence[float], epsilon: float
) -> float:
    """Return the share of all at which `epsilon` is lost.

    From the largest budget that loses more to what the next one took, logarithms are interpolated.
    Of that one the budget counts and not what was taken of it, else who took nothing of a budget
    would be thought to need little. Below the smallest nothing is known: what was taken of it is
    the least that is returned. Where the largest budget loses more all is needed.

    Parameters
    ----------
    budgets : (k,)
        Shares that might be taken, ascending, each below 1.
    shares, losses : (k,)
        Those that were taken, and what was lost; a loss counts as `NOTHING` at least.

    Examples
    --------
    >>> needed([1 / 8, 1 / 2], [0.1, 0.5], [0.4, 0.1], 0.2)
    0.25
    """
    lost = np.maximum(losses, NOTHING)
    above = np.flatnonzero(lost > epsilon)
    if not len(above):
        return float(shares[0])
    i = int(above[-1])
    if i + 1 == len(lost):
        return 1.0
    part = np.log(lost[i] / epsilon) / np.log(lost[i] / lost[i + 1])
    low, high = budgets[i], max(budgets[i], shares[i + 1])
    return float(low * (high / low) ** part)


def lacking(mine: Mapping[str, float], baseline: Mapping[str, float], within: float) -> str:
    """Say by how much more than `within` times the baseline is lost, unseen and shown."""
    return "; ".join(
        f"{mine[name]:.3g} nats on {words} sequences, wanted at most {within * baseline[name]:.3g}"
        for name, words in (("heldout", "unseen"), ("visible", "shown"))
        if not mine[name] <= within * baseline[name]
    )
