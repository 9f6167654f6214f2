"""Dishonest submissions of critical points end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked.
"""

from __future__ import annotations

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.optimization.morse_bott import TASK
from tests import zoo

CHEATS = zoo.cheats("morse_bott")


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
        assert "of the orbits of" in lack


def test_duplicates_cost_bytes_and_count_once(examined: zoo.Examined, baseline: Trial) -> None:
    result = examined(CHEATS["sends_one_orbit_many_times"])
    assert result.extra["orbits_linear_additive"] == 5  # one a problem, one visible and four not
    assert result.extra["bytes_per_orbit"] > 20 * baseline.extra["bytes_per_orbit"]


def test_looking_up_shows_in_the_gap(examined: zoo.Examined) -> None:
    result = examined(CHEATS["looks_up_what_is_handed_out"])
    assert result.visible == 0 and result.heldout > 0.5
