"""Run the command line on the tiny task, count its steps, and kill at one of them.

`python -m tests.steps run ...` is `harness run ...` but for what this module wraps: every call
that changes the world outside is a step, in the process that stores ("command") and, because the
examiners are spawned from this same file, in them ("examiner"). A step's name is where it is
taken, what it is, and the how-manieth it is of its kind there, such as 'command append 2'.

Environment: STEPS_LOG, a file to which go one JSON line per step, per process and, after an append
returned, per acknowledged trial, each of them flushed to the disk; STEPS_KILL, 'STEP|VICTIM', the
step that is not taken before the latest 'command', 'examiner', 'nursery', 'phase' or 'server' is
dead;
STEPS_CLOCK, 'STEP|SECONDS;...', where the wall clock of that
process jumps.
"""

from __future__ import annotations

import collections
import contextlib
import datetime
import functools
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from harness import cli, engine, run, sandbox, store, trial
from tests import databases

LOG = os.environ.get("STEPS_LOG", os.devnull)
WHERE = "command" if __name__ == "__main__" else "examiner"
STATEMENTS = ("BEGIN", "CREATE", "ALTER", "INSERT", "UPDATE", "DELETE", "SELECT")
_counts: collections.Counter[str] = collections.Counter()
_lock = threading.Lock()


def note(**facts: Any) -> None:
    """Write one line to the log, for good."""
    descriptor = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, json.dumps(facts).encode() + b"\n")
        if os.devnull != LOG:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def notes(log: str = LOG) -> list[dict[str, Any]]:
    """Return the lines of a log."""
    return [json.loads(line) for line in Path(log).read_text().splitlines()]


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def step(what: str) -> None:
    """Take note of a step, and do there what the environment asks for."""
    with _lock:
        name = f"{WHERE} {what}"
        _counts[name] += 1
        name += f" {_counts[name]}"
        note(step=name)
    at, _, victim = os.environ.get("STEPS_KILL", "").partition("|")
    if name == at:
        pids = [line["pid"] for line in notes() if line.get("process") == victim]
        if pids and alive(pids[-1]):
            note(killed=victim)
            doomed = databases.processes(pids[-1]) if victim == "server" else pids[-1:]
            for pid in doomed:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            while any(alive(pid) for pid in doomed):
                time.sleep(0.001)
    for jump in filter(None, os.environ.get("STEPS_CLOCK", "").split(";")):
        at, _, seconds = jump.partition("|")
        if name == at:
            note(jumped=name)
            Shifted.shift += float(seconds)


class Shifted(datetime.datetime):
    """A wall clock that jumps."""

    shift = 0.0

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        """Return the time of a clock that is wrong by `shift` seconds."""
        return datetime.datetime.now(tz) + datetime.timedelta(seconds=cls.shift)


def wrap(owner: Any, name: str) -> None:
    """Make every call of a function a step."""
    function = getattr(owner, name)

    @functools.wraps(function)
    def wrapped(*values: Any, **named: Any) -> Any:
        step(name if name != "__init__" else owner.__name__)
        return function(*values, **named)

    setattr(owner, name, wrapped)


def _wrap_all() -> None:
    for owner, names in {
        run: ("freeze", "open_round"),
        store.Store: ("unfinished", "done", "begin", "append", "finish"),
        engine.Engine: ("__init__", "submit", "close"),
        cli: ("_print_ranking",),
        engine: ("_work", "draw", "examine"),
        sandbox.Nursery: ("__init__", "start", "close"),
        sandbox.Process: ("call", "hand", "close"),
        trial.Examination: ("trial",),
    }.items():
        for name in names:
            wrap(owner, name)

    append, begin_nursery = store.Store.append, sandbox.Nursery.__init__
    begin_process = sandbox.Process.__init__

    def acknowledged(self: store.Store, trial: Any) -> None:
        append(self, trial)
        note(acknowledged=vars(trial))

    def nursery(self: sandbox.Nursery, *values: Any, **named: Any) -> None:
        begin_nursery(self, *values, **named)
        note(process="nursery", pid=self.process.pid)

    def phase(self: sandbox.Process, *values: Any, **named: Any) -> None:
        begin_process(self, *values, **named)
        note(process="phase", pid=self.pid)

    store.Store.append = acknowledged  # type: ignore[method-assign]
    sandbox.Nursery.__init__ = nursery  # type: ignore[method-assign]
    sandbox.Process.__init__ = phase  # type: ignore[method-assign]

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def statement(connection: Any, cursor: Any, text: str, *_: Any) -> None:
        verb = text.split()[0].upper()
        if verb in STATEMENTS:
            step(f"sql {verb}")

    @sa.event.listens_for(sa.Engine, "commit")
    def commit(connection: Any) -> None:
        step("sql COMMIT")

    trial.datetime = run.datetime = store.datetime = Shifted  # type: ignore[misc]
    time.time = lambda: time.clock_gettime(time.CLOCK_REALTIME) + Shifted.shift


if __name__ in ("__main__", "__mp_main__"):
    _wrap_all()
    note(process=WHERE, pid=os.getpid())
if __name__ == "__main__":
    sys.exit(cli.main())
