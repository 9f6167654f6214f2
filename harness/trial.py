"""One trial: make the exam, teach behind the wall, ask behind the wall, score in the open.

Times are taken where the wall takes them. The timed phase of a submission runs at the same time
and on the same core as that of its division's baseline, the pacer: two processes that share a
core see the same drift of its speed, so their ratio holds where single times do not.
"""

from __future__ import annotations

import functools
import hashlib
import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import numpy as np

from harness import arrays as named
from harness import catalog, isolation, machine
from harness.pacing import in_turns, side_by_side
from harness.sandbox import Ended, Limits, Nursery, Process, Unprotected, Usage
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

LEAST = {"smoke": 0.0, "standard": 2.0, "full": 2.0}
"""Processor seconds that each side of a comparison runs at least, in repetitions, where speed is
ranked; else it runs once."""
MOST_ASKED_AGAIN = 256
"""Questions; enough that one flipped tie among them is no difference."""
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
        self.holding = isolation.shared([held, usage.holding])
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
    device: str = "cpu"

    def start(self, phase: str) -> Process:
        """Start a phase of the submission behind the wall."""
        return self.nursery.start(
            self.submission,
            phase,
            self.limits,
            seed=self.seed,
            device=self.device,
            stop=self.stop,
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

    def __call__(self, inputs: Arrays, part: str | None = None) -> Arrays:
        """Return what `predict(artifact, inputs)` returns; with `part`, that of a fresh process."""
        if part is not None:
            known = named.part(self._artifact, part) if part else self._artifact
            with MeteredPredict(self._bench, known) as predict:
                return predict(inputs)
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


def ask_again(
    inputs: Arrays,
    outputs: Arrays,
    predict: Callable[[Arrays], Arrays],
    rng: np.random.Generator,
) -> None:
    """Refuse answers that depend on the order or the company of their questions.

    Such answers would learn from the held-out cases, or tell them from the others by their place.
    Only where every input has a row a question, and for outputs that have one, too.

    Parameters
    ----------
    inputs, outputs
        All questions, and what `predict` answered in one call.
    predict
        A fresh process, which remembers nothing of that call.
    rng
        Chooses up to `MOST_ASKED_AGAIN` of the questions, at most half, and their new order.
    """
    lengths = {len(array) if array.ndim else 0 for array in inputs.values()}
    if len(lengths) != 1 or min(lengths) < 2:
        return
    n = lengths.pop()
    rows = rng.permutation(n)[: min(MOST_ASKED_AGAIN, n // 2)]
    again = predict({name: array[rows] for name, array in inputs.items()})
    for name, answers in outputs.items():
        has_rows = answers.ndim > 0 and len(answers) == n
        if has_rows and not _close(answers[rows], again.get(name, np.empty(0))):
            raise Refused(
                f"predict[{name!r}] must depend on its own question alone, got other values for "
                "the same questions in another order and company."
            )


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether answers agree but for the rounding of sums in another order."""
    if a.shape != b.shape or a.dtype.kind != b.dtype.kind:
        return False
    if a.dtype.kind != "f":
        return bool(np.mean(a == b) >= 0.99)  # rounding may flip a tie
    scale = float(np.max(np.abs(a))) if a.size else 0.0
    rounding = 1e3 * max(float(np.finfo(x.dtype).eps) for x in (a, b))
    return bool(np.allclose(a, b, rtol=rounding, atol=rounding * scale))


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
        self.device = str(item.round.machine.get("device", "cpu"))
        self.choosing, self.fitting, self.predicting = Meter(), Meter(), Meter()
        self.others: list[Meter] = []
        """Of the pacer and of repetitions: their use is not the trial's, their walls are."""
        self.timed = self.paced = NAN
        self.artifact: Arrays = {}
        self.scores: Scores | None = None
        self.fit: MeteredFit | None = None

    def run(self) -> None:
        """Choose, teach, ask, score."""
        mine = self.item.submission
        chosen = self._choose(mine, self.choosing)
        pacer = self.item.pacer
        paced_choice = self._choose(pacer, self._other()) if pacer is not None else None

        def teach(
            submission: Submission, choice: Any, meter: Meter, stop: threading.Event | None
        ) -> Arrays:
            bench = self._bench(submission, meter, stop)
            fit = MeteredFit(bench, self.exam.facts, choice)
            if submission is mine and self.fit is None:
                self.fit = fit
            learn = self.task.teach
            artifact = fit(self.exam.train) if learn is None else learn(self.exam, fit)
            return named.check(artifact, "fit")

        def ask(
            submission: Submission, artifact: Arrays, meter: Meter, stop: threading.Event | None
        ) -> Arrays:
            with MeteredPredict(self._bench(submission, meter, stop), artifact) as predict:
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
            theirs = teach(pacer, paced_choice, self._other(), None)
            outputs = self._beside(
                lambda meter, stop: ask(mine, self.artifact, meter, stop),
                lambda meter, stop: ask(pacer, theirs, meter, stop),
                self.predicting,
            )
        if pacer is None:
            meter = self.fitting if self.task.timed == "fit" else self.predicting
            self.timed = meter.seconds if self.device == "cpu" else meter.wall
            own = self.task.divisions.get(mine.division) == mine.name
            self.paced = self.timed if own else NAN
        if self.task.ask is None:
            rng = np.random.default_rng(exam_seed(self.item.round.secret, "again", self.item.seed))
            with MeteredPredict(self._bench(mine, self._other(), None), self.artifact) as predict:
                ask_again(self.exam.inputs, outputs, predict, rng)
        self.scores = self.task.score(self.exam, self.artifact, outputs)

    def _other(self) -> Meter:
        self.others.append(Meter())
        return self.others[-1]

    def _choose(self, submission: Submission, meter: Meter) -> Any:
        if self.task.choose is None:
            return None
        fit = MeteredFit(self._bench(submission, meter, None), self.exam.facts)
        return self.task.choose(self.exam, fit)

    def _bench(self, submission: Submission, meter: Meter, stop: threading.Event | None) -> Bench:
        seed = self.item.seed
        return Bench(self.nursery, submission, seed, self.limits, stop, meter, self.device)

    def _beside(
        self,
        mine: Callable[[Meter, threading.Event], Arrays],
        pacer: Callable[[Meter, threading.Event], Arrays],
        total: Meter,
    ) -> Arrays:
        """Run the timed phase beside the pacer's; keep the first repetition's result and use."""
        first: list[Meter] = []
        on_cpu = self.device == "cpu"

        def run(
            do: Callable[[Meter, threading.Event], Arrays], keep: bool, stop: threading.Event
        ) -> tuple[Arrays, float]:
            meter = self._other()
            if keep and not first:
                first.append(meter)
            value = do(meter, stop)
            return value, meter.seconds if on_cpu else meter.wall

        one, other = (side_by_side if on_cpu else in_turns)(
            lambda stop: run(mine, True, stop),
            lambda stop: run(pacer, False, stop),
            LEAST[self.item.round.size] if "speed" in self.task.axes else 0.0,
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
        walls = [meter for meter in (*meters, *self.others) if meter.holding is not None]
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
            isolation=isolation.shared(meter.holding or () for meter in walls),
            missing=tuple(dict.fromkeys(x for meter in walls for x in meter.missing)),
            extra=extra,
            series=series,
            versions=machine.versions(),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
        )
