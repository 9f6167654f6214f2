"""Exams of searches: a problem a call, some handed out with an answer, points as the artifact.

Problems are landscapes named '<kind>/<number>'. Those numbered below `N_VISIBLE` are visible: every
call for a problem of their kind gets them as 'seen/<number>/...', an answer ('points') among it.
What is sent is certified by the task, and `predict` is never called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from harness import arrays as named
from harness.vocabulary import Arrays, Exam, Fit, Refused
from tasks._data.landscapes import LARGEST, Landscape, read

N_VISIBLE = 1


def is_seen(cell: str) -> bool:
    """Return whether a problem is handed out with an answer."""
    return int(cell.split("/")[1]) < N_VISIBLE


def told(landscape: Landscape) -> dict[str, Any]:
    """Return what of a landscape is no array, as a submission is told it."""
    hidden = landscape.net.hidden
    return {
        "hidden": hidden if isinstance(hidden, int) else list(hidden),
        "activation": landscape.net.activation,
        "regularizer": landscape.regularizer,
        "weight": landscape.weight,
    }


def landscape_of(exam: Exam, cell: str) -> Landscape:
    """Return the landscape of a problem of `exam.facts['problems']`."""
    return read(named.part(exam.train, cell), **exam.facts["problems"][cell])


def teach(exam: Exam, fit: Fit, verify: Callable[[Arrays, Landscape, str], Any]) -> Arrays:
    """Call `fit` once a problem, with the visible ones of its kind; `verify` refuses answers."""
    artifact: Arrays = {}
    for cell, facts in exam.facts["problems"].items():
        kind = cell.split("/")[0]
        train = {n: a for n, a in named.part(exam.train, cell).items() if n != "points"}
        for number in range(N_VISIBLE):
            seen = named.part(exam.train, f"{kind}/{number}")
            train |= {f"seen/{number}/{name}": array for name, array in seen.items()}
        found = fit(train, facts)
        verify(found, landscape_of(exam, cell), cell)
        artifact |= {f"{cell}/{name}": array for name, array in found.items()}
    return artifact


def answers(exam: Exam, artifact: Arrays) -> dict[str, Arrays]:
    """Return the arrays of every problem, or refuse what belongs to none."""
    problems = exam.facts["problems"]
    for name in artifact:
        if name.rpartition("/")[0] not in problems:
            raise Refused(f"fit[{name!r}] is no array of any problem.")
    return {cell: named.part(artifact, cell) for cell in problems}


def points(arrays: Arrays, cell: str, most: int) -> np.ndarray:
    """Return a problem's points in float64, or refuse too many and too distant ones."""
    found = arrays["points"].astype(np.float64)
    if len(found) > most:
        raise Refused(
            f"fit ({cell})['points'] may hold at most {most}, got {len(found)}: send one of each."
        )
    if np.abs(found).max(initial=0) > LARGEST:
        raise Refused(f"fit ({cell})['points'] must be within {LARGEST:g}.")
    return found
