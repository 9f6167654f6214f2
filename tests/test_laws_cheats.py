"""Dishonest laws end as they deserve; see `cheats/` and there the folder of each law's task."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
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


def test_who_memorises_ranks_knows_them_and_pays_in_bytes(nursery: Nursery) -> None:
    """Whether the nearest run is near enough for the target depends on the draw."""
    examined = zoo.examiner(rank_law.TASK, nursery)
    baseline, result = examined("baseline"), examined(CHEATS["rank_law", "memorises"])
    assert result.visible == 0 < result.heldout
    assert result.artifact_bytes > 2 * baseline.artifact_bytes


@pytest.mark.parametrize("name", ["answers_the_mean", "says_that_nothing_is_learned"])
def test_who_says_little_of_waves_misses_the_target(name: str, nursery: Nursery) -> None:
    examined = zoo.examiner(simple_first.TASK, nursery)
    baseline, result = examined("baseline"), examined(CHEATS["simple_first", name])
    assert simple_first.shortfall(zoo.numbers(result), zoo.numbers(baseline))


def test_a_gap_can_be_bought_with_what_the_baseline_may_err(nursery: Nursery) -> None:
    examined = zoo.examiner(simple_first.TASK, nursery)
    honest = examined("corrected")
    bought = examined(CHEATS["simple_first", "sandbags_a_little"])
    assert bought.heldout == honest.heldout
    assert honest.visible + 0.05 < bought.visible < bought.heldout + 0.05


# ---------------------------------------------------------------------------------------------
# Boards


Boards = dict[str, dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def boards(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boards]:
    """Return for every law the standings of the baseline and its ranked cheats, small exams."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "token_hex", lambda *_: "0")  # three small exams differ much
        for law, (module, small) in LAWS.items():
            patch.setitem(module.SCALES, "standard", small)
            names = [name for of, name in RANKED if of == law]
            folder = tmp_path_factory.mktemp(law)
            found[law] = zoo.boards(module.TASK, names, nursery, folder, (0, 1, 2))
        yield found


@pytest.mark.slow
@each(RANKED)
def test_it_stands_where_it_belongs(law: str, name: str, boards: Boards) -> None:
    zoo.assert_stands_as_deserved(boards[law][name], DESERVES[law, name])


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
def test_a_copy_of_the_baseline_is_the_baseline(law: str, boards: Boards) -> None:
    copy, baseline = boards[law]["copied"], boards[law]["baseline"]
    assert copy["status"] == "ranked"
    assert (copy["gap"], copy["compression"]) == (baseline["gap"], 1)
    assert copy["score"] == pytest.approx(1, abs=1e-9)  # no clock enters it


@pytest.mark.slow
def test_who_memorises_waves_pays(boards: Boards) -> None:
    memorises, baseline = (boards["simple_first"][name] for name in ("memorises", "baseline"))
    assert memorises["gap"] > baseline["gap"] + 0.1
    assert memorises["compression"] < 0.2
