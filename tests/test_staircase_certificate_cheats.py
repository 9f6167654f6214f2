"""What is no counterexample, or no composition at all; see `cheats/staircase_certificate/`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from harness import catalog, trial
from harness import run as rounds
from harness.sandbox import Nursery
from harness.vocabulary import Round
from tasks.optimization.staircase_certificate import TASK

FOLDER = Path(__file__).parent / "cheats" / "staircase_certificate"
CHEATS = {path.stem: path for path in sorted(FOLDER.glob("*.py"))}


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, nursery: Nursery) -> None:
    says = ast.get_docstring(ast.parse(CHEATS[name].read_text())) or ""
    ends = re.search(r"^Ends: (\w+)$", says, re.M)
    reason = re.search(r"^Reason: (.+)$", says, re.M)
    assert ends and (ends[1] == "ok") == (reason is None)
    entry = rounds.entered(TASK, catalog.find(str(CHEATS[name]), TASK.name))
    sources = {entry.name: entry.source}
    round = Round("r", TASK.name, 1, "smoke", (0,), sources, "", {}, "2026-01-01T00:00:00")
    result = trial.examine(trial.Item(round, entry, None, 0), nursery)
    assert result.status == ends[1], result.reason
    if reason:
        assert re.search(reason[1], result.reason), result.reason
        assert len(result.reason) <= 600 and result.reason.isprintable()
    else:
        assert "Board: below target" in says
        assert "is a staircase" in TASK.metric.shortfall({"quality": result.quality}, {})
