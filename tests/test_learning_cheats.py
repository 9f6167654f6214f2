"""Submissions that learn dishonestly, or not at all, end on the board where they belong.

A control says in the line `Board` what it deserves: 'below target', 'equal' to the baseline within
the interval, or 'worse': ranked, below the baseline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from harness import catalog, rank, trial
from harness import run as rounds
from harness.sandbox import Nursery
from harness.store import open_store
from harness.trial import examine
from harness.vocabulary import Metric
from tests import tiny

CONTROLS = {path.stem: path for path in (Path(__file__).parent / "cheats/learning").glob("*.py")}
SEEDS = tuple(range(4))


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Want both errors to be at most a quarter above the baseline's held-out error."""
    most = 1.25 * baseline["heldout"]
    return "; ".join(f"{name} too large" for name in ("visible", "heldout") if mine[name] > most)


METRIC = Metric("squared error", "", tiny.NOISE**2 / 10, "1.25 times the baseline's", shortfall)
TASK = replace(tiny.TASK, metric=METRIC)


@pytest.fixture(scope="module")
def board(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the standings of the baseline and every control, by name."""
    folder = tmp_path_factory.mktemp("controls")
    texts = {"baseline": tiny.HONEST} | {name: p.read_text() for name, p in CONTROLS.items()}
    entries = {name: tiny.submission(folder, text, name) for name, text in texts.items()}
    with pytest.MonkeyPatch.context() as patch, open_store(str(folder / "trials.db")) as store:
        patch.setattr(catalog, "load", lambda name: TASK)
        patch.setitem(trial.LEAST, "smoke", 0.3)
        trial._exam.cache_clear()
        round = rounds.open_round(store, TASK, "smoke", SEEDS, list(entries.values()))
        store.begin(round)
        for item in rounds.items(TASK, round, list(entries.values())):
            store.append(examine(item, nursery))
        measured = store.measurements("tiny", "smoke", 1)
    table = rank.standings(measured, METRIC, TASK.divisions, TASK.axes)
    return {row["submission"]: row for row in table.to_dict("records")}


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_stands_where_it_belongs(name: str, board: dict[str, Any]) -> None:
    row = board[name]
    deserved = re.search(r"^Board: (.*)$", CONTROLS[name].read_text(), re.MULTILINE)
    assert deserved is not None
    if deserved[1] == "below target":
        assert (row["status"], pd.isna(row["rank"])) == ("below target", True), row
        return
    assert row["status"] == "ranked", row
    if deserved[1] == "equal":
        assert row["score_low"] <= 1 <= row["score_high"]
        assert row["gap"] == board["baseline"]["gap"] and row["compression"] == 1
        assert row["rank"] == board["baseline"]["rank"]
    else:
        assert deserved[1] == "worse"
        assert row["score_high"] < 1 and row["rank"] > board["baseline"]["rank"]


def test_to_memorise_costs_bytes_and_gap(board: dict[str, Any]) -> None:
    row, baseline = board["memorises_what_it_saw"], board["baseline"]
    assert row["visible"] == 0 < baseline["visible"]
    assert row["gap"] > baseline["gap"] and row["compression"] < 0.1


def test_a_gap_below_zero_counts_as_zero(board: dict[str, Any]) -> None:
    row = board["sandbags_what_it_saw"]
    assert row["visible"] > row["heldout"] and row["gap"] == 0
    assert "visible too large" in row["reason"]
