"""Time the store: appending beside a million trials, reading one task out of them."""

from __future__ import annotations

import itertools
import sqlite3
import time
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import numpy as np

from harness.store import Store, open_store
from harness.vocabulary import Round, Trial

N_TASKS, N_SUBMISSIONS, N_SEEDS = 25, 100, 5
SUBMISSIONS = ["baseline", *(f"student-{k:02}" for k in range(1, N_SUBMISSIONS))]
EXTRA = ("accuracy", "margin", "stable_rank")


def make_round(task: str, n: int, submissions: list[str] = SUBMISSIONS) -> Round:
    """Return the n-th round of a task."""
    return Round(
        id=f"{task}-{n:04}",
        task=task,
        task_version=1,
        size="standard",
        seeds=tuple(range(N_SEEDS)),
        submissions={name: f"{hash_of(name)}" for name in submissions},
        secret="00" * 16,
        machine={"processor": "benchmark"},
        started=f"2026-01-{1 + n // 24 % 28:02}T{n % 24:02}:00:00+00:00",
    )


def hash_of(name: str) -> str:
    """Return something as long as a source hash."""
    return (name.encode().hex() * 8)[:64]


def make_trials(round: Round, generator: np.random.Generator) -> list[Trial]:
    """Return a round's trials: submissions differ by up to a factor of 3, noise is 3 %."""
    pairs = list(itertools.product(round.seeds, enumerate(round.submissions.items())))
    strength = np.array([1 - k / 150 for _, (k, _) in pairs])
    noise = np.exp(0.03 * generator.standard_normal((5, len(pairs))))
    visible = 0.1 * strength * noise[0]
    gap = 0.05 * strength * noise[1]
    timed = 3.0 * strength * noise[2]
    trials = []
    for k, (seed, (n, (name, source))) in enumerate(pairs):
        trials.append(
            Trial(
                id=f"{round.id}-{seed}-{n:03}",
                round=round.id,
                task=round.task,
                task_version=round.task_version,
                submission=name,
                source=source,
                division="open",
                size=round.size,
                seed=seed,
                status="ok",
                reason="",
                visible=float(visible[k]),
                heldout=float(visible[k] + gap[k]),
                quality=float(visible[k] + gap[k]),
                stderr=0.001,
                artifact_bytes=int(50_000 * strength[k]),
                embedded_bytes=0,
                fit_seconds=float(timed[k]),
                fit_wall=float(timed[k]),
                predict_seconds=0.01,
                predict_wall=0.01,
                choose_seconds=float("nan"),
                timed_seconds=float(timed[k]),
                pacer_seconds=float(3.0 * noise[3, k]),
                peak_bytes=1 << 28,
                isolation=("process", "landlock", "seccomp"),
                missing=(),
                extra=dict(zip(EXTRA, map(float, noise[4, k] * np.arange(1, 4)), strict=True)),
                series={},
                versions={"harness": "0.1.0", "torch": "2.13.0"},
                finished=round.started,
            )
        )
    return trials


def fill(path: Path, n_trials: int) -> None:
    """Make a SQLite store of `N_TASKS` tasks whose rounds are one round with 3 % noise."""
    n_rounds = n_trials // (N_TASKS * N_SUBMISSIONS * N_SEEDS)
    noisy = ("visible", "heldout", "quality", "timed_seconds", "pacer_seconds")
    values = {column.name: column.name for column in fields(Trial)}
    values |= {name: f"{name} * (1 + 0.03 * random() / 9.3e18)" for name in noisy}
    values |= {"round": ":new", "id": "replace(id, :old, :new)", "task": ":task"}
    copy = (
        f"INSERT INTO trials ({', '.join(values)}) SELECT {', '.join(values.values())} "
        "FROM trials WHERE round = :old"
    )
    pattern = make_round("pattern", 0)
    with open_store(str(path)) as store, closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        store.begin(pattern)
        for trial in make_trials(pattern, np.random.default_rng(0)):
            store.append(trial)
        for k, n in itertools.product(range(N_TASKS), range(n_rounds)):
            round = make_round(f"task-{k:02}", n)
            store.begin(round)
            with connection:
                connection.execute(copy, {"old": pattern.id, "new": round.id, "task": round.task})
            store.finish(round.id)


SIZES = (12_500, 100_000, 1_000_000)


def make_stores() -> None:
    """Make a store of each size in the folder that asv runs the benchmarks in."""
    for stored in SIZES:
        fill(Path(f"{stored}.db"), stored)


class Append:
    """A round of 500 trials, each on disk before the next, beside all that is stored."""

    params = SIZES
    param_names = ("stored",)
    setup_cache = staticmethod(make_stores)
    timeout = 900
    timer = time.process_time  # on a shared machine it holds better than the clock on the wall
    number, repeat, warmup_time = 1, 5, 0.0

    def setup(self, stored: int) -> None:
        self.store: Store = open_store(f"{stored}.db")
        n = len(self.store.trials("task-new")) // (N_SUBMISSIONS * N_SEEDS)
        self.round = make_round("task-new", n)
        self.trials = make_trials(self.round, np.random.default_rng(1))
        self.store.begin(self.round)

    def teardown(self, stored: int) -> None:
        self.store.close()

    def time_append_500(self, stored: int) -> None:
        for trial in self.trials:
            self.store.append(trial)
