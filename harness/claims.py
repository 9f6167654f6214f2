"""Turn trials into the verdict on a claim that was registered before they were run.

A claim is no rank: it says nothing about who wins, only whether a contrast that the idea predicts
is there, by how much, and on how many exams for and against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from harness import isolation, rank
from harness.vocabulary import Claim, Refused

MIN_EXAMS = 3
"""Fewer shared exams than this decide nothing."""


@dataclass(frozen=True)
class Verdict:
    """What the trials say about one claim."""

    statement: str
    a: str
    b: str
    number: str
    effect: float
    """Mean of number(a) - number(b) over the exams that both sat; NaN without any."""
    low: float
    """Of the interval of `effect`; NaN for fewer than 2 exams."""
    high: float
    p: float
    """Two-sided p value of effect = margin."""
    n: int
    """Exams that both sat and ended well."""
    n_for: int
    """Exams with number(a) - number(b) below the margin."""
    n_against: int
    """Exams with number(a) - number(b) at or above it."""
    verdict: Literal["supported", "refuted", "undecided"]
    sentence: str
    """The verdict with its numbers."""


def verdict(
    trials: pd.DataFrame, claim: Claim, needs: Sequence[str] = (), level: float = 0.95
) -> Verdict:
    """Judge a claim by the exams that both of its submissions sat.

    Supported where the whole Student t interval of number(a) - number(b) lies below the margin,
    refuted where it lies at or above it, else undecided; undecided also below 3 shared exams.
    Only the current source of each submission counts, and only trials that ended well behind the
    layers of the wall that the task needs.

    Parameters
    ----------
    trials
        One task, version and size: `Store.measurements`, or `Store.trials` (slower).
    claim
        Its contrast names two submissions, the number and the margin.
    needs
        Layers of the wall without which a trial does not count, as `Task.needs`.
    level
        Of the interval.

    Raises
    ------
    Refused
        The trials hold no such number.
    """
    contrast = claim.contrast
    good = rank.current(trials)
    good = good[(good["status"] == "ok") & good["submission"].isin([contrast.a, contrast.b])]
    held = [not isolation.lacking(_layers(layers), needs) for layers in good["isolation"]]
    good = good[np.array(held, dtype=bool)]
    values = rank.numbers(good)
    if contrast.number not in values and len(good):
        raise Refused(
            f"The claim speaks of {contrast.number!r}, the trials have {', '.join(values)}."
        )
    table = pd.DataFrame(
        {
            "exam": list(zip(good["round"], good["seed"], strict=True)),
            "submission": good["submission"].astype(str),
            "value": values.get(contrast.number, np.empty(0)),
        }
    )
    a, b = (
        table[table["submission"] == name].set_index("exam")["value"]
        for name in (contrast.a, contrast.b)
    )
    differences = (a - b).dropna().to_numpy(np.float64)
    n = len(differences)
    effect, low, high, p = rank.difference(
        differences, np.full(n, contrast.margin), paired=True, level=level
    )
    outcome: Literal["supported", "refuted", "undecided"] = "undecided"
    if n >= MIN_EXAMS and high < 0:
        outcome = "supported"
    elif n >= MIN_EXAMS and low >= 0:
        outcome = "refuted"
    effect, low, high = (value + contrast.margin for value in (effect, low, high))
    n_for = int(np.count_nonzero(differences < contrast.margin))
    return Verdict(
        statement=claim.statement,
        a=contrast.a,
        b=contrast.b,
        number=contrast.number,
        effect=effect,
        low=low,
        high=high,
        p=p,
        n=n,
        n_for=n_for,
        n_against=n - n_for,
        verdict=outcome,
        sentence=_sentence(claim, outcome, effect, low, high, n, n_for, level),
    )


def _layers(held: str | Sequence[str]) -> Sequence[str]:
    return held.split(", ") if isinstance(held, str) else held


def _sentence(
    claim: Claim,
    outcome: str,
    effect: float,
    low: float,
    high: float,
    n: int,
    n_for: int,
    level: float,
) -> str:
    contrast = claim.contrast
    if n < MIN_EXAMS:
        return (
            f"undecided: {contrast.a} and {contrast.b} share {n} good exams, {MIN_EXAMS} are needed"
        )
    return (
        f"{outcome}: {contrast.number} of {contrast.a} minus that of {contrast.b} is {effect:+.3g} "
        f"({100 * level:g} % {low:+.3g} to {high:+.3g}), claimed to be below {contrast.margin:g}; "
        f"{n_for} of {n} exams for it, {n - n_for} against"
    )
