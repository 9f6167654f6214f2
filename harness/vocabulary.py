"""Every noun of the harness and no logic: read this file first.

A task (the examiner) makes an exam and scores it; a submission (the examinee) fits and predicts.
Between them stands a wall, and one type crosses it: a dict of named numpy arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:  # a listing of tasks must not cost an import of numpy
    import numpy as np

Arrays = dict[str, "np.ndarray"]
"""The one type that crosses the wall: training data, artifact, inputs, outputs and truth."""

Facts = Mapping[str, Any]
"""What everybody may know, as plain JSON values: shapes, counts, names, budgets."""

Oracle = Callable[[Arrays], Arrays]
"""A budgeted question to the examiner, answered from outside the wall while `fit` runs."""

Size = Literal["smoke", "standard", "full"]
SIZES: tuple[Size, ...] = ("smoke", "standard", "full")

Phase = Literal["fit", "predict"]
Axis = Literal["gap", "compression", "speed"]
AXES: tuple[Axis, ...] = ("gap", "compression", "speed")

Status = Literal["ok", "failed", "refused", "killed"]
"""How a trial ended: well; by the submission's own error; by a broken rule; at a limit."""


class Unknown(LookupError):
    """A name that nothing answers to; the message offers the nearest one."""


class Refused(ValueError):
    """A rule was broken; the message says what was got, what was wanted and what to do."""


@dataclass(frozen=True)
class Exam:
    """One draw of a task's data, split by who may see it."""

    train: Arrays
    """What `fit` gets."""
    inputs: Arrays
    """What `predict` gets: seen and unseen cases mixed and shuffled, without answers."""
    truth: Arrays
    """What only the examiner sees."""
    facts: Facts = field(default_factory=dict)
    """What everybody sees."""


@dataclass(frozen=True)
class Context:
    """What a submission is told beside its data."""

    seed: int
    """The submission's own seed; the exam is drawn from another one."""
    seconds: float
    """Wall-clock limit of this call."""
    threads: int
    """Threads that may run at once."""
    device: str
    """A torch device, such as 'cpu'."""
    facts: Facts
    """The exam's public facts."""
    oracle: Oracle | None = None
    """Questions to the examiner, where the task answers any."""


@dataclass(frozen=True)
class Scores:
    """What a task makes of one examined submission."""

    visible: float
    """Error on cases that the submission saw in `fit`."""
    heldout: float
    """Error on cases that it did not see."""
    quality: float
    """The number that the task's target speaks of."""
    stderr: float = float("nan")
    """Standard error of `quality` from the finite number of held-out cases."""
    extra: Mapping[str, float] = field(default_factory=dict)
    """Further numbers, by name."""
    series: Mapping[str, Arrays] = field(default_factory=dict)
    """Tidy columns of equal length for the task's charts, by the series' name."""


@dataclass(frozen=True)
class Metric:
    """The task's primary number and what it must reach for a submission to be ranked."""

    name: str
    unit: str
    resolution: float
    """What counts as a difference, above 0: the floor that keeps ratios of gaps defined."""
    target: str
    """The rule of `shortfall` as a sentence."""
    shortfall: Callable[[Mapping[str, float], Mapping[str, float]], str]
    """What a submission's mean numbers lack of the target, given the baseline's; '' for nothing.

    Both mappings hold 'visible', 'heldout', 'quality' and every name of `Scores.extra`.
    """
    lower_is_better: bool = True


@dataclass(frozen=True)
class Contrast:
    """Two submissions, one number, one direction: registered before the trials are run."""

    a: str
    b: str
    number: str = "heldout"
    """'visible', 'heldout', 'quality', 'gap', or a name of `Scores.extra`."""
    margin: float = 0.0
    """The claim holds where number(a) - number(b) < margin."""


@dataclass(frozen=True)
class Claim:
    """The idea's conjecture as a pre-registered contrast between trials of the same exams."""

    statement: str
    contrast: Contrast


@dataclass(frozen=True)
class Chart:
    """One plot of a task: which columns of which of its series go where."""

    title: str
    series: str
    x: str
    y: str
    kind: Literal["line", "point", "bar"] = "line"
    facet: str | None = None
    """A column that splits the plot into panels."""
    log_x: bool = False
    log_y: bool = False
    guide: str | None = None
    """A column with what the theory says of y, whoever is examined: drawn dashed."""
    start: str | None = None
    """A column with where the bars begin, if not at 0: each on top of the one before it."""
    marks: str | None = None
    """A column above 0 where a vertical line is to stand, such as where a sweep begins."""


class Fit(Protocol):
    """The submission's `fit`, behind the wall and metered, as `teach` sees it."""

    division: str
    """The submission's."""
    chosen: Any
    """What the task's `choose` returned."""
    notes: dict[str, float]
    """Numbers that `teach` leaves for `Scores.extra`."""

    def __call__(
        self, train: Arrays, facts: Facts | None = None, oracle: Oracle | None = None
    ) -> Arrays:
        """Call `fit` once in a fresh process; `facts` are added to the exam's."""

    def plan(self, facts: Facts) -> list[dict[str, Any]]:
        """Call the module's optional `plan(facts)` in a fresh process; [{}] without one."""

    def record(self, series: str, **row: Any) -> None:
        """Add a row to one of `Scores.series`."""


