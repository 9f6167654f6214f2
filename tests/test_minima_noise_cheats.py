"""Dishonest submissions of minima end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked.
"""

from __future__ import annotations

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.optimization.minima_noise import TASK
from tests import zoo

CHEATS = zoo.cheats("minima_noise")


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
        assert "of the pool's minima" in lack


def test_copies_of_a_minimum_count_once(examined: zoo.Examined) -> None:
    result = examined(CHEATS["sends_one_minimum_many_times"])
    assert result.extra["minima"] == 3 and result.extra["uncertified"] == 0


def test_a_saddle_is_no_minimum(examined: zoo.Examined) -> None:
    result = examined(CHEATS["always_sends_the_origin"])
    assert result.extra["minima"] == 0 and result.extra["uncertified"] == 3


def test_looking_up_shows_in_the_gap(examined: zoo.Examined) -> None:
    result = examined(CHEATS["looks_up_what_is_handed_out"])
    assert result.visible == 0 and result.heldout > 0.5
