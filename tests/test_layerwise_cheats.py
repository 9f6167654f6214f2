"""Dishonest submissions of layer-wise training end as they deserve; see `cheats/layerwise/`."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

from harness import catalog, trial
from harness import run as rounds
from harness.sandbox import Nursery
from harness.vocabulary import Round, Submission, Trial
from tasks.optimization import layerwise

FOLDER = Path(__file__).parent / "cheats" / "layerwise"
END_TO_END = [FOLDER / f"trains_end_to_end{how}.py" for how in ("", "_briefly")]
CHEATS = {path.stem: path for path in sorted(FOLDER.glob("*.py")) if path not in END_TO_END}


@pytest.fixture
def examined(nursery: Nursery, monkeypatch: pytest.MonkeyPatch):
    """Return what becomes of a submission on two hundred rows of an exam, one epoch a layer."""
    whole = layerwise.make(0, "smoke")
    exam = replace(
        whole,
        train={name: array[:200] for name, array in whole.train.items()},
        facts={**whole.facts, "effort": 1e-3},
    )
    monkeypatch.setattr(trial, "_exam", lambda task, seed, size: exam)

    def by(found: Submission) -> Trial:
        entry = rounds.entered(layerwise.TASK, found)
        sources = {entry.name: entry.source}
        round = Round("r", "layerwise", 1, "smoke", (0,), sources, "", {}, "2026-01-01T00:00:00")
        return trial.examine(trial.Item(round, entry, None, 0), nursery)

    return by


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name, examined):
    says = ast.get_docstring(ast.parse(CHEATS[name].read_text())) or ""
    ends = re.search(r"^Ends: (\w+)$", says, re.M)
    reason = re.search(r"^Reason: (.+)$", says, re.M)
    assert ends and (ends[1] == "ok" or reason)
    result = examined(catalog.find(str(CHEATS[name]), "layerwise"))
    assert "won" not in result.reason, result.reason
    assert result.status == ends[1], result.reason
    if reason:
        assert re.search(reason[1], result.reason), result.reason
    assert len(result.reason) <= 600
    assert result.reason.isprintable()


@pytest.mark.parametrize("path", END_TO_END, ids=lambda path: path.stem)
def test_end_to_end_training_in_secret_stays_in_the_open_division(path, examined):
    """It cannot be told from honest training there; the board shows what it costs in time."""
    result = examined(catalog.find(str(path), "layerwise"))
    assert (result.status, result.division) == ("ok", "open")


@pytest.mark.parametrize("path", END_TO_END, ids=lambda path: path.stem)
def test_end_to_end_training_in_secret_fails_in_the_certified_division(path, examined, tmp_path):
    text = path.read_text()
    mine = tmp_path / "certified.py"
    mine.write_text(text.replace('DIVISION = "open"', 'DIVISION = "certified"'))
    result = examined(catalog.find(str(mine), "layerwise"))
    assert (result.status, result.division) == ("failed", "certified")
    assert result.reason.startswith("KeyError: 'H'")
