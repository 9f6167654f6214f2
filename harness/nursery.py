"""The nursery: one process that has torch imported and nothing else, and forks every phase.

A fresh interpreter with torch costs seconds of processor time, a fork of this process some ten
milliseconds. Where a fork will not do (an accelerator's driver does not survive one, nor do the
system libraries of macOS), the fork starts a fresh interpreter. It never holds data or code of a
task, never starts a second thread (a fork from a process that ever ran two threads hangs as soon
as the child uses two), and locks itself in so that public copies of data are out of its
children's reach.

It is started as `python -I -c ...` with one socket. A request is a JSON object, its length ahead,
with descriptors (`SCM_RIGHTS`): the phase's channel, its output pipe, its report pipe. On the
report pipe go first the child's process number and then, when its whole group is dead, what the
kernel counted.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import struct
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import harness
from harness import confine

PRELOAD = (
    "numpy",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.sparse.linalg",
    "scipy.special",
    "scipy.stats",
    "torch",
    "torch._dynamo",  # the first optimizer of a process would import it: over a second
    "torch.nn.functional",
    "torch.func",
    "harness.worker",
)
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}
LENGTH = struct.Struct("<I")
FRESH = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("harness", sys.argv[2])
sys.modules["harness"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["harness"])
from harness.worker import main
main()
"""
"""What a fresh interpreter runs: no search finds this package, the folder around it is closed."""


def main(descriptor: int) -> None:
    """Serve requests on the socket `descriptor` until the examiner closes it."""
    from harness import runtime

    control = socket.socket(fileno=descriptor)
    settings, _ = receive(control)
    if not settings["fresh"]:
        load()
    with contextlib.suppress(OSError):
        confine.adopt_orphans()
    reply = {"masked": _mask(settings)}
    gc.collect()
    gc.disable()
    gc.freeze()
    _collapse()
    with contextlib.suppress(BrokenPipeError, EOFError):  # the examiner ended meanwhile
        send(control, reply)
        _serve(control)
    runtime.remove(settings["scratch"])  # where the examiner was killed nobody else does


