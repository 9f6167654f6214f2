"""Dishonest prunings end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: as the baseline` that what ends well is measured as the baseline is, in
`Board: errs as the baseline` that it errs as often, in as many bytes, in `Board: below target` that
it is not to be ranked, in `Board: knows nothing` that it errs about as guessing does, too, in
`Board: another network` that it is shown to have pruned another one, in `Board: line` that it keeps
no rank.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Iterator

import pytest

from harness import trial
from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.generalization import pruning
from tasks.generalization.pruning import TASK
from tests import zoo

CHEATS = zoo.cheats("pruning")


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> Iterator[zoo.Examined]:
    """Return what becomes of a submission on less than smoke, looked at once."""
    with pytest.MonkeyPatch.context() as patch:
        scale = pruning.SCALES["smoke"]
        patch.setitem(pruning.SCALES, "smoke", dataclasses.replace(scale, n=200, n_fresh=2000))
        patch.setattr(pruning, "BUDGETS", (13_000, 3000, 1000))
        exam = pruning.make(2**40, "smoke")  # in a round it is a seed that nobody can guess
        patch.setattr(trial, "_exam", lambda task, seed, size: exam)
        yield functools.cache(zoo.examiner(TASK, nursery))


@pytest.fixture(scope="module")
def baseline(examined: zoo.Examined) -> Trial:
    """Examine the baseline on the same exam."""
    return examined("baseline")


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, examined: zoo.Examined, baseline: Trial) -> None:
    wanted = zoo.deserves(CHEATS[name])
    result = examined(CHEATS[name])
    zoo.assert_ends_as_deserved(result, wanted)
    if not wanted.board:
        return
    lack = TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
    if wanted.board == "as the baseline":
        assert (result.quality, result.visible) == (baseline.quality, baseline.visible)
        assert result.extra == baseline.extra and not lack
    elif wanted.board == "errs as the baseline":
        assert result.quality == pytest.approx(baseline.quality, abs=0.001)
        assert result.extra["error_bytes"] == pytest.approx(baseline.extra["error_bytes"], rel=0.01)
    elif wanted.board == "below target":
        assert lack
    elif wanted.board == "knows nothing":
        assert lack and result.heldout > 0.6
    elif wanted.board == "another network":
        honest = examined("l1")
        assert result.extra["same_sign"] < 0.7 < honest.extra["same_sign"]
    else:
        assert wanted.board == "line" and TASK.divisions[result.division] is None


def test_whoever_spoils_the_dense_network_is_shown_no_benefit(
    examined: zoo.Examined, baseline: Trial
) -> None:
    result = examined(CHEATS["spoils_its_dense_network"])
    assert result.extra["dense_error"] > 0.6 + result.extra["error_loosest"]
    assert math.isnan(result.extra["benefit"]) and math.isnan(result.extra["support_benefit"])
    assert abs(baseline.extra["benefit"]) < 0.1


def test_whoever_spoils_other_networks_does_not_need_fewer_bytes(examined: zoo.Examined) -> None:
    spoiled = examined(CHEATS["spoils_all_but_one_network"])
    assert spoiled.extra["error_bytes"] > examined("l1").extra["error_bytes"]


@pytest.mark.slow
def test_boards_stand_as_they_deserve_and_a_copy_of_the_baseline_is_one(
    nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> None:
    names = ["always_says_the_same", "learns_shuffled_labels", "spoils_all_but_one_network"]
    board = zoo.boards(TASK, names, nursery, tmp_path_factory.mktemp("board"), (0, 1, 2))
    for name in names:
        zoo.assert_stands_as_deserved(board[name], zoo.Deserves("ok", "", "below target"))
    copy = board["copied"]
    assert (copy["status"], copy["compression"]) == ("ranked", 1)
    # One interval in twenty misses, and three seeds make a narrow one: a percent is no miss, though
    # it may cost a rank.
    half = (copy["score_high"] - copy["score_low"]) / 2
    assert copy["score"] == pytest.approx(1, abs=max(half, 0.01))
