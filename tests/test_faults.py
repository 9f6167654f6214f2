"""Whatever dies at whatever step: what was acknowledged stays, and the same command goes on.

Every run here is real (examiners, nurseries, phases) on the tiny task; `tests.steps` counts its
steps and kills. A kill takes the process; what a power cut takes is simulated further below.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from harness import rank
from harness.catalog import ROOT
from harness.store import Store, open_store
from harness.vocabulary import Round
from tests import steps, tiny

SEEDS = 2
N_TRIALS = 2 * SEEDS
needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")


@dataclass
class Stage:
    """A folder with a task, a submission and a store, in which one command runs again and again."""

    folder: Path
    url: str
    limits: list[str] = field(default_factory=list)
    """What the command is started by."""

    def __post_init__(self) -> None:
        installed = self.folder / "installed"
        described = installed / "tiny_exam-1.0.dist-info"
        described.mkdir(parents=True)
        (self.folder / "tmp").mkdir()
        (installed / "tiny_exam.py").write_text("from tests.tiny import TASK as TASK\n")
        (installed / "tiny_baseline.py").write_text(tiny.HONEST)
        (described / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        (described / "entry_points.txt").write_text(
            "[harness.tasks]\ntiny = tiny_exam\n[harness.submissions.tiny]\n"
            "baseline = tiny_baseline\n"
        )
        (self.folder / "honest.py").write_text(tiny.HONEST)
        self.log.touch()

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self, kill: str = "", clock: str = "", seeds: int = SEEDS) -> subprocess.Popen[str]:
        """Start the command; always the same, but for what befalls it."""
        return subprocess.Popen(
            [
                *self.limits, sys.executable, "-m", "tests.steps", "run", "--task", "tiny",
                "--size", "smoke", "--seeds", str(seeds), "--jobs", "1",
                "--submission", str(self.folder / "honest.py"), "--store", self.url,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": str(self.folder / "installed"),
                "HARNESS_TASKS": "tiny",
                "TMPDIR": str(self.folder / "tmp"),
                "STEPS_LOG": str(self.log),
                "STEPS_KILL": kill,
                "STEPS_CLOCK": clock,
            },
        )  # fmt: skip

    def run(self, **befalls: Any) -> tuple[int, str]:
        """Run the command to its end; return its exit code and what it complained of."""
        process = self.start(**befalls)
        _, said = process.communicate(timeout=300)
        return process.returncode, said

    def lines(self, key: str) -> list[Any]:
        return [line[key] for line in steps.notes(str(self.log)) if key in line]

    def survivors(self) -> set[int]:
        """Return every living process of any run here: all have the folder in their environment."""
        found = {line["pid"] for line in steps.notes(str(self.log)) if "pid" in line}
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if os.fsencode(self.folder / "tmp") in path.read_bytes():
                    found.add(int(path.parent.name))
            except OSError:
                continue
        return {pid for pid in found if steps.alive(pid)}

    def quiet(self, seconds: float = 30) -> bool:
        """Whether every process of the run ends soon, by itself."""
        deadline = time.monotonic() + seconds
        while self.survivors():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def left(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "tmp").iterdir())

    def rounds(self) -> dict[str, tuple[Round, bool]]:
        """Return every round with whether it is finished, by id."""
        with open_store(self.url) as store, store._engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT id, finished FROM rounds").all()
            return {row.id: (store.round(row.id), row.finished is not None) for row in rows}


@dataclass
class Ledger:
    """What a walk came to."""

    kills: int = 0
    not_reached: int = 0
    acknowledged: int = 0
    lost: int = 0

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.not_reached} steps not reached again, "
            f"{self.acknowledged} trials acknowledged before them, {self.lost} lost"
        )


def text(trial: dict[str, Any]) -> str:
    """Return a text that is equal for equal trials, NaN included."""
    return json.dumps(trial, sort_keys=True)


def assert_kept(stage: Stage, store: Store) -> int:
    """Every acknowledged trial is there as it was, no other but one, and no half of a round ranks.

    Returns
    -------
    n_lost
        Acknowledged trials that are not there.
    """
    acknowledged = stage.lines("acknowledged")
    rows = store.trials()
    there = set(rows["id"])
    lost = [trial["id"] for trial in acknowledged if trial["id"] not in there]
    for trial in acknowledged:
        if trial["id"] in there:
            assert text(vars(store.trial(trial["id"]))) == text(trial)
    assert len(rows) <= len(acknowledged) + 1  # committed, and killed before it could say so
    assert set(rows["status"]) <= {"ok", "killed"}
    measured = store.measurements("tiny", "smoke", 1)
    if len(measured):
        task = tiny.TASK
        table = rank.standings(measured, task.metric, task.divisions, task.axes)
        good = rows[rows["status"] == "ok"].groupby("submission").size()
        for line in table.itertuples():
            whole = good.get(line.submission, 0) >= SEEDS
            assert whole or line.status in ("incomplete", "failed"), line
            assert (line.status == "ranked") == pd.notna(line.rank), line
    return len(lost)


def assert_complete(stage: Stage, statuses: Iterable[str] = ("ok",)) -> None:
    """One finished round with every trial once, and nothing of any run is left."""
    ((_, finished),) = stage.rounds().values()
    assert finished
    with open_store(stage.url) as store:
        rows = store.trials()
    assert set(zip(rows["submission"], rows["seed"], strict=True)) == {
        (name, seed) for name in ("baseline", "honest") for seed in range(SEEDS)
    }
    assert len(rows) == N_TRIALS
    assert set(rows["status"]) <= set(statuses)
    assert stage.quiet()
    assert stage.left() == []


def kill_at(stage: Stage, step: str, victim: str, ledger: Ledger) -> None:
    """Run, kill at a step, look at what is left, and let the same command go on."""
    code, said = stage.run(kill=f"{step}|{victim}")
    killed = stage.lines("killed") != []
    ledger.kills += killed
    ledger.not_reached += not killed
    assert stage.quiet(), stage.survivors()
    expected = {"command": {-9}, "examiner": {4}, "nursery": {0, 4}, "phase": {0, 1}}[victim]
    assert code in (expected if killed else {0}), said
    assert "Traceback" not in said, said
    with open_store(stage.url) as store:
        ledger.acknowledged += len(stage.lines("acknowledged"))
        ledger.lost += assert_kept(stage, store)
        rows = store.trials()
    ended_badly = rows[rows["status"] != "ok"]
    assert len(ended_badly) <= (victim == "phase")
    for reason in ended_badly["reason"]:
        assert "was ended by SIGKILL without an answer" in reason
    before = stage.rounds()
    assert len(before) <= 1
    if code == 4:
        assert "trials are stored. The same command goes on." in said
        assert not any(finished for _, finished in before.values())
    if not any(finished for _, finished in before.values()):
        code, said = stage.run()
        assert code == 0, said
        assert ("Going on with round" in said) == (len(rows) > 0)
    for id, (round, _) in before.items():
        assert stage.rounds()[id][0] == round  # its secret, too
    with open_store(stage.url) as store:
        assert assert_kept(stage, store) == 0
    assert_complete(stage, ("ok", "killed") if victim == "phase" else ("ok",))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return every step of an undisturbed round, in order."""
    stage = Stage(tmp_path_factory.mktemp("recorded"), "")
    stage.url = str(stage.folder / "trials.db")
    assert stage.run()[0] == 0
    assert_complete(stage)
    return stage.lines("step")


