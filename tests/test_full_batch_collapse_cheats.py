"""Dishonest update rules end as they deserve; see their folder in `cheats/`.

A docstring says in `Board:` what is to become of a rule that ends well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import catalog, trial
from harness import run as rounds
from harness.sandbox import Nursery
from harness.vocabulary import Round, Submission, Trial
from tasks.optimization.full_batch_collapse import TASK

FOLDER = Path(__file__).parent / "cheats" / "full_batch_collapse"
CHEATS = {path.stem: path for path in sorted(FOLDER.glob("*.py"))}
SECRET = "0" * 32
Examined = Callable[[Submission], Trial]


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> Examined:
    """Return what becomes of a submission on one exam at smoke."""

    def by(found: Submission) -> Trial:
        entry = rounds.entered(TASK, found)
        sources = {entry.name: entry.source}
        name, started = TASK.name, "2026-01-01T00:00:00"
        round = Round("r", name, TASK.version, "smoke", (0,), sources, SECRET, {}, started)
        return trial.examine(trial.Item(round, entry, None, 0), nursery)

    return by


@pytest.fixture(scope="module")
def baseline(examined: Examined) -> Trial:
    """Examine the baseline on the same exam."""
    return examined(catalog.find("baseline", TASK.name))


def numbers(of: Trial) -> dict[str, float]:
    errors = {"visible": of.visible, "heldout": of.heldout, "quality": of.quality}
    return errors | dict(of.extra)


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, examined: Examined, baseline: Trial) -> None:
    says = ast.get_docstring(ast.parse(CHEATS[name].read_text())) or ""
    ends = re.search(r"^Ends: (\w+)$", says, re.M)
    reason = re.search(r"^Reason: (.+)$", says, re.M)
    board = re.search(r"^Board: (.+)$", says, re.M)
    assert ends and (reason or board)
    result = examined(catalog.find(str(CHEATS[name]), TASK.name))
    assert "won" not in result.reason, result.reason
    assert result.status == ends[1], result.reason
    if reason:
        assert re.search(reason[1], result.reason), result.reason
    assert len(result.reason) <= 600 and result.reason.isprintable()
    if board and board[1] == "below target":
        # At smoke the baseline's own error is above 1 %; what counts here is the collapse.
        assert "log10 NC1 on them" in TASK.metric.shortfall(numbers(result), numbers(baseline))
    elif board and board[1] == "as the baseline":
        assert result.quality == pytest.approx(baseline.quality, abs=1e-6)
        assert result.extra["stored"] == baseline.extra["stored"]
    elif board:
        assert board[1] == "stores no less than half"
        assert result.extra["stored"] > baseline.extra["stored"] / 2


def test_a_network_that_was_left_is_better_than_the_end_that_is_measured(
    examined: Examined,
) -> None:
    left = CHEATS["returns_a_network_that_it_left"]
    result = examined(catalog.find(str(left), TASK.name))
    returned = result.series["layers_on_the_way"]["collapse"]
    track = result.series["layers_on_the_way"]["track"]
    last = [v for v, t in zip(returned, track, strict=True) if t == "updates"][-4:]
    assert sum(last) / 4 < result.quality - 0.2
