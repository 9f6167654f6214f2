"""Dishonest submissions of networks end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.approximation.relu_composition import TASK
from tests import zoo

CHEATS = zoo.cheats("relu_composition")


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> zoo.Examined:
    return functools.cache(zoo.examiner(TASK, nursery))


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
        assert "of the cells reached" in lack


@pytest.fixture(scope="module")
def weights(examined: zoo.Examined, baseline: Trial) -> Callable[[str], float]:
    """Return the weights of a cheat's networks over the baseline's."""

    def of(name: str) -> float:
        result = examined(CHEATS[name])
        return result.extra["weights"] / baseline.extra["weights"]

    return of


def test_zeros_count_as_nothing(weights: Callable[[str], float]) -> None:
    assert weights("stores_zeros") == 1


def test_accuracy_that_nobody_asked_for_is_paid_for(weights: Callable[[str], float]) -> None:
    assert weights("buys_accuracy_with_weights") > 2


def test_a_precision_is_no_place_to_hide(examined: zoo.Examined, baseline: Trial) -> None:
    result = examined(CHEATS["hides_behind_a_precision"])
    assert result.heldout > 2 * baseline.heldout
