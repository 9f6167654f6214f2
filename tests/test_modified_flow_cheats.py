"""Dishonest submissions of equations end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked.
"""

from __future__ import annotations

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.optimization.modified_flow import TASK
from tests import zoo

CHEATS = zoo.cheats("modified_flow")


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> zoo.Examined:
    return zoo.examiner(TASK, nursery)


@pytest.fixture(scope="module")
def baseline(examined: zoo.Examined) -> Trial:
    """Examine the baseline on the same exam."""
    return examined("baseline")


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, examined: zoo.Examined, baseline: Trial) -> None:
    wanted = zoo.deserves(CHEATS[name])
    result = examined(CHEATS[name])
    zoo.assert_ends_as_deserved(result, wanted)
    if wanted.board == "below target":
        lack = TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
        assert "on held-out runs" in lack


def test_what_cannot_be_integrated_counts_as_the_worst_and_as_the_most_calls(
    examined: zoo.Examined, baseline: Trial
) -> None:
    for name in ("outruns_the_integrator", "goes_up"):
        result = examined(CHEATS[name])
        assert result.extra["followed"] < 1
        assert result.extra["calls"] > 20 * baseline.extra["calls"]


def test_no_call_is_counted_as_one(examined: zoo.Examined) -> None:
    result = examined(CHEATS["stays_put"])
    assert result.extra["calls"] == 4
