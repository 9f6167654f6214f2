"""Dishonest certificates end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: guesses` that what ends well is bounded by no less than guessing, in
`Board: below target` that it is not to be ranked, in `Board: knows nothing` that its risk is about
that of guessing, in `Board: as the baseline` that it is measured as the baseline is.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest

from harness import trial
from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.generalization import certificate
from tasks.generalization.certificate import TASK, bounds
from tests import zoo

CHEATS = zoo.cheats("certificate")


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> Iterator[zoo.Examined]:
    """Return what becomes of a submission on less than smoke, looked at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(certificate.RUNGS, "smoke", {"motif": (400, 1000)})
        patch.setattr(bounds, "N_DRAWS", 500)
        exam = certificate.make(2**40, "smoke")  # in a round it is a seed that nobody can guess
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
    # Whoever it is has found no way around the theorem.
    assert result.quality >= result.heldout - 4 * result.extra["heldout_stderr"]
    lack = TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
    if wanted.board == "guesses":
        assert result.quality > result.extra["guess"] and "guessing errs by" in lack
    elif wanted.board == "knows nothing":
        assert result.heldout == pytest.approx(result.extra["guess"], abs=0.25)
    elif wanted.board == "below target":
        assert lack
    else:
        assert wanted.board == "as the baseline"
        assert (result.quality, result.heldout) == (baseline.quality, baseline.heldout)
        assert result.extra == baseline.extra


def test_who_memorises_has_a_small_error_and_pays_in_bits(examined: zoo.Examined) -> None:
    result = examined(CHEATS["memorises"])
    assert result.visible < 0.02 < result.heldout
    assert result.extra["bits"] > 2000


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(
    nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> None:
    board = zoo.boards(TASK, [], nursery, tmp_path_factory.mktemp("board"), (0, 1, 2))
    copy = board["copied"]
    assert (copy["status"], copy["compression"]) == ("ranked", 1)
    # One interval in twenty misses, and three seeds make a narrow one: a percent is no miss, though
    # it may cost a rank.
    half = (copy["score_high"] - copy["score_low"]) / 2
    assert copy["score"] == pytest.approx(1, abs=max(half, 0.01))
