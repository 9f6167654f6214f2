"""How a task's dishonest submissions are judged: by what their docstrings say that they deserve.

`Ends:` is the status of one trial, `Reason:` a pattern of the reason of one that ends badly, and
`Board:` says what becomes of one that ends well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from harness import catalog, rank, trial
from harness import run as rounds
from harness.sandbox import Nursery
from harness.store import open_store
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


def boards(
    task: Task, names: Iterable[str], nursery: Nursery, folder: Path, seeds: Sequence[int]
) -> dict[str, dict[str, Any]]:
    """Return the standings, a row a submission, of a round at standard.

    Beside the baseline and the cheats of these names stands 'copied', the baseline's own text
    under that name: an import of the baseline would cost it time in every process.
    """
    baseline = catalog.submissions(task.name)["baseline"]
    copy = folder / "copied.py"
    copy.write_bytes(Path(baseline.folder).read_bytes())
    files = [copy, *(cheats(task.name)[name] for name in names)]
    found = [baseline, *(catalog.find(str(file), task.name) for file in files)]
    entries = [rounds.entered(task, one) for one in found]
    trial._exam.cache_clear()  # whoever calls this may have made standard smaller
    with open_store(str(folder / "trials.db")) as store:
        round = rounds.open_round(store, task, "standard", tuple(seeds), entries)
        store.begin(round)
        for item in rounds.items(task, round, entries):
            store.append(trial.examine(item, nursery))
        measured = store.measurements(task.name, "standard", task.version)
    trial._exam.cache_clear()
    table = rank.standings(measured, task.metric, task.divisions, task.axes, counts=task.counts)
    return {row["submission"]: row for row in table.to_dict("records")}


def assert_stands_as_deserved(row: Mapping[str, Any], wanted: Deserves) -> None:
    assert wanted.board in ("ranked", "below target")
    has_rank = not pd.isna(row["rank"])
    assert (row["status"], has_rank) == (wanted.board, wanted.board == "ranked"), row
