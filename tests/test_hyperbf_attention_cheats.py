"""Dishonest normalized HyperBF networks end as they deserve; see their folder in `cheats/`.

`Board: as the baseline` says that the scores are the baseline's to the last digit, `no better` that
more is left to closure than by the baseline.
"""

from __future__ import annotations

import functools

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.transformers import hyperbf_attention
from tasks.transformers.hyperbf_attention import TASK
from tests import zoo

CHEATS = zoo.cheats("hyperbf_attention")


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
    elif wanted.board == "as the baseline":
        assert (result.visible, result.heldout) == (baseline.visible, baseline.heldout)
        assert result.extra["raw"] > 0.9999 > baseline.extra["raw"]
    elif wanted.board:
        assert wanted.board == "no better"
        assert result.heldout > baseline.heldout


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(
    nursery: Nursery, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(hyperbf_attention.SCALES, "standard", hyperbf_attention.SCALES["smoke"])
    monkeypatch.setattr(hyperbf_attention, "CONTROL", {})
    board = zoo.boards(TASK, [], nursery, tmp_path_factory.mktemp("board"), (0, 1, 2))
    copy, baseline = board["copied"], board["baseline"]
    assert copy["status"] == "ranked"
    assert (copy["gap"], copy["compression"]) == (baseline["gap"], 1)
    assert copy["score"] == pytest.approx(1)
