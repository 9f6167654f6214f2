"""Dishonest and merely clever submissions to staircase; see `cheats/staircase/`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

from harness import catalog, rank, trial
from harness import run as rounds
from harness.sandbox import Nursery
from harness.store import open_store
from harness.vocabulary import Round
from tasks.optimization import staircase

TASK = staircase.TASK
FOLDER = Path(__file__).parent / "cheats" / "staircase"
CHEATS = {path.stem: path for path in sorted(FOLDER.glob("*.py"))}


def deserved(name: str, key: str) -> str | None:
    says = ast.get_docstring(ast.parse(CHEATS[name].read_bytes())) or ""
    found = re.search(rf"^{key}: (.+)$", says, re.M)
    return found and found[1]


RANKED = [name for name in CHEATS if deserved(name, "Board")]


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name, nursery: Nursery, monkeypatch: pytest.MonkeyPatch):
    exam = staircase.make(2**40, "smoke")  # in a round it is a seed that nobody can guess
    monkeypatch.setattr(trial, "_exam", lambda task, seed, size: exam)
    entry = rounds.entered(TASK, catalog.find(str(CHEATS[name]), TASK.name))
    sources = {entry.name: entry.source}
    round = Round("r", TASK.name, 1, "smoke", (0,), sources, "", {}, "2026-01-01T00:00:00")
    result = trial.examine(trial.Item(round, entry, None, 0), nursery)
    assert result.status == deserved(name, "Ends"), result.reason
    reason = deserved(name, "Reason")
    assert (result.status == "ok") == (reason is None)
    assert reason is None or re.search(reason, result.reason), result.reason


@pytest.fixture(scope="module")
def board(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory):
    """Return the standings of the baseline and every ranked cheat on exams of twelve bits."""
    folder = tmp_path_factory.mktemp("board")
    baseline = catalog.submissions(TASK.name)["baseline"]
    # Its text under another name: an import of it would cost time in each of 20 processes.
    copy = folder / "copied.py"
    copy.write_bytes(Path(baseline.folder).read_bytes())
    entries = [baseline, catalog.find(str(copy), TASK.name)]
    entries += [catalog.find(str(CHEATS[name]), TASK.name) for name in RANKED]
    entries = [rounds.entered(TASK, entry) for entry in entries]
    with pytest.MonkeyPatch.context() as patch, open_store(str(folder / "trials.db")) as store:
        patch.setitem(staircase.N_FEATURES, "standard", 12)
        patch.setitem(staircase.LADDERS, "standard", (100, 1000))
        patch.setitem(staircase.N_HELDOUT, "standard", 1000)
        trial._exam.cache_clear()
        round = rounds.open_round(store, TASK, "standard", (0, 1, 2), entries)
        store.begin(round)
        for item in rounds.items(TASK, round, entries):
            store.append(trial.examine(item, nursery))
        measured = store.measurements(TASK.name, "standard", 1)
    trial._exam.cache_clear()
    table = rank.standings(measured, TASK.metric, TASK.divisions, TASK.axes)
    return {row["submission"]: row for row in table.to_dict("records")}


@pytest.mark.slow
@pytest.mark.parametrize("name", RANKED)
def test_it_stands_where_it_belongs(name, board):
    row, wanted = board[name], deserved(name, "Board")
    assert wanted in ("ranked", "below target")
    assert (row["status"], pd.isna(row["rank"])) == (wanted, wanted != "ranked"), row


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
