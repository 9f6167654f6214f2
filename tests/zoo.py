"""How a task's dishonest submissions are judged: by what their docstrings say that they deserve.

`Ends:` is the status of one trial, `Reason:` a pattern of the reason of one that ends badly, and
`Board:` says what becomes of one that ends well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from harness import catalog, trial
from harness import run as rounds
from harness.sandbox import Nursery
from harness.vocabulary import Round, Task, Trial

Examined = Callable[[str | Path], Trial]
"""What becomes of a submission, by its name or its file."""


class Deserves(NamedTuple):
    """What a docstring says; '' where it says nothing."""

    ends: str
    reason: str
    board: str


def cheats(task: str) -> dict[str, Path]:
    """Return a task's dishonest submissions by name."""
    folder = Path(__file__).parent / "cheats" / task
    return {path.stem: path for path in sorted(folder.glob("*.py"))}


def deserves(path: Path) -> Deserves:
    says = ast.get_docstring(ast.parse(path.read_bytes())) or ""
    found = (re.search(rf"^{key}: (.+)$", says, re.M) for key in ("Ends", "Reason", "Board"))
    return Deserves(*(match[1] if match else "" for match in found))


def examiner(task: Task, nursery: Nursery) -> Examined:
    """Return a function that examines a submission on one exam at smoke, without a pacer."""

    def examined(submission: str | Path) -> Trial:
        entry = rounds.entered(task, catalog.find(str(submission), task.name))
        sources, started = {entry.name: entry.source}, "2026-01-01T00:00:00"
        round = Round("r", task.name, task.version, "smoke", (0,), sources, "0", {}, started)
        return trial.examine(trial.Item(round, entry, None, 0), nursery)

    return examined


def assert_ends_as_deserved(result: Trial, wanted: Deserves) -> None:
    assert wanted.ends and (wanted.reason or wanted.ends == "ok")
    assert "won" not in result.reason, result.reason
    assert result.status == wanted.ends, result.reason
    assert re.search(wanted.reason, result.reason), result.reason
    assert len(result.reason) <= 600 and result.reason.isprintable()


def numbers(of: Trial) -> dict[str, float]:
    """Return what a target may speak of."""
    return {"visible": of.visible, "heldout": of.heldout, "quality": of.quality, **of.extra}
