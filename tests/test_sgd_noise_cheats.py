"""Dishonest laws of the noise end as they deserve; see `cheats/sgd_noise/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks._data import runs
from tasks.optimization import sgd_noise
from tasks.optimization.sgd_noise import TASK
from tests import zoo

CHEATS = zoo.cheats("sgd_noise")
DESERVES = {name: zoo.deserves(path) for name, path in CHEATS.items()}
RANKED = [name for name in CHEATS if DESERVES[name].board]


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> zoo.Examined:
    return zoo.examiner(TASK, nursery)


@pytest.fixture(scope="module")
def baseline(examined: zoo.Examined) -> Trial:
    """Examine the baseline on the same exam."""
    return examined("baseline")


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, examined: zoo.Examined) -> None:
    zoo.assert_ends_as_deserved(examined(CHEATS[name]), DESERVES[name])


def test_the_bank_that_is_looked_for_lies_where_it_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Outside the wall the same file wins: else it would prove nothing."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    runs.runs([{"seed": 0}], measured)
    cheat: dict[str, Any] = {}
    exec(CHEATS["reads_the_bank"].read_text(), cheat)
    monkeypatch.setitem(cheat, "names", only_below(home, cheat["names"]))
    with pytest.raises(RuntimeError, match=r"won \d+ bytes"):
        cheat["fit"]({}, None)


def measured(seed: int) -> dict[str, float]:
    return {"square": float(seed)}


def only_below(home: Path, names: Any) -> Any:
    """Leave the caches of whoever runs the tests alone."""
    return lambda folder: names(folder) if folder.startswith(str(home)) else []


def test_who_closes_the_gap_on_purpose_misses_the_other_target(
    examined: zoo.Examined, baseline: Trial
) -> None:
    result = examined(CHEATS["sandbags"])
    assert result.heldout == baseline.heldout
    assert result.visible > result.heldout
    lack = TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
    assert lack.startswith("error at small rates")


def test_who_ignores_tails_is_seen_in_a_column_of_its_own(
    examined: zoo.Examined, baseline: Trial
) -> None:
    """The baseline is such a law: it answers no kurtosis, and its main figure does not know."""
    exam = sgd_noise.make(5, "smoke")
    true = exam.truth["Y"].copy()
    true[:, 1] = 0
    scores = sgd_noise.score(exam, {}, {"Y": true})
    assert scores.visible == scores.heldout == 0
    assert scores.extra["kurtosis_heldout"] > 0
    assert baseline.extra["kurtosis_heldout"] > 0


@pytest.fixture(scope="module")
def board(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory):
    """Return the standings of the baseline and every ranked cheat on small exams."""
    small = sgd_noise.Scale(6, 4, burn_in=4000, recorded=8000, width=8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sgd_noise.SCALES, "standard", small)
        yield zoo.boards(TASK, RANKED, nursery, tmp_path_factory.mktemp("board"), (0, 1, 2))


@pytest.mark.slow
@pytest.mark.parametrize("name", RANKED)
def test_it_stands_where_it_belongs(name, board):
    zoo.assert_stands_as_deserved(board[name], DESERVES[name])


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_the_baseline(board):
    copy, baseline = board["copied"], board["baseline"]
    assert copy["status"] == "ranked"
    assert (copy["gap"], copy["compression"]) == (baseline["gap"], 1)
    assert copy["score"] == pytest.approx(1, abs=1e-9)  # no clock enters it