def send(control: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send a JSON object, with descriptors to go with it."""
    text = json.dumps(message).encode()
    socket.send_fds(control, [LENGTH.pack(len(text))], descriptors)
    control.sendall(text)


def receive(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Receive what `send` sent; `EOFError` where the other side is gone."""
    head, descriptors, _, _ = socket.recv_fds(control, LENGTH.size, 3)
    text = bytearray()
    length = LENGTH.unpack(head)[0] if head else 0
    while len(text) < length and (part := control.recv(length - len(text))):
        text += part
    if not text or len(text) < length:
        raise EOFError
    return json.loads(text), descriptors


def load() -> None:
    """Import what every phase finds imported, and take a first step with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in PRELOAD:
            importlib.import_module(name)
    from harness import catalog

    catalog.adopt("submissions")  # public, and references build on baselines
    _first_step()


def _first_step() -> None:
    """Take one training step, so that no child pays for what the first one sets up."""
    import torch

    torch.set_num_threads(1)
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(model.parameters())
    loss = torch.nn.functional.mse_loss(model(torch.zeros(1, 2)), torch.zeros(1, 2))
    torch.autograd.backward(loss)
    optimizer.step()


def _collapse() -> None:
    """Move memory to huge pages where the kernel can: a fork copies one entry a page.

    A fork and its end then cost 9 ms of processor time instead of 24 (Linux 6.18, 350 MB). See
    MADV_COLLAPSE in madvise(2); kernels before 6.1 refuse, and nothing is lost.
    """
    if not sys.platform.startswith("linux"):
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = [ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]
    huge = 2 << 20
    with open("/proc/self/maps") as maps:
        mappings = [line.split() for line in maps]
    for span, rights, *_, name in (fields + [""] * (6 - len(fields)) for fields in mappings):
        if rights == "rw-p" and name in ("", "[heap]"):
            start, end = (int(address, 16) for address in span.split("-"))
            start, end = -(-start // huge) * huge, end // huge * huge
            if start < end:
                madvise(start, end - start, 25)  # MADV_COLLAPSE


def _mask(settings: dict[str, Any]) -> str:
    """Close the masked paths for this process and every child; say how it went."""
    if {"landlock", "masked data"} & set(settings["skip"]):
        return "left out on request"
    rules = [
        (path, rights | confine.EXECUTE)  # for fresh interpreters, which give it up
        for root in settings["readable"]
        for path, rights in confine.readable_except(root, settings["masked"])
    ]
    rules += [("/proc", confine.READ), ("/dev", confine.READ)]
    rules += [(settings["scratch"], confine.WRITE), *confine.devices(accelerator=True)]
    try:
        return f"landlock {confine.landlock(rules)}"
    except OSError as error:
        return str(error)


def _serve(control: socket.socket) -> None:
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    reports: dict[int, int] = {}
    cut: set[int] = set()
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(wake_read, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if wake_read in ready:
                os.read(wake_read, 4096)
                _reap(reports, cut)
            if control.fileno() in ready:
                try:
                    request, descriptors = receive(control)
                except EOFError:
                    break
                if "kill" in request:
                    if request["kill"] in reports:  # not yet reaped, so the number is still its own
                        cut.add(request["kill"])
                        _kill_group(request["kill"])
                else:
                    channel, output, report = descriptors
                    pid = _fork(request["job"], channel, output)
                    reports[pid] = report
                    os.write(report, json.dumps({"pid": pid}).encode() + b"\n")
    for pid in reports:
        _kill_group(pid)
        os.waitpid(pid, 0)


def _fork(job: dict[str, Any], channel: int, output: int) -> int:
    pid = os.fork()
    if pid:
        os.close(channel)
        os.close(output)
        return pid
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    if channel != 3:
        os.dup2(channel, 3)
    os.set_inheritable(3, True)
    os.closerange(4, 1 << 16)
    scratch = job["scratch"]
    os.environ.clear()
    os.environ.update(ONE_THREAD, HOME=scratch, TMPDIR=scratch, LANG="C.UTF-8", PATH="")
    if job["fresh"]:
        with contextlib.suppress(OSError):
            confine.die_with_parent()  # holds through the exec, and while it imports
        arguments = [json.dumps(job), harness.__file__]
        os.execv(sys.executable, [sys.executable, "-I", "-c", FRESH, *arguments])
    from harness.worker import Job, live

    live(Job(**job), socket.socket(fileno=3))


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _end_orphans(reports: dict[int, int]) -> None:
    """End what a phase left behind in sessions of its own, where no seccomp forbade it.

    Each death hands its children on to this process, until none is left.
    """
    own = os.getpid()
    with contextlib.suppress(OSError, ChildProcessError):
        for _ in range(10_000):
            with open(f"/proc/self/task/{own}/children") as children:
                orphans = [pid for pid in map(int, children.read().split()) if pid not in reports]
            for pid in orphans:
                _kill_group(pid)
            for pid in orphans:
                os.waitpid(pid, 0)
            if not orphans:
                return


def _reap(reports: dict[int, int], cut: set[int]) -> None:
    for pid in list(reports):
        if hasattr(os, "waitid"):  # macOS has it from Python 3.13 on
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            _kill_group(pid)  # whatever it left behind, while its number is still its own
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if not ended:
            continue
        _kill_group(pid)
        report = {
            "exit": os.waitstatus_to_exitcode(status),
            "cut": pid in cut,  # it lived until the examiner asked for its end
            "seconds": usage.ru_utime + usage.ru_stime,
            "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        }
        cut.discard(pid)
        descriptor = reports.pop(pid)
        _end_orphans(reports)
        with contextlib.suppress(OSError):
            os.write(descriptor, json.dumps(report).encode() + b"\n")
        os.close(descriptor)
