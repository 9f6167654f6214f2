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


def needed(shares: Sequence[float], losses: Sequence[float], epsilon: float) -> float:
    """Return the share at which `epsilon` is lost, of shares that were tried; all lose `NOTHING`.

    Shares of nothing, or of all, say nothing.
    """
    tried = sorted((s, max(y, NOTHING)) for s, y in zip(shares, losses, strict=True) if 0 < s < 1)
    x, y = np.array([*tried, (1.0, NOTHING)]).T
    return share_needed(x, y, epsilon)


def share_needed(shares: np.ndarray, losses: np.ndarray, epsilon: float) -> float:
    """Return the share of pairs at which `epsilon` is lost, from shares that were tried.

    Between two shares logarithms are interpolated; below the smallest nothing is known, so that is
    the least that is returned.

    Parameters
    ----------
    shares, losses : (k,)
        Ascending shares, the last 1; losses above 0, the last below `epsilon`.

    Examples
    --------
    >>> float(share_needed(np.array([0.25, 0.5, 1.0]), np.array([0.4, 0.1, 0.025]), 0.05))
    0.7071067811865476
    """
    above = np.flatnonzero(losses > epsilon)
    if not len(above):
        return float(shares[0])
    i = above[-1]
    x, y = np.log(shares[i : i + 2]), np.log(losses[i : i + 2])
    return float(np.exp(x[0] + (x[1] - x[0]) * (y[0] - np.log(epsilon)) / (y[0] - y[1])))


def lacking(mine: Mapping[str, float], baseline: Mapping[str, float], within: float) -> str:
    """Say by how much more than `within` times the baseline is lost, unseen and shown."""
    return "; ".join(
        f"{mine[name]:.3g} nats on {words} sequences, wanted at most {within * baseline[name]:.3g}"
        for name, words in (("heldout", "unseen"), ("visible", "shown"))
        if not mine[name] <= within * baseline[name]
    )
