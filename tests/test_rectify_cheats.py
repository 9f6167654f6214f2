"""Dishonest submissions of rectification end as they deserve; see `cheats/rectify/`.

One that ends well says in the line `Board` where it belongs beside a baseline that has done a
tenth of its work.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import catalog, trial
from harness import run as rounds
from harness.sandbox import Nursery
from harness.vocabulary import Round, Submission, Trial
from tasks.generalization import rectify

FOLDER = Path(__file__).parent / "cheats" / "rectify"
CHEATS = {path.stem: path for path in sorted(FOLDER.glob("*.py"))}


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> Any:
    """Return what becomes of a submission at smoke size, with half of its work expected."""
    whole = rectify.make(0, "smoke")
    exam = replace(whole, facts={**whole.facts, "effort": 0.1})

    def by(found: Submission) -> Trial:
        entry = rounds.entered(rectify.TASK, found)
        sources = {entry.name: entry.source}
        round = Round("r", "rectify", 1, "smoke", (0,), sources, "", {}, "2026-01-01T00:00:00")
        return trial.examine(trial.Item(round, entry, None, 0), nursery)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "_exam", lambda task, seed, size: exam)
        yield by


def numbers(of: Trial) -> dict[str, float]:
    return {"visible": of.visible, "heldout": of.heldout, "quality": of.quality, **of.extra}


@pytest.fixture(scope="module")
def baseline(examined: Any) -> dict[str, float]:
    result = examined(catalog.submissions("rectify")["baseline"])
    assert result.status == "ok"
    return numbers(result)


def test_the_baseline_reaches_its_own_target(baseline):
    assert rectify.shortfall(baseline, baseline) == ""


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name, examined, baseline):
    says = ast.get_docstring(ast.parse(CHEATS[name].read_text())) or ""
    ends, board, reason = (
        re.search(rf"^{key}: (.+)$", says, re.M) for key in ("Ends", "Board", "Reason")
    )
    assert ends and (board if ends[1] == "ok" else reason)
    result = examined(catalog.find(str(CHEATS[name]), "rectify"))
    assert "won" not in result.reason, result.reason
    assert result.status == ends[1], result.reason
    if reason:
        assert re.search(reason[1], result.reason), result.reason
    if board:
        assert board[1] == "below target"
        assert rectify.shortfall(numbers(result), baseline), result.extra


def test_invariance_alone_is_worth_nothing(examined, baseline):
    """The hash is more invariant than the baseline, and far from the target."""
    hashed = numbers(examined(catalog.find(str(CHEATS["answers_an_invariant_hash"]), "rectify")))
    assert hashed["affine_heldout"] > 1 and hashed["depth_heldout"] > 1


def test_to_memorise_leaves_a_gap(examined):
    mine = examined(catalog.find(str(CHEATS["keeps_every_view"]), "rectify"))
    assert mine.heldout - mine.visible > 0.3
