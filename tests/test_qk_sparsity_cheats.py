"""Dishonest codes of W_Q and W_K end as they deserve; see their folder in `cheats/`.

`Board: as the baseline` says that what ends well is measured as the baseline is.
"""

from __future__ import annotations

import functools

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.transformers import qk_sparsity
from tasks.transformers.qk_sparsity import TASK
from tests import zoo

CHEATS = zoo.cheats("qk_sparsity")


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
    if wanted.board == "below target":
        assert TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
    elif wanted.board:
        assert wanted.board == "as the baseline"
        assert (result.visible, result.heldout) == (baseline.visible, baseline.heldout)
        assert result.extra == baseline.extra


def test_who_overspends_has_no_scores_at_all(examined: zoo.Examined) -> None:
    whole, zero = examined(CHEATS["keeps_all_of_it"]), examined("zero")
    assert whole.extra["overspent"] == 3
    assert whole.heldout == pytest.approx(zero.heldout)


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(
    nursery: Nursery, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(qk_sparsity.SCALES, "standard", qk_sparsity.SCALES["smoke"])
    board = zoo.boards(TASK, [], nursery, tmp_path_factory.mktemp("board"), (0, 1, 2))
    copy, baseline = board["copied"], board["baseline"]
    assert copy["status"] == "ranked"
    assert (copy["gap"], copy["compression"]) == (baseline["gap"], 1)
    half = (copy["score_high"] - copy["score_low"]) / 2
    assert copy["score"] == pytest.approx(1, abs=max(half, 0.05))
