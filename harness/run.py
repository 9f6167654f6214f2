"""One round: freeze the submissions, draw a secret, run every trial, store each as it ends.

An interrupted round stays in the store; the same call takes it up where it stopped.
"""

from __future__ import annotations

import dataclasses
import secrets
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from pathlib import Path

from harness import catalog, machine
from harness.engine import Engine, Event, Fault
from harness.store import Store
from harness.trial import Item
from harness.vocabulary import Refused, Round, Size, Submission, Task, Trial

Watch = Callable[[Trial | None, list[Event]], None]
"""Called with each finished trial, and every now and then with what the examiners tell."""


def entered(task: Task, submission: Submission) -> Submission:
    """Return the submission with its division settled.

    Raises
    ------
    Refused
        It names a division that the task does not have.
    """
    division = submission.division or next(iter(task.divisions))
    if division not in task.divisions:
        raise Refused(
            f"{submission.name}: DIVISION = {division!r}, but {task.name} has "
            f"{', '.join(map(repr, task.divisions))}."
        )
    return dataclasses.replace(submission, division=division)


def field(
    task: Task, chosen: Sequence[Submission], known: Mapping[str, Submission]
) -> list[Submission]:
    """Return who is examined, each once: the chosen, led by the baselines that they need.

    Raises
    ------
    Refused
        Two of them have one name.
    """
    entries = [entered(task, submission) for submission in chosen]
    needed = dict.fromkeys(task.divisions[entry.division] for entry in entries)
    baselines = [entered(task, known[name]) for name in needed if name is not None]
    found: dict[str, Submission] = {}
    for entry in (*baselines, *entries):
        if found.setdefault(entry.name, entry).folder != entry.folder:
            raise Refused(
                f"Two submissions are named {entry.name!r}, {found[entry.name].folder} and "
                f"{entry.folder}: rename one."
            )
    return list(found.values())


def freeze(entries: Sequence[Submission], folder: Path) -> list[Submission]:
    """Copy the submissions into an empty folder: what is hashed then is what runs.

    Their authors may go on editing the originals while the round is under way.
    """
    frozen = []
    for entry in entries:
        source = Path(entry.folder)
        for path, relative in catalog.files(source):
            target = folder / entry.name / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        copy = str(folder / entry.name / source.name)
        described = catalog.describe(entry.name, entry.task, copy, entry.module)
        frozen.append(dataclasses.replace(described, division=entry.division))
    return frozen


def open_round(
    store: Store,
    task: Task,
    size: Size,
    seeds: Sequence[int],
    entries: Sequence[Submission],
    device: str = "cpu",
) -> Round:
    """Return the unfinished round of exactly this specification, or a new one.

    A new one is written down with its first trial: a run that ends before it leaves no trace.
    """
    sources = {entry.name: entry.source for entry in entries}
    begun = store.unfinished(task.name, task.version, size, tuple(seeds), sources, device)
    if begun is not None:
        return begun
    return Round(
        id=uuid.uuid4().hex,
        task=task.name,
        task_version=task.version,
        size=size,
        seeds=tuple(seeds),
        submissions=sources,
        secret=secrets.token_hex(16),
        machine=machine.describe(device),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def items(task: Task, round: Round, entries: Sequence[Submission]) -> list[Item]:
    """Return every trial of a round, seed by seed, so that a stop leaves whole seeds."""
    by_name = {entry.name: entry for entry in entries}
    work = []
    for seed in round.seeds:
        for entry in entries:
            leader = task.divisions[entry.division]
            pacer = None if leader is None or leader == entry.name else by_name[leader]
            work.append(Item(round, entry, pacer, seed))
    return work


def run_round(
    store: Store,
    engine: Engine,
    task: Task,
    round: Round,
    entries: Sequence[Submission],
    watch: Watch,
) -> list[Fault]:
    """Run what a round still lacks, storing every trial as it ends.

    Returns
    -------
    faults
        Faults of the harness or of the task; their trials are not stored.

    Raises
    ------
    KeyboardInterrupt
        After the examiners are ended; every finished trial is in the store.
    Refused
        The machine lacks a required layer of the wall, or the exam's data are not here.
    Fault
        An examiner died; every finished trial is in the store.
    """
    done = store.done(round.id)
    faults: list[Fault] = []
    broken = False
    pending: set[Future[Trial]] = set()
    try:
        for item in items(task, round, entries):
            if (item.submission.name, item.seed) not in done:
                pending.add(engine.submit(item))
        while pending:
            ended, pending = wait(pending, timeout=0.25, return_when=FIRST_COMPLETED)
            watch(None, list(engine.events()))
            for future in ended:
                try:
                    trial = future.result()
                except Fault as fault:
                    faults.append(fault)
                    continue
                except BrokenProcessPool:
                    broken = True  # a trial that ended before is still to be stored
                    continue
                _keep(store, round, trial)
                watch(trial, [])
        if broken:
            raise Fault("An examiner process ended unexpectedly.")
    except BrokenProcessPool:
        engine.stop()
        raise Fault("An examiner process ended at its start.") from None
    except BaseException:
        engine.stop()
        raise
    if not faults:
        store.finish(round.id)
    return faults


def _keep(store: Store, round: Round, trial: Trial) -> None:
    """Store a trial, unless another run of the same round was faster: then its trial stands."""
    store.begin(round)
    try:
        store.append(trial)
    except Refused:
        if (trial.submission, trial.seed) not in store.done(trial.round):
            raise
