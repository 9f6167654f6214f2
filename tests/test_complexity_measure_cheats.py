"""Dishonest measures end as they deserve; see their folder in `cheats/`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from harness import arrays as named
from harness.sandbox import Nursery
from tasks._data import zoo
from tasks.generalization import complexity_measure
from tasks.generalization.complexity_measure import TASK, Scale
from tests import zoo as judge
from tests.cheats.complexity_measure import draws_the_exam_again, looks_up_the_shape

CHEATS = judge.cheats("complexity_measure")
DESERVES = {name: judge.deserves(path) for name, path in CHEATS.items()}
RANKED = [name for name in CHEATS if DESERVES[name].board]
SMALL = Scale(1, 2, 800, 4000)
"""Of a board that is made within minutes."""


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a call end within seconds."""
    monkeypatch.setitem(TASK.seconds, "smoke", 5.0)  # type: ignore[call-overload]


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, nursery: Nursery, soon: None) -> None:
    judge.assert_ends_as_deserved(judge.examiner(TASK, nursery)(CHEATS[name]), DESERVES[name])


def test_the_cheat_that_draws_again_draws_as_the_task_does() -> None:
    """Outside the wall it wins: else it would prove nothing."""
    data = zoo.draw(4, complexity_measure.JITTER, 1000)
    found = draws_the_exam_again.fit({"data/0/x": data.x}, None)
    np.testing.assert_array_equal(found["y"], data.fresh_y)


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
        patch.setitem(complexity_measure.SCALES, "standard", SMALL)
        yield judge.boards(TASK, RANKED, nursery, tmp_path_factory.mktemp("board"), (0, 1, 2))


@pytest.mark.slow
@pytest.mark.parametrize("name", RANKED)
def test_it_stands_where_it_belongs(name: str, boards: dict[str, dict[str, Any]]) -> None:
    judge.assert_stands_as_deserved(boards[name], DESERVES[name])


@pytest.mark.slow
def test_a_table_of_shapes_orders_well_until_hyperparameters_are_held_fixed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(complexity_measure.SCALES, "standard", dataclasses.replace(SMALL, hidden=2))
    exam = complexity_measure.make(0, "standard")
    table = looks_up_the_shape.fit(exam.train, None)
    answers = []
    for i in range(len(exam.truth["gap"])):
        net = named.part(exam.inputs, f"net/{i}")
        answers.append(float(looks_up_the_shape.predict(table, net)["score"]))
    extra = complexity_measure.score(exam, {}, {"score": np.array(answers)}).extra
    assert extra["tau_struct"] > 0.6
    assert extra["matched_struct"] < extra["tau_struct"] - 0.3
