"""Dishonest measures of networks end as they deserve; see the folder of each task in `cheats/`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

from harness import arrays as named
from harness.sandbox import Nursery
from harness.vocabulary import Task
from tasks._data import zoo
from tasks.generalization import complexity_measure, stability_measure
from tests import zoo as judge
from tests.cheats.complexity_measure import draws_the_exam_again, looks_up_the_shape


class Measure(NamedTuple):
    """A task, and a size of it that a board can be made of within minutes."""

    module: Any
    small: Any

    @property
    def task(self) -> Task:
        found: Task = self.module.TASK
        return found


MEASURES = {
    "complexity_measure": Measure(complexity_measure, complexity_measure.Scale(1, 2, 800, 4000)),
    "stability_measure": Measure(
        stability_measure, stability_measure.Scale(1, 1, 600, 4, 4000, most_train=0.1)
    ),
}
CHEATS = {(of, name): path for of in MEASURES for name, path in judge.cheats(of).items()}
DESERVES = {cheat: judge.deserves(path) for cheat, path in CHEATS.items()}
RANKED = [cheat for cheat in CHEATS if DESERVES[cheat].board]


def each(cheats: list[tuple[str, str]]) -> Any:
    return pytest.mark.parametrize("of, name", cheats, ids=["-".join(cheat) for cheat in cheats])


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a call end within seconds."""
    for measure in MEASURES.values():
        monkeypatch.setitem(measure.task.seconds, "smoke", 5.0)  # type: ignore[call-overload]


@each(list(CHEATS))
def test_it_ends_as_it_deserves(of: str, name: str, nursery: Nursery, soon: None) -> None:
    examined = judge.examiner(MEASURES[of].task, nursery)
    judge.assert_ends_as_deserved(examined(CHEATS[of, name]), DESERVES[of, name])


def test_the_cheat_that_draws_again_draws_as_the_task_does() -> None:
    """Outside the wall it wins: else it would prove nothing."""
    data = zoo.draw(4, 1000)
    found = draws_the_exam_again.fit({"data/0/x": data.x}, None)
    np.testing.assert_array_equal(found["y"], data.fresh_y)


@pytest.mark.parametrize("of", MEASURES)
def test_who_sandbags_closes_the_gap_and_misses_the_other_target(of: str, nursery: Nursery) -> None:
    task = MEASURES[of].task
    examined = judge.examiner(task, nursery)
    first, second = examined("baseline"), examined(CHEATS[of, "sandbags"])
    assert second.heldout == first.heldout
    lack = task.metric.shortfall(judge.numbers(second), judge.numbers(first))
    assert "on shown networks" in lack and "on hidden networks, wanted at least" not in lack


# ---------------------------------------------------------------------------------------------
# On exams that are large enough to tell


Board = dict[str, dict[str, Any]]


@pytest.fixture(scope="module", params=MEASURES)
def board(
    request: pytest.FixtureRequest, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Board]]:
    """Return a task and the standings of its baseline and its ranked cheats, small exams."""
    of = request.param
    names = [name for owner, name in RANKED if owner == of]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MEASURES[of].module.SCALES, "standard", MEASURES[of].small)
        folder = tmp_path_factory.mktemp(of)
        yield of, judge.boards(MEASURES[of].task, names, nursery, folder, (0, 1, 2))


@pytest.mark.slow
def test_each_stands_where_it_belongs(board: tuple[str, Board]) -> None:
    of, rows = board
    for owner, name in RANKED:
        if owner == of:
            judge.assert_stands_as_deserved(rows[name], DESERVES[of, name])


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_the_baseline(board: tuple[str, Board]) -> None:
    row = board[1].get("copied", {})
    assert (row["status"], row["gap_difference"], row["compression"]) == ("ranked", 0, 1), row
    assert row["score_low"] - 0.02 <= 1 <= row["score_high"] + 0.02


@pytest.mark.slow
def test_a_table_of_shapes_orders_well_until_hyperparameters_are_held_fixed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = MEASURES["complexity_measure"].small
    monkeypatch.setitem(complexity_measure.SCALES, "standard", small)
    exam = complexity_measure.make(0, "standard")
    table = looks_up_the_shape.fit(exam.train, None)
    answers = []
    for i in range(len(exam.truth["gap"])):
        net = named.part(exam.inputs, f"net/{i}")
        answers.append(float(looks_up_the_shape.predict(table, net)["score"]))
    extra = complexity_measure.score(exam, {}, {"score": np.array(answers)}).extra
    assert extra["tau_struct"] > 0.6
    assert extra["matched_struct"] < extra["tau_struct"] - 0.3