class Predict(Protocol):
    """The submission's `predict`, bound to its artifact, behind the wall and metered."""

    def __call__(self, inputs: Arrays, part: str | None = None) -> Arrays:
        """Call `predict` in one process that stays; with `part` once, in a fresh process.

        That one knows only the arrays of the artifact that stand under `part/`, without this
        prefix: what a cell of a ladder has learned answers for no other cell. With '' it knows all.
        """


@dataclass(frozen=True)
class Task:
    """One project idea as a standardized examination."""

    name: str
    title: str
    idea: int
    """The idea's number, 1 to 27, in the course's list."""
    metric: Metric
    make: Callable[[int, Size], Exam]
    """Draw an exam from a seed."""
    score: Callable[[Exam, Arrays, Arrays], Scores]
    """Mark (exam, artifact, outputs)."""
    teach: Callable[[Exam, Fit], Arrays] | None = None
    """How `fit` is called; None: once, with `exam.train`."""
    ask: Callable[[Exam, Arrays, Predict], Arrays] | None = None
    """How `predict` is called; None: once, with `exam.inputs`, and a part of them once more.

    Then inputs of one length hold a question a row, each of which is to be answered alone.
    """
    choose: Callable[[Exam, Fit], Any] | None = None
    """The task's own model selection, before `teach` and outside its clock."""
    timed: Phase = "fit"
    """The phase whose processor time is the speed axis."""
    version: int = 1
    """Raised whenever numbers of old trials stop being comparable."""
    divisions: Mapping[str, str | None] = field(default_factory=lambda: {"open": "baseline"})
    """Division -> the submission its ratios are taken against; None: drawn, never ranked."""
    axes: tuple[Axis, ...] = AXES
    """The axes that enter the score."""
    counts: str = ""
    """The number of `Scores.extra`, above 0, that compression compares: the size that the theory
    speaks of, where the task itself evaluates the artifact; '' for bytes."""
    claims: tuple[Claim, ...] = ()
    charts: tuple[Chart, ...] = ()
    seconds: Mapping[Size, float] = field(
        default_factory=lambda: {"smoke": 30.0, "standard": 300.0, "full": 3600.0}
    )
    """Wall-clock limit of one call of `fit` or `predict`."""
    needs: tuple[str, ...] = ()
    """Layers of the wall without which a trial is shown and not ranked: `harness.isolation`."""


@dataclass(frozen=True)
class Submission:
    """What a student enters, located and hashed and never imported here."""

    name: str
    task: str
    module: str
    """Dotted name to import inside the wall."""
    folder: str
    """Folder or single file that is copied behind the wall."""
    source: str
    """SHA-256 of every file that is copied."""
    division: str
    embedded_bytes: int
    """Compressed constants and data files, or all that is placed beyond an allowance, if more."""


@dataclass(frozen=True)
class Round:
    """Trials that belong together: same machine, same exams, the baseline among them."""

    id: str
    task: str
    task_version: int
    size: Size
    seeds: tuple[int, ...]
    submissions: Mapping[str, str]
    """Name -> source hash, frozen before the secret was drawn."""
    secret: str
    """Seeds every exam of the round together with the trial's seed."""
    machine: Mapping[str, Any]
    started: str
    """UTC, ISO 8601."""


@dataclass(frozen=True)
class Trial:
    """One (task, submission, size, seed) examined once: raw numbers only, NaN where there is none.

    Bytes are int, seconds float; `*_seconds` is processor time as the kernel counts it and
    `*_wall` is the clock on the wall.
    """

    id: str
    round: str
    task: str
    task_version: int
    submission: str
    source: str
    division: str
    size: Size
    seed: int
    status: Status
    reason: str
    """One line; empty where the status is 'ok'."""
    visible: float
    heldout: float
    quality: float
    stderr: float
    artifact_bytes: int
    """Compressed."""
    embedded_bytes: int
    fit_seconds: float
    fit_wall: float
    predict_seconds: float
    predict_wall: float
    choose_seconds: float
    timed_seconds: float
    """Mean processor seconds of the timed phase over its repetitions beside the pacer; on an
    accelerator seconds of the clock, by turns with the pacer."""
    pacer_seconds: float
    """The same of the division's baseline, run at the same time on the same core."""
    peak_bytes: int
    """Largest resident memory of any of its processes, the interpreter included."""
    isolation: tuple[str, ...]
    """The layers of the wall that held in every phase, the pacer's too, in their order."""
    missing: tuple[str, ...]
    """The layers that this machine did not offer, each with its error."""
    extra: Mapping[str, float]
    series: Mapping[str, Mapping[str, list[Any]]]
    versions: Mapping[str, str]
    finished: str
    """UTC, ISO 8601."""
