"""Dishonest and merely clever interpolants end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked, and in
`Board: as the baseline` that it is measured as the baseline is.
"""

from __future__ import annotations

import numpy as np
import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.generalization import interpolant
from tasks.generalization.interpolant import TASK
from tests import zoo
from tests.cheats.interpolant import draws_the_exam_again

CHEATS = zoo.cheats("interpolant")


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
        assert TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
    elif wanted.board:
        assert wanted.board == "as the baseline"
        assert result.quality == pytest.approx(baseline.quality, abs=1e-5)
        assert result.visible == pytest.approx(baseline.visible, abs=1e-6)


def test_the_cheat_that_draws_again_draws_as_the_task_does() -> None:
    exam = interpolant.make(7, "smoke")
    y = exam.train["draw0/y"]
    np.testing.assert_array_equal(draws_the_exam_again.labels(7, 5079)[: len(y)], y)
    np.testing.assert_array_equal(draws_the_exam_again.labels(7, len(y)), y)
