"""Dishonest submissions of tree decompositions end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked.
"""

from __future__ import annotations

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.approximation.hierarchical_tucker import TASK
from tests import zoo

CHEATS = zoo.cheats("hierarchical_tucker")


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
        assert "solved on held-out" in lack


def test_half_precision_shows_in_bytes_and_not_in_entries(
    examined: zoo.Examined, baseline: Trial
) -> None:
    result = examined(CHEATS["stores_in_half_precision"])
    assert result.artifact_bytes < 0.7 * baseline.artifact_bytes
    stored = [trial.series["cells"]["stored"] for trial in (result, baseline)]
    assert stored[0] == stored[1]
