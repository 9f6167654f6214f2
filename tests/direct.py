"""Searches taught without the wall, so that a test sees what `fit` was handed and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from harness.vocabulary import Arrays, Context, Exam, Scores, Task

Fit = Callable[[Arrays, Context], Arrays]


class Direct:
    """A submission's `fit`, and a list of its calls."""

    division = "open"
    chosen: Any = None

    def __init__(self, function: Fit, exam: Exam) -> None:
        self.function, self.exam = function, exam
        self.notes: dict[str, float] = {}
        self.calls: list[tuple[Arrays, dict[str, Any]]] = []

    def __call__(self, train: Arrays, facts: Any = None, oracle: Any = None) -> Arrays:
        told = {**self.exam.facts, **(facts or {})}
        self.calls.append((train, told))
        return self.function(train, Context(0, 60.0, 1, "cpu", told, oracle))

    def record(self, series: str, **row: Any) -> None:
        raise AssertionError("teach records nothing")


def taught(task: Task, exam: Exam, function: Fit) -> Arrays:
    assert task.teach is not None
    return task.teach(exam, Direct(function, exam))


def numbers(scores: Scores) -> dict[str, float]:
    """Return what a target may speak of."""
    own = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return own | dict(scores.extra)


def assert_is_one(row: Mapping[str, Any]) -> None:
    """Assert that a copy of the baseline stands beside it."""
    assert (row["status"], row["rank"]) == ("ranked", 1), row
    assert row["gap_difference"] == 0 and row["compression"] == 1
    # One interval in twenty misses, by little: a percent or two is no fault.
    assert row["score_low"] - 0.02 <= 1 <= row["score_high"] + 0.02
    assert row["score"] == pytest.approx(1, abs=0.05)
