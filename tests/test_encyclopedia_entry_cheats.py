"""Dishonest entries end as they deserve; see their folder in `cheats/`.

A docstring may say what the target lacks (`Lacks:`, a pattern), how many claims are verified
(`Claims:`), and in `Covers: as the baseline` that no further concept counts as covered.
"""

from __future__ import annotations

import ast
import functools
import re

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.wikipedia import encyclopedia_entry
from tasks.wikipedia.encyclopedia_entry import TASK
from tests import zoo

CHEATS = zoo.cheats("encyclopedia_entry")


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> zoo.Examined:
    return functools.cache(zoo.examiner(TASK, nursery))


@pytest.fixture(scope="module")
def baseline(examined: zoo.Examined) -> Trial:
    """Examine the baseline on the same exam."""
    return examined("baseline")


def says(name: str, key: str) -> str:
    text = ast.get_docstring(ast.parse(CHEATS[name].read_bytes())) or ""
    found = re.search(rf"^{key}: (.+)$", text, re.M)
    return found[1] if found else ""


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, examined: zoo.Examined, baseline: Trial) -> None:
    wanted = zoo.deserves(CHEATS[name])
    result = examined(CHEATS[name])
    zoo.assert_ends_as_deserved(result, wanted)
    if result.status != "ok":
        return
    lack = TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
    assert wanted.board in ("", "ranked", "below target")
    if wanted.board:
        assert bool(lack) == (wanted.board == "below target"), lack
    assert re.search(says(name, "Lacks"), lack), lack
    if says(name, "Claims"):
        assert result.extra["claims"] == int(says(name, "Claims"))
    if says(name, "Covers"):
        assert (result.visible, result.heldout) == (baseline.visible, baseline.heldout)
        assert result.extra["words"] >= baseline.extra["words"]


def test_what_only_fluency_or_variety_sees_would_pay_without_them(
    examined: zoo.Examined, baseline: Trial
) -> None:
    for name in ("glues_keywords", "fills_in_frames"):
        result = examined(CHEATS[name])
        lack = TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
        assert result.visible < baseline.visible / 2
        assert ";" not in lack, lack


def test_loose_bounds_are_told_from_false_ones(examined: zoo.Examined) -> None:
    loose, false = examined(CHEATS["claims_loose_bounds"]), examined(CHEATS["claims_false_bounds"])
    assert loose.extra["violations"] == 0 < false.extra["violations"]
    table = loose.series["claims"]
    looseness = dict(zip(table["claim"], table["looseness"], strict=True))
    assert min(looseness["massart"], looseness["linear"]) > 2 > looseness["sparse"]


def test_the_copied_entry_is_the_reference_entry(examined: zoo.Examined) -> None:
    result = examined(CHEATS["copies_the_reference_entry"])
    assert (result.extra["copied"], result.extra["minutes_ratio"]) == (1, 1)


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(
    nursery: Nursery, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(encyclopedia_entry.N_INSTANCES, "standard", 20)
    board = zoo.boards(TASK, ["claims_false_bounds"], nursery,
                       tmp_path_factory.mktemp("board"), (0, 1, 2))  # fmt: skip
    copy, baseline = board["copied"], board["baseline"]
    assert (copy["status"], copy["score"]) == ("ranked", pytest.approx(1))
    assert (copy["gap"], copy["compression"]) == (baseline["gap"], 1)
