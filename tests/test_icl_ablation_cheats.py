"""Dishonest changes of the normalizer end as they deserve; see their folder in `cheats/`."""

from __future__ import annotations

import functools

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.transformers import icl_ablation
from tasks.transformers.icl_ablation import TASK
from tests import zoo

CHEATS = zoo.cheats("icl_ablation")


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


def test_who_divides_by_everything_has_edited_nothing(examined: zoo.Examined) -> None:
    everything, nothing = examined(CHEATS["divides_by_everything"]), examined("none")
    assert everything.heldout == pytest.approx(nothing.heldout, abs=1e-3)
    assert everything.extra["edit"] < 1e-3
    assert everything.extra["touched"] == 0


def test_who_remembers_the_shown_has_a_gap(examined: zoo.Examined) -> None:
    result = examined(CHEATS["remembers_the_shown"])
    assert result.heldout - result.visible > 0.2
    assert result.extra["selectivity"] < 0.5


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(
    nursery: Nursery, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(icl_ablation.SCALES, "standard", icl_ablation.SCALES["smoke"])
    # Small networks need not let themselves be edited at all.
    monkeypatch.setattr(icl_ablation, "ENOUGH", 0.3)
    monkeypatch.setattr(icl_ablation, "LEAST", 0.2)
    board = zoo.boards(TASK, [], nursery, tmp_path_factory.mktemp("board"), (0, 1, 2))
    copy, baseline = board["copied"], board["baseline"]
    assert copy["status"] == "ranked"
    assert (copy["gap"], copy["compression"]) == (baseline["gap"], 1)
    assert copy["score"] == pytest.approx(1, abs=1e-6)
