"""Whether the formulas of an entry are true: each is read out of it and computed.

An oracle draws small instances on which the quantity is known exactly, by enumeration; a bound has
to hold on all of them and to be no looser than the textbook's. That refutes and does not prove.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from harness.vocabulary import Refused

from .formula import last_side, read
from .text import MATH

LOOSEST = 1.01
"""Geometric mean of a bound over the textbook's."""
ROUNDING = 1e-9
CLAIM = re.compile(rf"({MATH.pattern})\s*<!--\s*claim:\s*([a-z0-9_-]+)\s*-->", re.S | re.I)

Instance = tuple[dict[str, float], float]
"""Values of the letters, and the exact quantity."""


@dataclass(frozen=True)
class Oracle:
    """What one claim is held against."""

    says: str
    """The quantity, in words that define it."""
    letters: Mapping[str, str]
    """Letters that the formula may have, and what each is."""
    sense: int
    """1: the formula is to bound the quantity from above; -1: from below; 0: to be it."""
    draw: Callable[[np.random.Generator], Instance]
    textbook: Callable[[Mapping[str, np.ndarray]], np.ndarray]


def instances(oracle: Oracle, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw instances: a column for each letter and 'exact'."""
    drawn = [oracle.draw(rng) for _ in range(n)]
    columns = {letter: np.array([values[letter] for values, _ in drawn], dtype=float)
               for letter in oracle.letters}  # fmt: skip
    return {**columns, "exact": np.array([exact for _, exact in drawn], dtype=float)}


@dataclass(frozen=True)
class Verdict:
    """What became of a claim."""

    verified: bool
    violated: float
    """Share of instances on which it is false; 1 where it cannot be read."""
    looseness: float
    """Over the textbook's; 0 where that says nothing."""
    reason: str


def formulas(wikitext: str) -> dict[str, str]:
    """Return the formula of every claim that the entry makes; of several, the last."""
    inner = re.compile(r"<math[^>]*>(.*?)</math>", re.S | re.I)
    found = {}
    for match in CLAIM.finditer(wikitext):
        found[match[2].lower()] = inner.findall(match[1])[-1]
    return found


def judge(formula: str | None, oracle: Oracle, drawn: Mapping[str, np.ndarray]) -> Verdict:
    """Compute a formula on instances."""
    if formula is None:
        return Verdict(False, 1.0, 0.0, "not in the entry")
    letters = {letter: drawn[letter] for letter in oracle.letters}
    try:
        parsed = read(last_side(formula))
        if not parsed.letters or not parsed.letters <= letters.keys():
            raise Refused(
                f"The formula has the letters {', '.join(sorted(parsed.letters)) or 'none'}, "
                f"wanted are some of {', '.join(letters)}."
            )
        value = np.broadcast_to(parsed.value(letters), drawn["exact"].shape)
    except Refused as error:
        return Verdict(False, 1.0, 0.0, str(error))
    exact = drawn["exact"]
    slack = ROUNDING * np.maximum(1, np.abs(exact))
    with np.errstate(all="ignore"):
        wrong = {
            1: ~(value >= exact - slack),
            -1: ~(value <= exact + slack),
            0: ~(np.abs(value - exact) <= slack),
        }[oracle.sense] | ~np.isfinite(value)
        textbook = oracle.textbook(letters)
        logs = oracle.sense * np.sign(textbook) * np.log(value / textbook)
    violated = float(wrong.mean())
    looseness = float(np.exp(np.clip(logs.mean(), -50, 50))) if np.isfinite(logs).all() else 0.0
    if violated:
        return Verdict(False, violated, looseness, f"false on {violated:.0%} of instances")
    if oracle.sense and not 0 < looseness <= LOOSEST:
        return Verdict(False, 0.0, looseness, f"{looseness:.2f} times as loose as the textbook's")
    return Verdict(True, 0.0, looseness, "")
