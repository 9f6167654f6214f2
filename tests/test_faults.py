"""Whatever dies at whatever step: what was acknowledged stays, and the same command goes on.

Every run here is real (examiners, nurseries, phases) on the tiny task; `tests.steps` counts its
steps and kills. A kill takes the process; what a power cut takes is simulated further below.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from harness import rank
from harness.catalog import ROOT
from harness.store import Store, open_store
from tests import databases, tiny
from tests.stage import SEEDS, Stage

N_TRIALS = 2 * SEEDS
needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")


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
    with stage.store() as store:
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
    with stage.store() as store:
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
    else:
        stage.sweep()  # as any next run does
    for id, (round, _) in before.items():
        assert stage.rounds()[id][0] == round  # its secret, too
    with stage.store() as store:
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
    ("examiner hand 3", "examiner"),  # between two phases
    ("examiner call 4", "nursery"),  # beside the pacer
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


# ---------------------------------------------------------------------------------------------
# The database server dies


def kill_server_at(server: databases.Server, folder: Path, step: str, ledger: Ledger) -> None:
    """Run on PostgreSQL, kill the server at a step, start it again, and let the command go on."""
    databases.empty(server.url)
    stage = Stage(folder, server.url)
    stage.note_server(server.process.pid)
    code, said = stage.run(kill=f"{step}|server")
    server.process.wait(10)
    assert (code, "Traceback" in said) == (3, False), said
    (complaint,) = (line for line in said.splitlines() if line.startswith("harness: "))
    assert "cannot be reached" in complaint or "was shut down" in complaint
    assert stage.quiet(), stage.survivors()
    server.start()
    with stage.store() as store:
        ledger.kills += 1
        ledger.acknowledged += len(stage.lines("acknowledged"))
        ledger.lost += assert_kept(stage, store)
    before = stage.rounds()
    if not any(finished for _, finished in before.values()):
        code, said = stage.run()
        assert code == 0, said
    for id, (round, _) in before.items():
        assert stage.rounds()[id][0] == round
    assert_complete(stage)


@needs_proc
@pytest.mark.slow
def test_a_killed_database_server_loses_nothing_and_is_told_in_one_line(tmp_path):
    ledger = Ledger()
    with databases.Server() as server:
        kill_server_at(server, tmp_path, "command sql INSERT 5", ledger)
    assert (ledger.lost, ledger.acknowledged) == (0, 1)


@needs_proc
@pytest.mark.slow
def test_a_database_server_killed_at_any_statement_loses_nothing(tmp_path):
    ledger = Ledger()
    with databases.Server() as server:
        (tmp_path / "recorded").mkdir()
        undisturbed = Stage(tmp_path / "recorded", server.url)
        assert undisturbed.run()[0] == 0
        recorded = undisturbed.lines("step")
        begun = recorded.index("command Engine 1")
        statements = [step for step in recorded[begun:] if step.startswith("command sql ")]
        for number, step in enumerate(statements):
            (tmp_path / str(number)).mkdir()
            kill_server_at(server, tmp_path / str(number), step, ledger)
    print(ledger)
    assert ledger.lost == 0
    assert ledger.acknowledged > len(statements)


# ---------------------------------------------------------------------------------------------
# The power goes off

WRITER = """
import sys
from dataclasses import replace
import sqlalchemy as sa
from harness.store import open_store
from tests import fabricate
with open_store(sys.argv[1]) as store:
    store._engine.dispose()

    @sa.event.listens_for(store._engine, "connect")
    def checkpoint_often(connection, record):
        connection.execute("PRAGMA wal_autocheckpoint = 50")

    name = sys.argv[2]
    round = fabricate.round(["baseline", name], seeds=range(10**4), number=int(sys.argv[3]))
    store.begin(round)
    for trial in fabricate.trials(replace(round, seeds=round.seeds[:2000])):
        store.append(replace(trial, series={"noise": {"x": list(range(3000))}}))
        print(trial.id, flush=True)
