"""Every hostile or broken submission in `cheats/` ends as it deserves and changes nothing.

The first lines of a cheat say what it tries and what it deserves. `Ends: ok` means that its
attack was denied and the rest of it was honest; what an attack aims at is put up in `world`.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import os
import re
import resource
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness import catalog, trial
from harness.sandbox import Limits, Nursery
from harness.trial import examine
from harness.vocabulary import Exam, Size, Task
from tests import tiny

MiB = 1 << 20
CHEATS = sorted((Path(__file__).parent / "cheats").glob("*.py"))
LIMITS = Limits(seconds=2, memory=400 * MiB, disk=24 * MiB, file_size=16 * MiB, files=500)


@dataclass(frozen=True)
class World:
    """What the attacks aim at, and the sockets on which they would be heard."""

    facts: dict[str, Any]
    sockets: tuple[socket.socket, ...]

    def look(self) -> dict[str, Any]:
        """Return everything that an attack might have changed."""
        facts, victim = self.facts, self.facts["victim"]
        return {
            "files": {name: _state(facts[name]) for name in ("file", "library", "store", "other")},
            "names": [sorted(os.listdir(facts[name])) for name in ("folder", "runtime", "scratch")],
            "shared": Path("/dev/shm/harness-test-note").exists(),
            "victim": Path(f"/proc/{victim}/stat").read_text().split()[2] in "SRD",
            "limits": [
                resource.prlimit(process, kind)
                for process in (victim, os.getpid())
                for kind in range(
                    resource.RLIM_NLIMITS if hasattr(resource, "RLIM_NLIMITS") else 16
                )
            ],
            "cores": [os.sched_getaffinity(process) for process in (victim, 0)],
            "priority": os.getpriority(os.PRIO_PROCESS, victim),
            "host": socket.gethostname(),
            "clock": abs(time.time() - time.monotonic() - self.facts["clock"]) < 5,
            "heard": [_heard(listener) for listener in self.sockets],
        }


def _state(path: str) -> tuple[Any, ...]:
    stat, flags = os.stat(path), b""
    with open(path, "rb") as file, contextlib.suppress(OSError):
        flags = fcntl.ioctl(file, 0x80086601, bytes(8))  # FS_IOC_GETFLAGS
    return (
        Path(path).read_bytes(),
        stat.st_mode,
        stat.st_uid,
        stat.st_nlink,
        stat.st_mtime_ns,
        tuple(os.listxattr(path)),
        flags,
    )


def _heard(listener: socket.socket) -> bool:
    try:
        if listener.type == socket.SOCK_STREAM:
            listener.accept()[0].close()
        else:
            listener.recv(100)
    except BlockingIOError:
        return False
    return True


@pytest.fixture(scope="module")
def world(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    Path(folder, "secret").write_text("the answers")
    other = tiny.submission(tmp_path_factory.mktemp("other"), name="other").folder
    with sqlite3.connect(folder / "store.db") as store:
        store.execute("create table trial (id text)")
    store.close()
    addresses = {
        "tcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        "unix": (socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "stream")),
        "datagram": (socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "datagram")),
        "abstract": (socket.AF_UNIX, socket.SOCK_STREAM, f"\0harness-{os.getpid()}"),
    }
    sockets = {}
    for name, (family, kind, address) in addresses.items():
        sockets[name] = listener = socket.socket(family, kind)
        listener.bind(address)
        listener.setblocking(False)
        if kind == socket.SOCK_STREAM:
            listener.listen()
    runtime = Path(nursery.masked[-1]).parent
    victim = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    yield World(
        facts={
            "file": str(folder / "secret"),
            "folder": str(folder),
            "store": str(folder / "store.db"),
            "other": other,
            "runtime": str(runtime),
            "library": str(runtime / "library.py"),
            "masked": nursery.masked[-1],
            "scratch": nursery.scratch,
            "examiner": os.getpid(),
            "nursery": nursery.process.pid,
            "victim": victim.pid,
            "clock": time.time() - time.monotonic(),
            "tcp": sockets["tcp"].getsockname()[1],
            "udp": sockets["udp"].getsockname()[1],
            "unix": str(folder / "stream"),
            "datagram": str(folder / "datagram"),
            "abstract": addresses["abstract"][2][1:],
        },
        sockets=tuple(sockets.values()),
    )
    victim.kill()
    victim.wait()
    for listener in sockets.values():
        listener.close()


def deserved(path: Path) -> dict[str, str]:
    """Return the lines `Ends`, `Reason`, `Needs`, `Costs`, `Weighs` of a docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return dict(re.findall(r"^(Ends|Reason|Needs|Costs|Weighs): (.*)$", docstring, re.MULTILINE))


@pytest.fixture
def tiny_task(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(seed: int, size: Size) -> Exam:
        return tiny.make(seed, size, world.facts)

    task = Task(tiny.TASK.name, "", 1, tiny.TASK.metric, make, tiny.score)
    monkeypatch.setattr(catalog, "load", lambda name: task)
    monkeypatch.setattr(trial, "Limits", lambda seconds: LIMITS)
    trial._exam.cache_clear()


def children(nursery: Nursery) -> list[int]:
    """Return the processes of this machine whose parent is the nursery, dead ones included."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parents[int(name)] = int(
                Path(f"/proc/{name}/stat").read_text().rsplit(")")[-1].split()[1]
            )
        except OSError:
            continue
    return [pid for pid, parent in parents.items() if parent == nursery.process.pid]


@pytest.mark.usefixtures("tiny_task")
@pytest.mark.parametrize("path", CHEATS, ids=lambda path: path.stem)
def test_a_cheat_ends_as_it_deserves_and_changes_nothing(
    path: Path,
    nursery: Nursery,
    layers: tuple[str, ...],
    world: World,
    tmp_path: Path,
) -> None:
    deserves = deserved(path)
    for layer in filter(None, deserves.get("Needs", "").split(", ")):
        if not any(name.split()[0] == layer for name in layers):
            pytest.skip(f"this machine does not offer {layer}")
    before = world.look()

    ended = examine(tiny.item(tiny.submission(tmp_path, path.read_text(), path.stem)), nursery)

    assert (ended.status, ended.reason) == (deserves["Ends"], ended.reason)
    assert re.search(deserves.get("Reason", ""), ended.reason)
    assert ended.extra.get("won", 0.0) == 0.0
    assert ended.status != "ok" or ended.fit_seconds >= float(deserves.get("Costs", 0.0))
    assert ended.artifact_bytes >= int(deserves.get("Weighs", 0))
    assert world.look() == before
    assert children(nursery) == []
    process = nursery.start(tiny.submission(tmp_path), "fit", LIMITS)
    train = tiny.make(0, "smoke").train
    assert process.call(train)[0]["W"].shape == (tiny.N_FEATURES, tiny.N_OUTPUTS)
    process.close()
    assert os.listdir(nursery.scratch) == []
