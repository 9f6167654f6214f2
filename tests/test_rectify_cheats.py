"""Dishonest submissions of rectification end as they deserve; see `cheats/rectify/`.

One that ends well says in the line `Board` where it belongs beside a baseline that has done a
tenth of its work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from harness import trial
from harness.sandbox import Nursery
from tasks.generalization import rectify
from tests import zoo

CHEATS = zoo.cheats("rectify")


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> Iterator[zoo.Examined]:
    """Return what becomes of a submission at smoke size, with a tenth of its work expected."""
    whole = rectify.make(0, "smoke")
    exam = replace(whole, facts={**whole.facts, "effort": 0.1})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "_exam", lambda task, seed, size: exam)
        yield zoo.examiner(rectify.TASK, nursery)


@pytest.fixture(scope="module")
def baseline(examined: zoo.Examined) -> dict[str, float]:
    result = examined("baseline")
    assert result.status == "ok"
    return zoo.numbers(result)


def test_the_baseline_reaches_its_own_target(baseline):
    assert rectify.shortfall(baseline, baseline) == ""


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name, examined, baseline):
    wanted = zoo.deserves(CHEATS[name])
    result = examined(CHEATS[name])
    zoo.assert_ends_as_deserved(result, wanted)
    if result.status == "ok":
        assert wanted.board == "below target"
        assert rectify.shortfall(zoo.numbers(result), baseline), result.extra


def test_invariance_alone_is_worth_nothing(examined, baseline):
    """The hash is more invariant than the baseline, and far from the target."""
    hashed = zoo.numbers(examined(CHEATS["answers_an_invariant_hash"]))
    assert hashed["affine_heldout"] > 1 and hashed["depth_heldout"] > 1


def test_to_memorise_leaves_a_gap(examined):
    mine = examined(CHEATS["keeps_every_view"])
    assert mine.heldout - mine.visible > 0.3
