"""The probe: a submission of ours that tries from inside what the wall promises to deny.

`harness doctor` runs it as it runs any submission. It is told where things are and knows nothing
that is secret; it imports numpy and the standard library alone, and leaves everything as it was,
whatever it reaches. What it cannot find out from inside (its clock, its memory's watch) it does
in `predict`, where its end is the answer.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

DENIED, GOT_THROUGH, NOT_TRIED = 0, 1, 2
World = Mapping[str, Any]
"""Where things are: `doctor.world` says what."""


class Aimless(Exception):
    """There is nothing here that the attack could aim at."""


@dataclass(frozen=True)
class Attack:
    """One thing that a submission may not do."""

    does: str
    """A few words that go on from 'a submission ...'."""
    by: tuple[str, ...]
    """The layers of the wall each of which denies it alone, with the first version that does."""
    attempt: Callable[[World], bool]
    """Whether it got through; an `OSError` says no."""


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _done(result: int) -> bool:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return True


# ---------------------------------------------------------------------------------------------
# Files


def _read(path: str | None) -> bool:
    if not path:
        raise Aimless
    with open(path, "rb") as file:
        return bool(file.read(1))


def _write(path: str) -> bool:
    with open(path, "x"):
        pass
    with contextlib.suppress(OSError):
        os.unlink(path)
    return True


def _read_closed(world: World) -> bool:
    os.close(os.open("closed", os.O_CREAT | os.O_WRONLY, 0o000))
    return os.open("closed", os.O_RDONLY) >= 0


def _change_mode(world: World) -> bool:
    os.chmod(world["file"], os.stat(world["file"]).st_mode & 0o7777)
    return True


def _shorten(world: World) -> bool:
    os.truncate(world["file"], os.stat(world["file"]).st_size)
    return True


# ---------------------------------------------------------------------------------------------
# Other processes


def _mapped_memory(world: World) -> bool:
    with open(f"/proc/{world['examiner']}/mem", "rb", buffering=0) as memory:
        memory.seek(world["address"])
        return bool(memory.read(1))


class _Span(ctypes.Structure):
    """struct iovec."""

    _fields_ = [("start", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def _copied_memory(world: World) -> bool:
    buffer = ctypes.create_string_buffer(1)
    mine, theirs = _Span(ctypes.addressof(buffer), 1), _Span(world["address"], 1)
    copy = _libc().process_vm_readv
    return _done(copy(world["examiner"], ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0))


def _signal(process: int) -> bool:
    os.kill(process, 0)  # no signal, and the same permissions
    return True


def _trace(process: int) -> bool:
    """Attach as a debugger and let go again at once."""
    PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000
    trace = _libc().ptrace
    trace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
    trace.restype = ctypes.c_long
    _done(trace(PTRACE_SEIZE, process, None, None))
    trace(PTRACE_INTERRUPT, process, None, None)  # only one that stands can be let go
    os.waitpid(process, WALL)
    trace(PTRACE_DETACH, process, None, None)
    return True


def _inherited_file(world: World) -> bool:
    for number in range(3, 256):
        with contextlib.suppress(OSError):
            found = os.fstat(number)
            if (found.st_dev, found.st_ino) == (world["device"], world["inode"]):
                return True
    return False


def _inherited_variable(world: World) -> bool:
    with contextlib.suppress(OSError):
        if world["variable"].encode() in Path("/proc/self/environ").read_bytes():
            return True
    return world["variable"] in os.environ


def _fork(world: World) -> bool:
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    return True


def _start_program(world: World) -> bool:
    return subprocess.run([sys.executable, "-I", "-S", "-c", ""], env={}).returncode == 0


def _outlive(world: World) -> bool:
    PR_GET_PDEATHSIG = 2
    chosen = ctypes.c_int(0)
    _done(_libc().prctl(PR_GET_PDEATHSIG, ctypes.byref(chosen), 0, 0, 0))
    return chosen.value != signal.SIGKILL


def _cancel_death(world: World) -> bool:
    PR_SET_PDEATHSIG = 1
    libc = _libc()
    _done(libc.prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0))
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    return True


# ---------------------------------------------------------------------------------------------
# Sockets and memory that others see


def _tcp(world: World) -> bool:
    socket.create_connection(("127.0.0.1", world["tcp"]), timeout=2).close()
    return True


def _udp(world: World) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return sender.sendto(b"x", ("127.0.0.1", world["udp"])) == 1


def _unix(address: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(2)
        caller.connect(address)
    return True


def _segment(world: World) -> bool:
    if not world["segment"]:
        raise Aimless
    return _done(_libc().shmget(world["segment"], 1, 0o600))


def _shared_mapping(world: World) -> bool:
    mmap.mmap(-1, 4096).close()
    return True


def _lock(world: World) -> bool:
    """Lock a file that every phase may read: others can see that."""
    with open(sys.executable, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return True


def _anonymous_file(world: World) -> bool:
    descriptor = os.memfd_create("hoard")
    os.close(descriptor)
    return True


# ---------------------------------------------------------------------------------------------
# Limits


def _reserve(world: World) -> bool:
    """Map private memory far beyond the limit without touching it."""
    mmap.mmap(-1, 4 * world["memory"], mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    return True


def _large_file(world: World) -> bool:
    try:
        with open("large", "wb") as file:
            file.seek(world["file_size"])
            file.write(b"x")
        return True
    finally:
        with contextlib.suppress(OSError):
            os.unlink("large")


def _many_files(world: World) -> bool:
    held: list[int] = []
    try:
        for _ in range(world["open_files"]):
            held.append(os.open(os.devnull, os.O_RDONLY))
        return True
    finally:
        for descriptor in held:
            os.close(descriptor)


def _raise_limit(world: World) -> bool:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard + 1))
    return True


# ---------------------------------------------------------------------------------------------

ATTACKS: dict[str, Attack] = {
    "variable": Attack("knows a variable of your environment", ("process",), _inherited_variable),
    "inherited": Attack("holds a file that you have open", ("process",), _inherited_file),
    "outlive": Attack("outlives the examiner", ("death with the parent",), _outlive),
    "cancel": Attack("cancels its death with the parent", ("seccomp",), _cancel_death),
    "reserve": Attack("maps four times its memory", ("limits",), _reserve),
    "large": Attack("writes a file beyond its limit", ("limits",), _large_file),
    "many": Attack("opens more files than its limit", ("limits",), _many_files),
    "raise": Attack("raises its limits", ("seccomp", "capabilities", "namespaces"), _raise_limit),
    "root": Attack(
        "opens what is closed to all but root", ("capabilities", "namespaces"), _read_closed
    ),
    "file": Attack("reads a file of yours", ("landlock",), lambda w: _read(w["file"])),
    "home": Attack("lists your home folder", ("landlock",), lambda w: bool(os.listdir(w["home"]))),
    "store": Attack("reads the store", ("landlock",), lambda w: _read(w["store"])),
    "other": Attack("reads another submission", ("landlock",), lambda w: _read(w["other"])),
    "masked": Attack("reads a public copy of data", ("masked data",), lambda w: _read(w["masked"])),
    "write": Attack("writes a file beside yours", ("landlock",), lambda w: _write(w["note"])),
    "library": Attack("writes among the libraries", ("landlock",), lambda w: _write(w["library"])),
    "shared": Attack("leaves a file in /dev/shm", ("landlock",), lambda w: _write(w["shared"])),
    "truncate": Attack("shortens a file of yours", ("seccomp", "landlock 3"), _shorten),
    "mode": Attack("changes the mode of your file", ("seccomp",), _change_mode),
    "environ": Attack(
        "reads the examiner's environment",
        ("landlock", "namespaces"),
        lambda w: _read(f"/proc/{w['examiner']}/environ"),
    ),
    "listing": Attack(
        "lists the examiner's open files",
        ("landlock",),
        lambda w: bool(os.listdir(f"/proc/{w['examiner']}/fd")),
    ),
    "descriptor": Attack(
        "reads the examiner's open files",
        ("landlock", "namespaces"),
        lambda w: _read(f"/proc/{w['examiner']}/fd/{w['descriptor']}"),
    ),
    "memory": Attack("reads the examiner's memory", ("landlock", "namespaces"), _mapped_memory),
    "copy": Attack(
        "copies the examiner's memory", ("seccomp", "landlock", "namespaces"), _copied_memory
    ),
    "trace": Attack(
        "debugs the examiner",
        ("seccomp", "landlock", "namespaces"),
        lambda w: _trace(w["examiner"]),
    ),
    "debug": Attack(
        "debugs the nursery",
        ("seccomp", "landlock", "namespaces"),
        lambda w: _trace(w["nursery"]),
    ),
    "signal": Attack(
        "signals the examiner", ("seccomp", "landlock 6"), lambda w: _signal(w["examiner"])
    ),
    "nursery": Attack(
        "signals the nursery", ("seccomp", "landlock 6"), lambda w: _signal(w["nursery"])
    ),
    "fork": Attack("starts a process", ("seccomp",), _fork),
    "program": Attack("starts a program", ("seccomp", "landlock"), _start_program),
    "tcp": Attack("connects by TCP", ("seccomp", "namespaces", "landlock 4"), _tcp),
    "udp": Attack("sends by UDP", ("seccomp", "namespaces"), _udp),
    "unix": Attack("connects to a local socket", ("seccomp",), lambda w: _unix(w["unix"])),
    "abstract": Attack(
        "connects to an abstract socket",
        ("seccomp", "namespaces", "landlock 6"),
        lambda w: _unix("\0" + w["abstract"]),
    ),
    "segment": Attack("finds a System V segment", ("seccomp", "namespaces"), _segment),
    "lock": Attack("locks a file for others to see", ("seccomp",), _lock),
    "mapping": Attack("maps memory that no limit counts", ("seccomp",), _shared_mapping),
    "anonymous": Attack("holds memory in a nameless file", ("seccomp",), _anonymous_file),
}


def fit(train: Mapping[str, np.ndarray], context: Any) -> dict[str, np.ndarray]:
    """Try everything; return 0 (denied), 1 (got through) or 2 (nothing to try) by name."""
    found = {}
    for name, attack in ATTACKS.items():
        try:
            outcome = GOT_THROUGH if attack.attempt(context.facts) else DENIED
        except Aimless:
            outcome = NOT_TRIED
        except (OSError, ValueError, AttributeError):  # a system may lack the very call
            outcome = DENIED
        found[name] = np.array(outcome)
    return found


def predict(
    artifact: Mapping[str, np.ndarray], inputs: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Hold `bytes` of memory, then run for `seconds`."""
    held = bytearray(b"x") * int(inputs["bytes"])
    end = time.monotonic() + float(inputs["seconds"])
    while time.monotonic() < end:
        pass
    return {"held": np.array(len(held))}
