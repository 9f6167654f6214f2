"""Run a stored trial again from its round's secret, and say whether it came out the same.

Errors are compared, times are shown: a clock never gives the same twice, and the pacer that makes
times comparable does not run here. The outcome is added to the store beside the trial.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from harness import catalog, machine
from harness.export import plain
from harness.sandbox import Nursery
from harness.store import Store
from harness.trial import Item, examine
from harness.vocabulary import Refused, Round, Submission, Task, Trial, Unknown

COMPARED = ("visible", "heldout", "quality")
SHOWN = ("choose_seconds", "fit_seconds", "predict_seconds")
RELATIVE = 1e-6
"""Tolerance where nothing but chance could differ: what rounding in another order amounts to."""


@dataclass(frozen=True)
class Verification:
    """A stored trial, the same again, and what came of it."""

    trial: Trial
    again: Trial
    reproduced: bool
    differences: dict[str, tuple[float, float]]
    """Every number that is compared: (stored, again)."""
    seconds: dict[str, tuple[float, float]]
    """Processor seconds, shown and not compared: (stored, again)."""
    tolerance: str
    """What was allowed, and why."""


def verify(
    store: Store, trial_id: str, nursery: Nursery, submission: Submission | None = None
) -> Verification:
    """Run a stored trial again and record whether it was reproduced.

    A trial that failed is reproduced if it ends in the same status.

    Parameters
    ----------
    store
        Where the trial is, and where the outcome goes.
    trial_id
        Its id, or the beginning of it.
    nursery
        Where the submission runs.
    submission
        What was examined; None: the installed submission of that name.

    Raises
    ------
    Unknown
        No such trial; no submission of its name is installed.
    Refused
        The task's version or the submission's source is another one than the trial's.
    """
    trial = store.trial(trial_id)
    round = store.round(trial.round)
    task = catalog.load(trial.task)
    found = _same(trial, task, submission or _installed(trial))
    with _one_thread():  # as an examiner has it; sums in another order differ
        again = examine(Item(round, found, None, trial.seed), nursery)
    absolute, relative, tolerance = _tolerance(trial, again, round, task)
    differences = {name: (getattr(trial, name), getattr(again, name)) for name in COMPARED}
    reproduced = trial.status == again.status and all(
        math.isclose(a, b, rel_tol=relative, abs_tol=absolute) or (math.isnan(a) and math.isnan(b))
        for a, b in differences.values()
    )
    result = Verification(
        trial=trial,
        again=again,
        reproduced=reproduced,
        differences=differences,
        seconds={name: (getattr(trial, name), getattr(again, name)) for name in SHOWN},
        tolerance=tolerance,
    )
    store.record_verification(trial.id, reproduced, _detail(result))
    return result


def report(result: Verification) -> str:
    """Return the outcome, for reading."""
    trial = result.trial
    word = "Reproduced" if result.reproduced else "NOT reproduced"
    lines = [
        f"{word}: trial {trial.id[:12]}, {trial.submission} on {trial.task} at {trial.size}, "
        f"seed {trial.seed}.",
        f"Tolerance: {result.tolerance}.",
    ]
    if trial.status != "ok" or result.again.status != "ok":
        for when, one in (("stored", trial), ("again", result.again)):
            lines.append(f"{when}: {one.status}" + (f", {one.reason}" if one.reason else ""))
    rows = [("", "stored", "again")]
    rows += [(name, f"{a:.9g}", f"{b:.9g}") for name, (a, b) in result.differences.items()]
    rows += [
        (f"{name} (not compared)", f"{a:.3f}", f"{b:.3f}")
        for name, (a, b) in result.seconds.items()
    ]
    width = max(len(row[0]) for row in rows)
    return "\n".join([*lines, *(f"{a:<{width}}  {b:>14}  {c:>14}" for a, b, c in rows)])


def as_json(result: Verification) -> dict[str, Any]:
    """Return the outcome as JSON values; the trials without their series."""
    values = asdict(result)
    for name in ("trial", "again"):
        del values[name]["series"]
    return {name: plain(value) for name, value in values.items()}


# ---------------------------------------------------------------------------------------------


def _installed(trial: Trial) -> Submission:
    known = catalog.submissions(trial.task)
    if trial.submission not in known:
        raise Unknown(
            f"Trial {trial.id[:12]} is of {trial.submission!r}, which is not installed. "
            f"{catalog.nearest(trial.submission, known)} One that was examined as a file must be "
            "named again by its file."
        )
    return known[trial.submission]


def _same(trial: Trial, task: Task, found: Submission) -> Submission:
    """Return the submission as it was entered, or refuse another than was examined."""
    if task.version != trial.task_version:
        raise Refused(
            f"Trial {trial.id[:12]} is of version {trial.task_version} of {task.name}; installed "
            f"is version {task.version}, whose numbers are not comparable."
        )
    if found.source != trial.source:
        raise Refused(
            f"Trial {trial.id[:12]} examined {trial.submission!r} with the source "
            f"{trial.source[:12]}; what is there now is {found.source[:12]}. Install the version "
            "that was examined."
        )
    return dataclasses.replace(found, name=trial.submission, division=trial.division)


def _tolerance(trial: Trial, again: Trial, round: Round, task: Task) -> tuple[float, float, str]:
    """Return (absolute, relative, the same in words)."""
    here = machine.describe()
    others = [name for name in ("processor", "system") if round.machine.get(name) != here[name]]
    names = sorted(trial.versions.keys() | again.versions.keys())
    others += [name for name in names if trial.versions.get(name) != again.versions.get(name)]
    resolution = task.metric.resolution
    if not others:
        words = f"{RELATIVE:g} relative: the same machine and versions"
        return RELATIVE * resolution, RELATIVE, words
    words = f"{resolution:g} {task.metric.unit}, the metric's resolution: another {others[0]}"
    return resolution, 0.0, " and ".join([words, *others[1:]])


def _detail(result: Verification) -> str:
    numbers = [f"{name} {a:.9g} and {b:.9g}" for name, (a, b) in result.differences.items()]
    status = f"{result.trial.status} and {result.again.status}"
    return f"{status}; {', '.join(numbers)}; tolerance {result.tolerance}"


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
