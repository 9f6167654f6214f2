"""Dishonest and merely clever submissions to staircase; see `cheats/staircase/`."""

from __future__ import annotations

import pytest

from harness import trial
from harness.sandbox import Nursery
from tasks.optimization import staircase
from tests import zoo

TASK = staircase.TASK
CHEATS = zoo.cheats("staircase")
DESERVES = {name: zoo.deserves(path) for name, path in CHEATS.items()}
RANKED = [name for name in CHEATS if DESERVES[name].board]


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name, nursery: Nursery, monkeypatch: pytest.MonkeyPatch):
    exam = staircase.make(2**40, "smoke")  # in a round it is a seed that nobody can guess
    monkeypatch.setattr(trial, "_exam", lambda task, seed, size: exam)
    zoo.assert_ends_as_deserved(zoo.examiner(TASK, nursery)(CHEATS[name]), DESERVES[name])


@pytest.fixture(scope="module")
def board(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory):
    """Return the standings of the baseline and every ranked cheat on exams of twelve bits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(staircase.N_FEATURES, "standard", 12)
        patch.setitem(staircase.LADDERS, "standard", (100, 1000))
        patch.setitem(staircase.N_HELDOUT, "standard", 1000)
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
    # One interval in twenty misses, and three seeds make a narrow one: a percent is no miss.
    half = (copy["score_high"] - copy["score_low"]) / 2
    assert copy["score"] == pytest.approx(1, abs=max(half, 0.01))


@pytest.mark.slow
def test_who_hides_a_gap_is_told_why_it_is_not_ranked(board):
    assert board["sandbags"]["gap"] < board["baseline"]["gap"] / 2
    assert "more on seen samples" in board["sandbags"]["reason"]


@pytest.mark.slow
def test_who_tries_every_set_needs_no_hierarchy(board):
    row = board["enumerates_every_set"]
    assert row["heldout"] < 0.05 and row["compression"] > 10
