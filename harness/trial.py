"""One trial: make the exam, teach behind the wall, ask behind the wall, score in the open.

Times are taken where the wall takes them. The timed phase of a submission runs at the same time
and on the same core as that of its division's baseline, the pacer: two processes that share a
core see the same drift of its speed, so their ratio holds where single times do not.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from harness import arrays as named
from harness import catalog, machine
from harness.sandbox import Cancelled, Ended, Limits, Nursery, Process, Unprotected, Usage
from harness.vocabulary import (
    Arrays,
    Exam,
    Facts,
    Oracle,
    Refused,
    Round,
    Scores,
    Size,
    Status,
    Submission,
    Task,
    Trial,
)

T = TypeVar("T")
LEAST = {"smoke": 0.0, "standard": 2.0, "full": 2.0}
"""Processor seconds that each side of a comparison runs at least, in repetitions."""
NAN = float("nan")


@dataclass(frozen=True)
class Item:
    """One trial to be run, as it travels to an examiner."""

    round: Round
    submission: Submission
    pacer: Submission | None
    """The division's baseline; None for the baseline itself and for lines."""
    seed: int


def exam_seed(secret: str, task: str, seed: int) -> int:
    """Derive an exam's seed from the round's secret: without it the draw cannot be known."""
    digest = hashlib.sha256(f"{secret}/{task}/{seed}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def draw(item: Item) -> Exam:
    """Return the exam of a trial; the submissions of a seed share it."""
    round = item.round
    return _exam(round.task, exam_seed(round.secret, round.task, item.seed), round.size)


@functools.lru_cache(maxsize=2)
def _exam(task: str, seed: int, size: Size) -> Exam:
    return catalog.load(task).make(seed, size)


@dataclass
class Meter:
    """What the phases of one trial used, added up."""

    seconds: float = 0.0
    wall: float = 0.0
    peak_bytes: int = 0
    holding: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()

    def add(self, usage: Usage) -> None:
        """Count one phase; a layer holds for the trial if it held in every phase."""
        self.seconds += usage.seconds
        self.wall += usage.wall
        self.peak_bytes = max(self.peak_bytes, usage.peak_bytes)
        held = usage.holding if self.holding is None else self.holding
        self.holding = tuple(layer for layer in held if layer in usage.holding)
        self.missing += tuple(layer for layer in usage.missing if layer not in self.missing)


@dataclass
class Bench:
    """Where one submission is examined: its processes and what they use."""

    nursery: Nursery
    submission: Submission
    seed: int
    limits: Limits
    stop: threading.Event | None = None
    meter: Meter = field(default_factory=Meter)

    def start(self, phase: str) -> Process:
        """Start a phase of the submission behind the wall."""
        return self.nursery.start(
            self.submission, phase, self.limits, seed=self.seed, stop=self.stop
        )

    def end(self, process: Process) -> None:
        """End a phase and count it."""
        self.meter.add(process.close())


class MeteredFit:
    """A submission's `fit` as a task sees it: every call a fresh process."""

    def __init__(self, bench: Bench, facts: Facts, chosen: Any = None) -> None:
        self._bench, self._facts = bench, facts
        self.division = bench.submission.division
        self.chosen = chosen
        self.notes: dict[str, float] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def __call__(
        self, train: Arrays, facts: Facts | None = None, oracle: Oracle | None = None
    ) -> Arrays:
        """Return what `fit(train, context)` returns."""
        process = self._bench.start("fit")
        try:
            return process.call(train, {**self._facts, **(facts or {})}, oracle)[0]
        finally:
            self._bench.end(process)

    def plan(self, facts: Facts) -> list[dict[str, Any]]:
        """Return what `plan(facts)` returns; [{}] where the module has none."""
        process = self._bench.start("plan")
        try:
            plan = process.call({}, facts)[1].get("plan")
        finally:
            self._bench.end(process)
        if not isinstance(plan, list) or not all(isinstance(item, dict) for item in plan):
            raise Refused(f"plan must return a list of dicts, got {json.dumps(plan)[:80]}.")
        return plan

    def record(self, series: str, **row: Any) -> None:
        """Add a row to a series; all rows of a series have the same columns."""
        self.rows.setdefault(series, []).append(row)


class MeteredPredict:
    """A submission's `predict` as a task sees it: one process that knows the artifact alone."""

    def __init__(self, bench: Bench, artifact: Arrays) -> None:
        self._bench, self._artifact = bench, artifact
        self._process: Process | None = None

    def __call__(self, inputs: Arrays) -> Arrays:
        """Return what `predict(artifact, inputs)` returns."""
        if self._process is None:
            self._process = self._bench.start("predict")
            self._process.hand(self._artifact)
        return self._process.call(inputs)[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._bench.end(self._process)


# ---------------------------------------------------------------------------------------------


@dataclass
class Lane(Generic[T]):
    """One side of a comparison: what it returned first and what each repetition took."""

    value: T | None = None
    seconds: list[float] = field(default_factory=list)
    error: Exception | None = None

    @property
    def mean(self) -> float:
        """Mean processor seconds of the complete repetitions; NaN without one."""
        return math.fsum(self.seconds) / len(self.seconds) if self.seconds else NAN


Run = Callable[[threading.Event], tuple[T, float]]
"""Do the phase once; return its value and its processor seconds; end early at the event."""


def side_by_side(one: Run[T], other: Run[T], least: float, swap: bool) -> tuple[Lane[T], Lane[T]]:
    """Run two phases at once, each again and again until both are done.

    The shorter repeats, so that the longer never runs alone; repetitions that are cut off at the
    end do not count. Each side runs at least once and at least `least` processor seconds.

    Parameters
    ----------
    one, other
        The two sides.
    least
        Processor seconds.
    swap
        Start `other` first.

    Returns
    -------
    lanes
        In the order of the arguments. An error ends only its own side, which then counts as done.
    """
    stop = threading.Event()
    lock = threading.Lock()
    lanes: tuple[Lane[T], Lane[T]] = (Lane(), Lane())
    done = [False, False]

    def keep_running(index: int, run: Run[T]) -> None:
        lane = lanes[index]
        try:
            while not stop.is_set():
                value, seconds = run(stop)
                with lock:
                    if not lane.seconds:
                        lane.value = value
                    lane.seconds.append(seconds)
                    done[index] = math.fsum(lane.seconds) >= least
                    if all(done):
                        stop.set()
        except Cancelled:
            return
        except Exception as error:
            with lock:
                lane.error = error
                done[index] = True
                if all(done):
                    stop.set()

    threads = [
        threading.Thread(target=keep_running, args=(index, run), daemon=True)
        for index, run in enumerate((one, other))
    ]
    for thread in reversed(threads) if swap else threads:
        thread.start()
    for thread in threads:
        thread.join()
    return lanes


# ---------------------------------------------------------------------------------------------


def examine(item: Item, nursery: Nursery) -> Trial:
    """Run one trial from the exam to the scores.

    A submission's own error, a broken rule or a limit ends as the trial's status with a reason;
    only a fault of the harness or the task raises, and `Refused` where this machine lacks a
    required layer of the wall or the exam's data.
    """
    task = catalog.load(item.round.task)
    limits = Limits(seconds=task.seconds[item.round.size])
    examination = Examination(task, draw(item), item, nursery, limits)
    status: Status = "ok"
    reason = ""
    try:
        examination.run()
    except Ended as end:
        status, reason = end.status, end.reason
    except Unprotected:
        raise
    except Refused as refusal:
        status, reason = "refused", str(refusal)
    return examination.trial(status, one_line(reason))


def one_line(text: str) -> str:
    """Return what a submission had a say in as one short line that no terminal obeys."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:600]


class Examination:
    """The state of one trial while it runs."""

    def __init__(
        self, task: Task, exam: Exam, item: Item, nursery: Nursery, limits: Limits
    ) -> None:
        self.task, self.exam, self.item, self.nursery = task, exam, item, nursery
        self.limits = limits
        self.choosing, self.fitting, self.predicting = Meter(), Meter(), Meter()
        self.timed = self.paced = NAN
        self.artifact: Arrays = {}
        self.scores: Scores | None = None
        self.fit: MeteredFit | None = None

    def run(self) -> None:
        """Choose, teach, ask, score."""
        mine = self.item.submission
        chosen = self._choose(mine, self.choosing)
        pacer = self.item.pacer
        paced_choice = self._choose(pacer, Meter()) if pacer is not None else None

        def teach(
            submission: Submission, choice: Any, meter: Meter, stop: threading.Event | None
        ) -> Arrays:
            bench = Bench(self.nursery, submission, self.item.seed, self.limits, stop, meter)
            fit = MeteredFit(bench, self.exam.facts, choice)
            if submission is mine and self.fit is None:
                self.fit = fit
            learn = self.task.teach
            artifact = fit(self.exam.train) if learn is None else learn(self.exam, fit)
            return named.check(artifact, "fit")

        def ask(
            submission: Submission, artifact: Arrays, meter: Meter, stop: threading.Event | None
        ) -> Arrays:
            bench = Bench(self.nursery, submission, self.item.seed, self.limits, stop, meter)
            with MeteredPredict(bench, artifact) as predict:
                question = self.task.ask
                if question is None:
                    return predict(self.exam.inputs)
                return named.check(question(self.exam, artifact, predict), "predict")

        if pacer is None or self.task.timed != "fit":
            self.artifact = teach(mine, chosen, self.fitting, None)
        else:
            self.artifact = self._beside(
                lambda meter, stop: teach(mine, chosen, meter, stop),
                lambda meter, stop: teach(pacer, paced_choice, meter, stop),
                self.fitting,
            )
        if pacer is None or self.task.timed != "predict":
            outputs = ask(mine, self.artifact, self.predicting, None)
        else:
            theirs = teach(pacer, paced_choice, Meter(), None)
            outputs = self._beside(
                lambda meter, stop: ask(mine, self.artifact, meter, stop),
                lambda meter, stop: ask(pacer, theirs, meter, stop),
                self.predicting,
            )
        if pacer is None:
            meter = self.fitting if self.task.timed == "fit" else self.predicting
            self.timed = meter.seconds
            own = self.task.divisions.get(mine.division) == mine.name
            self.paced = self.timed if own else NAN
        self.scores = self.task.score(self.exam, self.artifact, outputs)

    def _choose(self, submission: Submission, meter: Meter) -> Any:
        if self.task.choose is None:
            return None
        bench = Bench(self.nursery, submission, self.item.seed, self.limits, None, meter)
        return self.task.choose(self.exam, MeteredFit(bench, self.exam.facts))

    def _beside(
        self,
        mine: Callable[[Meter, threading.Event], Arrays],
        pacer: Callable[[Meter, threading.Event], Arrays],
        total: Meter,
    ) -> Arrays:
        """Run the timed phase beside the pacer's; keep the first repetition's result and use."""
        first: list[Meter] = []

        def run(
            do: Callable[[Meter, threading.Event], Arrays], keep: bool, stop: threading.Event
        ) -> tuple[Arrays, float]:
            meter = Meter()
            if keep and not first:
                first.append(meter)
            value = do(meter, stop)
            return value, meter.seconds

        one, other = side_by_side(
            lambda stop: run(mine, True, stop),
            lambda stop: run(pacer, False, stop),
            LEAST[self.item.round.size],
            swap=bool(self.item.seed % 2),
        )
        if first:
            total.__dict__.update(first[0].__dict__)
        for error in (other.error, one.error):
            # The pacer's own end leaves no speed; a fault of the harness leaves no trial.
            if error is not None and (error is one.error or not isinstance(error, Ended | Refused)):
                raise error
        self.timed, self.paced = one.mean, other.mean
        assert one.value is not None
        return one.value

    def trial(self, status: Status, reason: str) -> Trial:
        """Return the raw numbers of what has been run."""
        item, scores = self.item, self.scores
        series: dict[str, dict[str, list[Any]]] = {}
        extra: dict[str, float] = {}
        if scores is not None and self.fit is not None:
            extra = {**scores.extra, **self.fit.notes}
            for name, rows in self.fit.rows.items():
                series[name] = {column: [row[column] for row in rows] for column in rows[0]}
            for name, table in scores.series.items():
                series[name] = {column: values.tolist() for column, values in table.items()}
        meters = (self.choosing, self.fitting, self.predicting)
        held = [meter.holding for meter in meters if meter.holding is not None]
        return Trial(
            id=uuid.uuid4().hex,
            round=item.round.id,
            task=self.task.name,
            task_version=self.task.version,
            submission=item.submission.name,
            source=item.submission.source,
            division=item.submission.division,
            size=item.round.size,
            seed=item.seed,
            status=status,
            reason=reason,
            visible=scores.visible if scores else NAN,
            heldout=scores.heldout if scores else NAN,
            quality=scores.quality if scores else NAN,
            stderr=scores.stderr if scores else NAN,
            artifact_bytes=named.weigh(self.artifact) if self.artifact else 0,
            embedded_bytes=item.submission.embedded_bytes,
            fit_seconds=self.fitting.seconds,
            fit_wall=self.fitting.wall,
            predict_seconds=self.predicting.seconds,
            predict_wall=self.predicting.wall,
            choose_seconds=self.choosing.seconds,
            timed_seconds=self.timed,
            pacer_seconds=self.paced,
            peak_bytes=max(meter.peak_bytes for meter in meters),
            isolation=tuple(x for x in held[0] if all(x in h for h in held)) if held else (),
            missing=tuple(dict.fromkeys(x for meter in meters for x in meter.missing)),
            extra=extra,
            series=series,
            versions=machine.versions(),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
        )
