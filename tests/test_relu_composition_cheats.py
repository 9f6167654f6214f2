"""Dishonest submissions of networks end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import catalog, trial
from harness import run as rounds
from harness.sandbox import Nursery
from harness.vocabulary import Round, Trial
from tasks.approximation.relu_composition import TASK

FOLDER = Path(__file__).parent / "cheats" / "relu_composition"
CHEATS = {path.stem: path for path in sorted(FOLDER.glob("*.py"))}
SECRET = "0" * 32
Examined = Callable[[str], Trial]


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> Examined:
    """Return what becomes of a submission on one exam at smoke."""

    @functools.cache
    def by(name: str) -> Trial:
        entry = rounds.entered(TASK, catalog.find(str(CHEATS.get(name, name)), TASK.name))
        sources = {entry.name: entry.source}
        task, started = TASK.name, "2026-01-01T00:00:00"
        round = Round("r", task, TASK.version, "smoke", (0,), sources, SECRET, {}, started)
        return trial.examine(trial.Item(round, entry, None, 0), nursery)

    return by


@pytest.fixture(scope="module")
def baseline(examined: Examined) -> Trial:
    """Examine the baseline on the same exam."""
    return examined("baseline")


def numbers(of: Trial) -> dict[str, float]:
    errors = {"visible": of.visible, "heldout": of.heldout, "quality": of.quality}
    return errors | dict(of.extra)


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, examined: Examined, baseline: Trial) -> None:
    says = ast.get_docstring(ast.parse(CHEATS[name].read_text())) or ""
    ends = re.search(r"^Ends: (\w+)$", says, re.M)
    reason = re.search(r"^Reason: (.+)$", says, re.M)
    assert ends and (ends[1] == "ok" or reason)
    result = examined(name)
    assert result.status == ends[1], result.reason
    if reason:
        assert re.search(reason[1], result.reason), result.reason
    assert len(result.reason) <= 600 and result.reason.isprintable()
    if "Board: below target" in says:
        assert "of the cells reached" in TASK.metric.shortfall(numbers(result), numbers(baseline))


@pytest.fixture(scope="module")
def weights(examined: Examined, baseline: Trial) -> Callable[[str], float]:
    """Return the weights of a cheat's networks over the baseline's."""

    def of(name: str) -> float:
        result = examined(name)
        return result.extra["weights"] / baseline.extra["weights"]

    return of


def test_zeros_count_as_nothing(weights: Callable[[str], float]) -> None:
    assert weights("stores_zeros") == 1


def test_accuracy_that_nobody_asked_for_is_paid_for(weights: Callable[[str], float]) -> None:
    assert weights("buys_accuracy_with_weights") > 2


def test_a_precision_is_no_place_to_hide(examined: Examined, baseline: Trial) -> None:
    result = examined("hides_behind_a_precision")
    assert result.heldout > 2 * baseline.heldout
