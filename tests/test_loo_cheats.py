"""Dishonest and merely clever rules end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked.
"""

from __future__ import annotations

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.generalization.loo import TASK
from tests import zoo

CHEATS = zoo.cheats("loo")


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
    if wanted.board:
        assert wanted.board == "below target"
        assert TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))


def test_who_predicts_the_mean_has_no_bias_and_still_no_rank(examined: zoo.Examined) -> None:
    result = examined(CHEATS["predicts_the_mean"])
    assert result.heldout < 0.5 < result.quality
