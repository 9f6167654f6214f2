"""Bounds without a reason end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: refuted` that a bound is below what complexity was found, in `Board:
loose` that it is looser than the baseline, in `Board: as the baseline` that it gains nothing, in
`Board: tight` that no more can be said than that it is smaller.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import platformdirs
import pytest

from harness import trial
from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.generalization import rademacher
from tasks.generalization.rademacher import TASK
from tests import zoo

CHEATS = zoo.cheats("rademacher")


@pytest.fixture(scope="module")
def examined(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[zoo.Examined]:
    folder = str(tmp_path_factory.mktemp("cache"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: folder)
        exam = rademacher.make(2**40, "smoke")  # in a round it is a seed that nobody can guess
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
    if wanted.board == "refuted":
        assert lack.startswith("refuted: ") and result.extra["refuted"] > 0
    elif wanted.board == "loose":
        assert "wanted at most the baseline's" in lack
    elif wanted.board == "tight":
        assert result.quality < 0.6 * baseline.quality
    else:
        assert wanted.board == "as the baseline"
        assert not lack and result.quality == pytest.approx(baseline.quality)


def test_to_remember_what_was_shown_makes_a_gap(examined: zoo.Examined, baseline: Trial) -> None:
    result = examined(CHEATS["remembers_the_truth"])
    gap, honest = (one.heldout - one.visible for one in (result, baseline))
    assert gap > honest + 0.5


def test_a_proof_is_kept_with_the_trial(baseline: Trial) -> None:
    text = " ".join(baseline.series["proof"]["text"])
    assert "Size-Independent Sample Complexity of Neural Networks" in text
