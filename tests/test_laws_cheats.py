"""Dishonest laws end as they deserve; see `cheats/` and there the folder of each law's task."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Task, Trial
from tasks._data import runs
from tasks.optimization import implicit_bias, minima_escape, rank_law, sgd_noise, simple_first
from tests import zoo


class Law(NamedTuple):
    """A task, and a size of it that a board can be made of within minutes."""

    module: Any
    small: Any

    @property
    def task(self) -> Task:
        found: Task = self.module.TASK
        return found


LAWS = {
    "implicit_bias": Law(implicit_bias, implicit_bias.Scale(60, 40, 0.3)),
    "minima_escape": Law(minima_escape, minima_escape.Scale(8, 5)),
    "rank_law": Law(rank_law, rank_law.Scale((16, 5), (9, 4), 0.2)),
    "sgd_noise": Law(sgd_noise, sgd_noise.Scale(8, 5, burn_in=10_000, recorded=8000, width=8)),
    "simple_first": Law(simple_first, simple_first.Scale(3, 3, 3, (1, 2, 3, 4), (48,), 1000)),
}
CHEATS = {(law, name): path for law in LAWS for name, path in zoo.cheats(law).items()}
DESERVES = {cheat: zoo.deserves(path) for cheat, path in CHEATS.items()}
RANKED = [cheat for cheat in CHEATS if DESERVES[cheat].board]


def each(cheats: list[tuple[str, str]]) -> Any:
    return pytest.mark.parametrize("law, name", cheats, ids=["-".join(cheat) for cheat in cheats])


@each(list(CHEATS))
def test_it_ends_as_it_deserves(law: str, name: str, nursery: Nursery) -> None:
    examined = zoo.examiner(LAWS[law].task, nursery)
    zoo.assert_ends_as_deserved(examined(CHEATS[law, name]), DESERVES[law, name])


@pytest.mark.parametrize("law", LAWS)
def test_who_closes_the_gap_on_purpose_misses_the_other_target(law: str, nursery: Nursery) -> None:
    task, examined = LAWS[law].task, zoo.examiner(LAWS[law].task, nursery)
    baseline, result = examined("baseline"), examined(CHEATS[law, "sandbags"])
    assert result.heldout == baseline.heldout
    assert result.visible > result.heldout
    lack = task.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
    assert lack.count("wanted") == 1 and "error" in lack


def test_the_bank_that_is_looked_for_lies_where_it_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Outside the wall the same file wins: else it would prove nothing."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    runs.runs([{"seed": 0}], measured)
    cheat: dict[str, Any] = {}
    exec(CHEATS["sgd_noise", "reads_the_bank"].read_text(), cheat)
    monkeypatch.setitem(cheat, "names", only_below(home, cheat["names"]))
    with pytest.raises(RuntimeError, match=r"won \d+ bytes"):
        cheat["fit"]({}, None)


def measured(seed: int) -> dict[str, float]:
    return {"square": float(seed)}


def only_below(home: Path, names: Any) -> Any:
    """Leave the caches of whoever runs the tests alone."""
    return lambda folder: names(folder) if folder.startswith(str(home)) else []


def test_who_ignores_tails_is_seen_in_a_column_of_its_own(nursery: Nursery) -> None:
    """The baseline is such a law: it answers no kurtosis, and its main figure does not know."""
    exam = sgd_noise.make(5, "smoke")
    true = exam.truth["Y"].copy()
    true[:, 1] = 0
    scores = sgd_noise.score(exam, {}, {"Y": true})
    assert scores.visible == scores.heldout == 0
    assert scores.extra["kurtosis_heldout"] > 0
    baseline: Trial = zoo.examiner(sgd_noise.TASK, nursery)("baseline")
    assert baseline.extra["kurtosis_heldout"] > 0


@pytest.mark.parametrize("law", ["minima_escape", "rank_law"])
def test_who_memorises_knows_what_was_shown_and_pays_in_bytes(law: str, nursery: Nursery) -> None:
    """Whether the nearest row is near enough for the target depends on the draw."""
    examined = zoo.examiner(LAWS[law].task, nursery)
    baseline, result = examined("baseline"), examined(CHEATS[law, "memorises"])
    assert result.visible == 0 < result.heldout
    assert result.artifact_bytes > 2 * baseline.artifact_bytes


# ---------------------------------------------------------------------------------------------
# Boards


Board = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def board_of(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Board]:
    """Return the standings of a law's baseline and its ranked cheats on small exams, made once."""

    @cache
    def board(law: str) -> Board:
        module, small = LAWS[law]
        names = [name for of, name in RANKED if of == law]
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(module.SCALES, "standard", small)
            folder = tmp_path_factory.mktemp(law)
            return zoo.boards(module.TASK, names, nursery, folder, (0, 1, 2))

    return board


@pytest.mark.slow
@each(RANKED)
def test_it_stands_where_it_belongs(law: str, name: str, board_of: Callable[[str], Board]) -> None:
    zoo.assert_stands_as_deserved(board_of(law)[name], DESERVES[law, name])


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
def test_a_copy_of_the_baseline_is_the_baseline(law: str, board_of: Callable[[str], Board]) -> None:
    copy, baseline = board_of(law)["copied"], board_of(law)["baseline"]
    assert copy["status"] == "ranked"
    assert (copy["gap"], copy["compression"]) == (baseline["gap"], 1)
    assert copy["score"] == pytest.approx(1, abs=1e-9)  # no clock enters it
