"""Dishonest laws of when waves are learned end as they deserve; see `cheats/simple_first/`."""

from __future__ import annotations

import secrets

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.optimization import simple_first
from tasks.optimization.simple_first import TASK
from tests import zoo

CHEATS = zoo.cheats("simple_first")
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


@pytest.mark.parametrize("name", ["answers_the_mean", "sandbags", "says_that_nothing_is_learned"])
def test_it_misses_the_target(name: str, examined: zoo.Examined, baseline: Trial) -> None:
    result = examined(CHEATS[name])
    assert TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))


def test_who_closes_the_gap_on_purpose_is_told_so(examined: zoo.Examined, baseline: Trial) -> None:
    result = examined(CHEATS["sandbags"])
    assert result.heldout == baseline.heldout
    assert result.visible > result.heldout
    lack = TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
    assert lack.startswith("error on shown rows")


def test_a_gap_can_be_bought_with_what_the_baseline_may_err(examined: zoo.Examined) -> None:
    honest, bought = examined("corrected"), examined(CHEATS["sandbags_a_little"])
    assert bought.heldout == honest.heldout
    assert honest.visible + 0.05 < bought.visible < bought.heldout + 0.05


@pytest.fixture(scope="module")
def board(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory):
    """Return the standings of the baseline and every ranked cheat on small exams."""
    small = simple_first.Scale(3, 3, 3, widths=(48,), n_steps=1000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(simple_first.SCALES, "standard", small)
        patch.setattr(secrets, "token_hex", lambda *_: "0")  # three small exams differ much
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


@pytest.mark.slow
def test_who_memorises_pays(board):
    assert board["memorises"]["gap"] > board["baseline"]["gap"] + 0.1
    assert board["memorises"]["compression"] < 0.2
