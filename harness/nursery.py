"""The nursery: one process that has torch imported and nothing else, and forks every phase.

A fresh interpreter with torch costs seconds of processor time, a fork of this process some ten
milliseconds. It never holds data or code of a task, never starts a second thread (a fork from a
process that ever ran two threads hangs as soon as the child uses two), and locks itself in so
that public copies of data are out of its children's reach.

It is started as `python -I -c ...` with one socket. A request is a JSON object with descriptors
(`SCM_RIGHTS`): the phase's channel, its output pipe, its report pipe. On the report pipe go first
the child's process number and then, when its whole group is dead, what the kernel counted.
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
import sys
import warnings
from typing import Any

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


def main(descriptor: int) -> None:
    """Serve requests on the socket `descriptor` until the examiner closes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in PRELOAD:
            importlib.import_module(name)
    from harness import catalog, runtime

    catalog.adopt("submissions")  # public, and references build on baselines
    _first_step()
    control = socket.socket(fileno=descriptor)
    settings = json.loads(control.recv(1 << 16))
    reply = json.dumps({"masked": _mask(settings)}).encode()
    gc.collect()
    gc.disable()
    gc.freeze()
    _collapse()
    with contextlib.suppress(BrokenPipeError):  # the examiner ended meanwhile
        control.send(reply)
        _serve(control)
    runtime.remove(settings["scratch"])  # where the examiner was killed nobody else does


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
    from harness import confine

    if "landlock" in settings["skip"]:
        return "left out on request"
    rules = [
        rule
        for root in settings["readable"]
        for rule in confine.readable_except(root, settings["masked"])
    ]
    rules += [("/proc", confine.READ), ("/dev", confine.READ)]
    rules += [(settings["scratch"], confine.WRITE)]
    rules += [(f"/dev/{name}", confine.WRITE) for name in ("null", "zero", "urandom", "random")]
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
                message, descriptors, _, _ = socket.recv_fds(control, 1 << 20, 3)
                if not message:
                    break
                request = json.loads(message)
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
    os.closerange(4, 1 << 16)
    scratch = job["scratch"]
    os.environ.clear()
    os.environ.update(ONE_THREAD, HOME=scratch, TMPDIR=scratch, LANG="C.UTF-8", PATH="")
    from harness.worker import Job, live

    live(Job(**job), socket.socket(fileno=3))


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _reap(reports: dict[int, int], cut: set[int]) -> None:
    for pid in list(reports):
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            continue
        _kill_group(pid)  # whatever it left behind, while its number is still its own
        _, status, usage = os.wait4(pid, 0)
        report = {
            "exit": os.waitstatus_to_exitcode(status),
            "cut": pid in cut,  # it lived until the examiner asked for its end
            "seconds": usage.ru_utime + usage.ru_stime,
            "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        }
        cut.discard(pid)
        descriptor = reports.pop(pid)
        with contextlib.suppress(OSError):
            os.write(descriptor, json.dumps(report).encode() + b"\n")
        os.close(descriptor)
