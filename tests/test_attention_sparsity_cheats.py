"""Dishonest rules of which pairs to keep end as they deserve; see their folder in `cheats/`."""

from __future__ import annotations

import functools

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.transformers.attention_sparsity import TASK
from tests import zoo

CHEATS = zoo.cheats("attention_sparsity")


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> zoo.Examined:
    return functools.cache(zoo.examiner(TASK, nursery))


@pytest.fixture(scope="module")
def baseline(examined: zoo.Examined) -> Trial:
    """Examine the baseline on the same exam."""
    return examined("baseline")


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, examined: zoo.Examined, baseline: Trial) -> None:
    wanted = zoo.deserves(CHEATS[name])
    result = examined(CHEATS[name])
    zoo.assert_ends_as_deserved(result, wanted)
    if wanted.ends == "ok":
        assert wanted.board == "below target"
        assert TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))


def test_who_overspends_keeps_nothing(examined: zoo.Examined) -> None:
    nothing, all_of_it, one = (
        examined(CHEATS[name])
        for name in ("keeps_nothing", "overspends", "overspends_on_one_sequence")
    )
    assert all_of_it.heldout == one.heldout == nothing.heldout
    assert [of.extra["overspent"] for of in (nothing, all_of_it, one)] == [0, 4, 4]
    assert nothing.extra["kept_induction"] == all_of_it.extra["kept_induction"]


def test_the_future_counts_for_nothing(examined: zoo.Examined) -> None:
    future, nothing = (examined(CHEATS[name]) for name in ("keeps_the_future", "keeps_nothing"))
    assert future.heldout == nothing.heldout


def test_who_remembers_the_shown_has_a_gap_and_pays_for_it(
    examined: zoo.Examined, baseline: Trial
) -> None:
    result = examined(CHEATS["remembers_the_shown"])
    assert result.heldout - result.visible > 0.3
    assert result.artifact_bytes > baseline.artifact_bytes + 1000


def test_who_errs_on_the_shown_misses_that_target(examined: zoo.Examined, baseline: Trial) -> None:
    result = examined(CHEATS["errs_on_the_shown"])
    honest = examined("threshold")
    assert result.heldout == honest.heldout < result.visible
    lack = TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
    assert "nats on shown sequences" in lack


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(
    nursery: Nursery, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tasks.transformers import attention_sparsity

    monkeypatch.setitem(attention_sparsity.SCALES, "standard", attention_sparsity.SCALES["smoke"])
    board = zoo.boards(TASK, [], nursery, tmp_path_factory.mktemp("board"), (0, 1, 2))
    copy, baseline = board["copied"], board["baseline"]
    assert copy["status"] == "ranked"
    assert (copy["gap"], copy["compression"]) == (baseline["gap"], 1)
    half = (copy["score_high"] - copy["score_low"]) / 2
    assert copy["score"] == pytest.approx(1, abs=max(half, 0.03))