def walk(folder: Path, pairs: Iterable[tuple[str, str]]) -> Ledger:
    """Kill at each (step, victim), two at a time."""
    ledger = Ledger()

    def one(number: int, step: str, victim: str) -> None:
        home = folder / str(number)
        home.mkdir()
        kill_at(Stage(home, str(home / "trials.db")), step, victim, ledger)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(one, k, *pair) for k, pair in enumerate(pairs)]:
            done.result()
    print(ledger)
    assert ledger.lost == 0
    return ledger


A_FEW = [
    ("command append 1", "command"),  # between a round and its first trial
    ("command sql UPDATE 1", "command"),  # while the round closes
    ("examiner hand 3", "examiner"),  # between two phases
    ("examiner call 4", "nursery"),  # beside the pacer
    ("examiner call 5", "phase"),
]


@needs_proc
def test_a_kill_loses_nothing_and_the_same_command_goes_on(tmp_path):
    ledger = walk(tmp_path, A_FEW)
    assert ledger.kills == len(A_FEW), "a step has another name now"


READING = ("SELECT", "draw", "done", "unfinished")
"""Steps that change nothing, left out of the whole walk."""


@needs_proc
@pytest.mark.slow
@pytest.mark.parametrize("victim", ["command", "examiner", "nursery", "phase"])
def test_a_kill_at_any_step_loses_nothing(victim, recorded, tmp_path):
    """The process that stores at each of its own steps, the others at each of the examiner's."""
    where = "command" if victim == "command" else "examiner"
    steps_there = [step for step in recorded if step.startswith(where)]
    if victim == "phase":
        steps_there = [s for s in steps_there if s.split()[1] in ("call", "hand", "close")]
    pairs = [(s, victim) for s in steps_there if not any(word in s for word in READING)]
    ledger = walk(tmp_path, pairs)
    assert ledger.kills >= 0.8 * len(pairs)
    assert ledger.acknowledged > 0