"""
WAL_HEADER, FRAME_HEADER = 32, 24


def start_writer(url: str, name: str, number: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, url, name, str(number)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    return process


def stopped(pid: int) -> bool:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return all((t / "stat").read_text().rsplit(")", 1)[1].split()[0] == "T" for t in tasks)


@dataclass
class Snapshot:
    """The files of a store at one moment, while its writers stood still."""

    database: bytes
    log: bytes
    shared: bytes

    def __post_init__(self) -> None:
        (self.page,) = struct.unpack_from(">I", self.log, 8) if self.log else (4096,)
        self.frame = FRAME_HEADER + self.page
        salts = self.log[16:24]
        self.frames: list[tuple[int, bool]] = []
        """Page number and whether the frame ends a transaction, of this generation of the log."""
        for start in range(WAL_HEADER, len(self.log) - self.frame + 1, self.frame):
            number, size = struct.unpack_from(">II", self.log, start)
            if self.log[start + 8 : start + 16] != salts:
                break
            self.frames.append((number, size > 0))
        # Frames that a checkpoint may have copied were synced before: no cut takes them.
        self.n_safe = struct.unpack_from("=I", self.shared, 128)[0] if self.shared else 0

    def end(self, n_frames: int) -> int:
        return WAL_HEADER + n_frames * self.frame

    def lay_out(self, folder: Path, shared: bool = False) -> str:
        folder.mkdir()
        (folder / "trials.db").write_bytes(self.database)
        if self.log:
            (folder / "trials.db-wal").write_bytes(self.log)
        if shared:
            (folder / "trials.db-shm").write_bytes(self.shared)
        return str(folder / "trials.db")

    def half_checkpointed(self, rng: random.Random) -> Snapshot:
        """Spoil pages of the database that the log still holds: their copying was not synced."""
        spoiled = bytearray(self.database)
        n_whole = max((k + 1 for k, (_, ends) in enumerate(self.frames) if ends), default=0)
        for number in {number for number, _ in self.frames[:n_whole]}:
            start = (number - 1) * self.page
            if number > 1 and start < len(spoiled) and rng.random() < 0.5:
                spoiled[start : start + self.page] = rng.randbytes(self.page)
        return Snapshot(bytes(spoiled), self.log, self.shared)

    def cut(self, at: int, noise: bytes = b"") -> Snapshot:
        """Lose what was written to the log after `at` bytes, or find noise in its place."""
        return Snapshot(self.database, self.log[:at] + noise, self.shared)


def held(url: str) -> dict[str, list[str]]:
    """Return the trials of each writer in a copy, in the order of its appends, all of them whole.

    The copy opens, is sound by SQLite's own check, and ranks.
    """
    with open_store(url) as store:
        with store._engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        rows = store.trials(with_series=True)
        measured = store.measurements("layerwise", "standard", 1)
    assert all(series == {"noise": {"x": list(range(3000))}} for series in rows["series"])
    if len(measured):
        task = tiny.TASK
        table = rank.standings(measured, task.metric, task.divisions, task.axes)
        assert set(table["status"]) == {"incomplete"}
    return {
        str(round): [
            trial
            for _, _, trial in sorted(
                zip(group["seed"], group["submission"] != "baseline", group["id"], strict=True)
            )
        ]
        for round, group in rows.groupby("round")
    }


def assert_prefixes(before: dict[str, list[str]], whole: dict[str, list[str]]) -> None:
    for writer, ids in before.items():
        assert whole[writer][: len(ids)] == ids


@needs_proc
@pytest.mark.parametrize(
    "n_moments", [6, pytest.param(60, marks=pytest.mark.slow)], ids=["a few", "many"]
)
def test_a_power_cut_takes_no_acknowledged_trial_and_leaves_no_half_of_one(n_moments, tmp_path):
    """Simulated on copies of the files, taken while two writers are stopped at a random moment.

    What it simulates: the kernel's view at that instant; a shared-memory file that survives or
    not; a checkpoint whose pages never reached the disk; a log that ends anywhere after its last
    safe frame, torn in the middle of a page or followed by noise. A transaction that was not cut
    has to be there, a cut one has to be gone whole. What it takes for granted: that a disk keeps
    what an fsync was promised, and that SQLite issues it (`synchronous = FULL`, checked here).
    """
    url, rng = str(tmp_path / "trials.db"), random.Random(7)
    with open_store(url) as store, store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    writers = [start_writer(url, name, k) for k, name in enumerate(("adam", "sweeps"))]
    said = [b""] * len(writers)
    n_acknowledged = n_copies = n_backfilled = n_lost_uncommitted = 0
    folders = (tmp_path / str(k) for k in itertools.count())
    try:
        while not all(said):
            said = [s + (w.stdout.read() or b"") for s, w in zip(said, writers, strict=True)]
            time.sleep(0.01)
        for _ in range(n_moments):
            time.sleep(rng.uniform(0.005, 0.1))
            for writer in writers:
                writer.send_signal(signal.SIGSTOP)
            while not all(stopped(writer.pid) for writer in writers):
                time.sleep(0.001)
            files = [Path(url + end) for end in ("", "-wal", "-shm")]
            taken = Snapshot(*(path.read_bytes() for path in files))
            said = [s + (w.stdout.read() or b"") for s, w in zip(said, writers, strict=True)]
            # Read after the copy, so some of these were acknowledged in the very moment.
            lines = [s.rpartition(b"\n")[0].decode().split("\n") for s in said]
            acknowledged = {line for per_writer in lines for line in per_writer}

            whole = held(taken.lay_out(next(folders)))
            assert acknowledged <= {id for ids in whole.values() for id in ids}
            assert held(taken.lay_out(next(folders), shared=True)) == whole
            assert held(taken.half_checkpointed(rng).lay_out(next(folders))) == whole
            n_backfilled += taken.n_safe > 0
            n_frames = len(taken.frames)
            for noisy in (False, True):
                low = taken.end(min(taken.n_safe, n_frames))
                at = rng.randint(low, taken.end(n_frames))
                noise = rng.randbytes(len(taken.log) - at) if noisy else b""
                n_cut = sum(
                    ends for k, (_, ends) in enumerate(taken.frames) if taken.end(k + 1) > at
                )
                left = held(taken.cut(at, noise).lay_out(next(folders)))
                assert_prefixes(left, whole)
                n_gone = sum(map(len, whole.values())) - sum(map(len, left.values()))
                assert 0 <= n_gone <= n_cut
                n_lost_uncommitted += n_gone
            n_copies += 5
            n_acknowledged = len(acknowledged)
            for folder in tmp_path.glob("[0-9]*"):
                shutil.rmtree(folder)
            for writer in writers:
                writer.send_signal(signal.SIGCONT)
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()
    print(
        f"{n_copies} copies, {n_backfilled} moments within a checkpointed log, {n_acknowledged} "
        f"trials acknowledged, 0 lost; {n_lost_uncommitted} gone whole where the log was cut"
    )
    assert n_acknowledged > 10 * len(writers)


# ---------------------------------------------------------------------------------------------
# The clock jumps

DAY = 86_400


@needs_proc
@pytest.mark.slow
def test_a_clock_that_jumps_stops_no_round_and_makes_nothing_old_the_latest(tmp_path):
    stage = Stage(tmp_path, str(tmp_path / "trials.db"))
    late = f"command freeze 1|{DAY};examiner call 1|{DAY}"
    code, said = stage.run(clock=f"{late};command begin 2|{-2 * DAY};examiner hand 3|{-2 * DAY}")
    assert code == 0, said
    assert len(stage.lines("jumped")) == 4
    assert_complete(stage)
    (old,) = stage.rounds()
    with stage.store() as store:
        days = {time[:10] for time in store.trials()["finished"]}
        assert len(days) > 1  # the clock did jump

    # Edited, and begun a day earlier by the clock; interrupted, and resumed another day earlier.
    (tmp_path / "honest.py").write_text(tiny.HONEST + "# edited\n")
    assert stage.run(clock=f"command freeze 1|{-DAY}", kill="command append 3|command")[0] == -9
    (begun,) = stage.rounds().keys() - {old}
    code, said = stage.run(clock=f"command freeze 1|{-2 * DAY}")
    assert code == 0, said
    assert f"Going on with round {begun[:8]}" in said
    assert stage.rounds().keys() == {old, begun}
    with stage.store() as store:
        for frame in (store.trials(), store.measurements("tiny", "smoke", 1)):
            shown = rank.current(frame)
            assert set(shown.loc[shown["submission"] == "honest", "round"]) == {begun}


# ---------------------------------------------------------------------------------------------
# The disk is full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[list[str], Path, Path]]:
    """Mount a disk of 1 MiB for nobody but a process that does nothing.

    Yields what starts another process that sees it, where that one sees it, and where we do.
    """
    place = tmp_path / "small"
    place.mkdir()
    mount = f"mount -t tmpfs -o size=1m tmpfs {place} && echo mounted && exec sleep 600"
    holder = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert holder.stdout is not None
        if holder.stdout.readline() != "mounted\n":
            pytest.skip("only root may mount a small disk")
        enter = ["nsenter", "--target", str(holder.pid), "--mount", f"--wd={ROOT}"]
        yield enter, place, Path(f"/proc/{holder.pid}/root{place}")
    finally:
        holder.kill()
        holder.communicate()


def leave_free(disk: Path, n_bytes: int) -> Path:
    """Fill a disk but for so many bytes; return the file to remove."""
    ballast = disk / "ballast"
    free = os.statvfs(disk)
    ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - n_bytes))
    return ballast


def assert_stops_and_goes_on(stage: Stage, free: Callable[[], None]) -> None:
    """Expect one line and no loss where the store has no room, and the rest where it has."""
    code, said = stage.run()
    assert (code, "Traceback" in said) == (3, False), said
    (complaint,) = (line for line in said.splitlines() if line.startswith("harness: "))
    assert "has no room left on its disk" in complaint or "the disk reports an error" in complaint
    assert stage.quiet()
    assert stage.left() == []
    free()
    with stage.store() as store:
        assert assert_kept(stage, store) == 0
    n_acknowledged = len(stage.lines("acknowledged"))
    assert 0 < n_acknowledged < N_TRIALS
    before = stage.rounds()
    code, said = stage.run()
    assert code == 0, said
    assert f"{n_acknowledged} of {N_TRIALS} are done" in said
    assert stage.rounds().keys() == before.keys()
    assert_complete(stage)


@needs_proc
@pytest.mark.slow
def test_a_full_disk_under_the_store_is_one_line_and_the_same_command_goes_on(small_disk, tmp_path):
    enter, place, disk = small_disk
    stage = Stage(tmp_path, str(place / "trials.db"), limits=[*enter, "--"], seen=disk)
    open_store(str(tmp_path / "new.db")).close()
    shutil.copyfile(tmp_path / "new.db", disk / "trials.db")
    ballast = leave_free(disk, 73_000)
    assert_stops_and_goes_on(stage, ballast.unlink)


@needs_proc
def test_a_limit_on_the_size_of_files_is_one_line_and_the_same_command_goes_on(tmp_path):
    """What a user who may mount nothing has for a full disk."""
    stage = Stage(tmp_path, str(tmp_path / "trials.db"))
    open_store(stage.url).close()
    stage.limits = ["prlimit", "--fsize=50000:", "--"]
    assert_stops_and_goes_on(stage, stage.limits.clear)


@needs_proc
@pytest.mark.slow
@pytest.mark.parametrize("n_pages", [1, 2], ids=["at the start", "under the examiners"])
def test_a_full_scratch_folder_is_one_line_and_the_same_command_goes_on(
    n_pages, small_disk, tmp_path
):
    enter, place, disk = small_disk
    stage = Stage(tmp_path, str(tmp_path / "trials.db"), limits=[*enter, "--"])
    stage.scratch = place
    ballast = leave_free(disk, n_pages * 4096)
    code, said = stage.run()
    assert (code, "Traceback" in said) == (4, False), said
    complaints = [line for line in said.splitlines() if line.startswith("harness: ")]
    assert re.search("[Nn]o (space|room) left", complaints[0])
    assert len(complaints) == n_pages  # the second says that nothing is stored yet
    assert stage.quiet()
    assert [path.name for path in disk.iterdir()] == ["ballast"]
    assert stage.lines("acknowledged") == []
    ballast.unlink()
    code, said = stage.run()
    assert code == 0, said
    assert_complete(stage)
