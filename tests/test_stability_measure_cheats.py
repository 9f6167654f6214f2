"""Dishonest measures of stability end as they deserve; see their folder in `cheats/`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.sandbox import Nursery
from tasks.generalization import stability_measure
from tasks.generalization.stability_measure import TASK, Scale
from tests import zoo as judge

CHEATS = judge.cheats("stability_measure")
DESERVES = {name: judge.deserves(path) for name, path in CHEATS.items()}
RANKED = [name for name in CHEATS if DESERVES[name].board]


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, nursery: Nursery) -> None:
    judge.assert_ends_as_deserved(judge.examiner(TASK, nursery)(CHEATS[name]), DESERVES[name])


def test_who_sandbags_closes_the_gap_and_misses_the_other_target(nursery: Nursery) -> None:
    examined = judge.examiner(TASK, nursery)
    first, second = examined("baseline"), examined(CHEATS["sandbags"])
    assert second.heldout == first.heldout
    lack = TASK.metric.shortfall(judge.numbers(second), judge.numbers(first))
    assert "on shown networks" in lack and "on hidden networks, wanted at least" not in lack


# ---------------------------------------------------------------------------------------------
# On exams that are large enough to tell


@pytest.fixture(scope="module")
def boards(
    nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, dict[str, Any]]]:
    """Return the standings of the baseline and of the cheats that are measured, small exams."""
    with pytest.MonkeyPatch.context() as patch:
        small = Scale(1, 1, 600, 4, 4000, most_train=0.1)
        patch.setitem(stability_measure.SCALES, "standard", small)
        yield judge.boards(TASK, RANKED, nursery, tmp_path_factory.mktemp("board"), (0, 1, 2))


@pytest.mark.slow
@pytest.mark.parametrize("name", RANKED)
def test_it_stands_where_it_belongs(name: str, boards: dict[str, dict[str, Any]]) -> None:
    judge.assert_stands_as_deserved(boards[name], DESERVES[name])


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_the_baseline(boards: dict[str, dict[str, Any]]) -> None:
    row = boards["copied"]
    assert (row["status"], row["gap_difference"], row["compression"]) == ("ranked", 0, 1), row
    assert row["score_low"] - 0.02 <= 1 <= row["score_high"] + 0.02
