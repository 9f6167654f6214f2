"""The examiner's side of the wall: start a phase, talk to it, limit it, count it, end it.

Time, memory and limits are taken from outside: processor time and peak memory from the kernel
when the process is dead, the clock and resident memory while it lives. A phase that breaks a
limit is killed with its whole group. Nothing that a phase says is believed before it is checked.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harness import wire
from harness.nursery import ONE_THREAD, receive, send
from harness.runtime import (
    bundled_data,
    disk_use,
    installed_submissions,
    memory_and_threads,
    nameless_bytes,
    place,
    remove,
    runtime,
)
from harness.vocabulary import Arrays, Facts, Oracle, Refused, Status, Submission
from harness.worker import Job

MiB = 1 << 20
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Has glibc ask for huge pages at once, which saves most of `nursery._collapse`."""
LOOK = 0.05
"""Seconds between two looks at a running phase."""


class Ended(Exception):
    """A phase ended otherwise than by an answer: the trial's status and its one-line reason."""

    def __init__(self, status: Status, reason: str) -> None:
        # Parts of it are the submission's words, and it ends in terminals, stores and pages.
        self.reason = "".join(letter if letter.isprintable() else "\ufffd" for letter in reason)
        super().__init__(self.reason)
        self.status = status


class Unprotected(Refused):
    """A layer of the wall was required that this machine lacks."""


class Cancelled(Exception):
    """The examiner needs no answer any more."""


@dataclass(frozen=True)
class Limits:
    """What one phase may use: wall-clock seconds a call, bytes, files, threads."""

    seconds: float
    memory: int = 3072 * MiB
    file_size: int = 64 * MiB
    disk: int = 256 * MiB
    files: int = 5000
    output: int = 1 * MiB
    open_files: int = 256
    threads: int = 256


@dataclass(frozen=True)
class Usage:
    """What one phase used, measured from outside."""

    seconds: float
    """Processor time of the process since the wall stood, plus the oracle's on its behalf."""
    wall: float
    """The clock on the wall since then."""
    peak_bytes: int
    holding: tuple[str, ...]
    missing: tuple[str, ...]
    printed: str
    """The end of what it wrote to stdout and stderr."""


class Nursery:
    """A running nursery; use it as a context manager.

    Parameters
    ----------
    required
        Layers without which no phase is started ("landlock", "seccomp", "namespaces", ...).
    skip
        Layers left out on purpose.
    observe
        Called now and then with (phase, resident bytes) while a phase runs.
    masked
        Paths below the runtime whose contents no phase may read.
    fresh
        Start every phase in a fresh interpreter, which costs seconds, and not as a fork; None:
        where forks are not safe. Phases on an accelerator always are.
    """

    def __init__(
        self,
        required: Sequence[str] = (),
        skip: Sequence[str] = (),
        observe: Callable[[str, int], None] | None = None,
        masked: Sequence[str] | None = None,
        fresh: bool | None = None,
    ) -> None:
        self.required = tuple(required)
        self.skip = list(skip)
        self.observe = observe
        self.fresh = not sys.platform.startswith("linux") if fresh is None else fresh
        self.masked = list(masked or ())
        if masked is None:
            self.masked = [*bundled_data(), *installed_submissions()]
        self.readable = runtime()
        self.scratch = tempfile.mkdtemp(prefix="harness-")
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-c",
                    f"from harness.nursery import main; main({theirs.fileno()})",
                ],
                pass_fds=[theirs.fileno()],
                env={**ONE_THREAD, **HUGE_PAGES, "HOME": self.scratch, "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the examiner
            )
        self.control = ours
        settings = {
            "readable": self.readable,
            "masked": self.masked,
            "scratch": self.scratch,
            "skip": self.skip,
            "fresh": self.fresh,
        }
        try:
            send(ours, settings)
        except ConnectionError:
            raise RuntimeError("The nursery ended before it could be told anything.") from None
        self._awake = False
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the nursery and every phase that still runs."""
        self.control.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        remove(self.scratch)

    def wait(self) -> None:
        """Return once the nursery has its libraries loaded and its own wall up."""
        with self._lock:
            if not self._awake:
                try:
                    receive(self.control)
                except (EOFError, ConnectionError):
                    code = self.process.wait()
                    raise RuntimeError(
                        f"The nursery ended at its start with exit code {code}."
                    ) from None
                self._awake = True

    def start(
        self,
        submission: Submission,
        phase: str,
        limits: Limits,
        *,
        seed: int = 0,
        threads: int = 1,
        device: str = "cpu",
        stop: threading.Event | None = None,
    ) -> Process:
        """Fork one phase of a submission; it waits behind the wall for calls.

        Raises
        ------
        Unprotected
            A required layer is missing on this machine.
        """
        self.wait()
        scratch = tempfile.mkdtemp(prefix=f"{phase}-", dir=self.scratch)
        try:
            place(submission, Path(scratch, "submission"))
        except BaseException:
            remove(scratch)
            raise
        job = Job(
            phase=phase,
            module=submission.module,
            scratch=scratch,
            readable=self.readable,
            masked=self.masked,
            seed=seed,
            seconds=limits.seconds,
            threads=threads,
            device=device,
            memory=limits.memory + 1024 * MiB,  # so that the watch, which says why, comes first
            file_size=limits.file_size,
            open_files=limits.open_files,
            skip=self.skip,
            fresh=self.fresh or device != "cpu",
        )
        channel, theirs = socket.socketpair()
        output_read, output_write = os.pipe()
        report_read, report_write = os.pipe()
        try:
            with self._lock:
                ends = [theirs.fileno(), output_write, report_write]
                send(self.control, {"job": asdict(job)}, ends)
        finally:
            theirs.close()
            os.close(output_write)
            os.close(report_write)
        process = Process(self, phase, scratch, limits, channel, output_read, report_read, stop)
        absent = [name for name in self.required if not process.holds(name)]
        if absent:
            missing = "; ".join(process.missing)
            process.close()
            raise Unprotected(
                f"This machine does not offer the required isolation {', '.join(absent)!r} "
                f"({missing}). Leave out --isolation require:... to run with what there is."
            )
        return process

    def kill(self, pid: int) -> None:
        """Kill the group of a phase, if it still lives."""
        with contextlib.suppress(OSError), self._lock:
            send(self.control, {"kill": pid})


class Process:
    """One phase behind the wall."""

    def __init__(
        self,
        nursery: Nursery,
        phase: str,
        scratch: str,
        limits: Limits,
        channel: socket.socket,
        output: int,
        report: int,
        stop: threading.Event | None,
    ) -> None:
        self.nursery, self.phase, self.scratch, self.limits = nursery, phase, scratch, limits
        self.channel, self.output = channel, output
        self.report = os.fdopen(report, "rb", buffering=0)
        self.stop = stop
        self.printed = bytearray()
        self.n_printed = 0
        self.oracle_seconds = 0.0
        self.begun = time.monotonic()
        self.usage: Usage | None = None
        self._looked = self._looked_at_disk = self.begun
        self._cut = False
        channel.setblocking(False)
        os.set_blocking(output, False)
        first = self.report.readline()
        if not first:
            raise RuntimeError("The nursery is gone.")
        self.pid = int(json.loads(first)["pid"])
        self.deadline = time.monotonic() + 30 + limits.seconds
        self.holding: tuple[str, ...] = ()
        self.missing: tuple[str, ...] = ()
        try:
            ready = self._receive()
        except Ended as end:  # no line of the submission has run: it is not to blame
            said = self.printed.decode(errors="replace").strip()
            raise RuntimeError(f"A phase ended before its wall stood. {end}\n{said}") from None
        self.begun = time.monotonic()
        self.overhead = float(ready.facts["processor_seconds"])
        self.holding = tuple(ready.facts["holding"])
        self.missing = tuple(ready.facts["missing"])

    def holds(self, layer: str) -> bool:
        """Whether a layer of the wall stands."""
        return any(name == layer or name.startswith(layer + " ") for name in self.holding)

    def call(
        self, arrays: Arrays, facts: Facts | None = None, oracle: Oracle | None = None
    ) -> tuple[Arrays, Facts]:
        """Call the submission's function once and return what it returned.

        Raises
        ------
        Ended
            It raised, broke a rule, went over a limit or ended without an answer.
        """
        return self._call({"facts": facts or {}, "oracle": oracle is not None}, arrays, oracle)

    def hand(self, artifact: Arrays) -> None:
        """Give a `predict` phase the artifact that its calls will get."""
        self._call({"artifact": True}, artifact, None)

    def _call(
        self, facts: dict[str, Any], arrays: Arrays, oracle: Oracle | None
    ) -> tuple[Arrays, Facts]:
        self.deadline = time.monotonic() + self.limits.seconds
        self._send(wire.pack(wire.CALL, facts, arrays))
        while True:
            frame = self._receive()
            if frame.kind == wire.RESULT:
                return frame.arrays, frame.facts
            if frame.kind == wire.ERROR:
                status: Status = "refused" if frame.facts.get("refused") is True else "failed"
                message = " ".join(str(frame.facts.get("message", "")).split())[:600]
                self._end(status, message or "It failed and said nothing.")
            if frame.kind == wire.QUESTION and oracle is not None:
                start = time.thread_time()
                try:
                    answer = oracle(frame.arrays)
                except Refused as refusal:
                    self._end("refused", str(refusal))
                message_out = wire.pack(wire.ANSWER, {}, answer)
                self.oracle_seconds += time.thread_time() - start
                self._send(message_out)
            else:
                self._end("refused", f"{self.phase} sent a message of unknown kind {frame.kind!r}.")

    def close(self) -> Usage:
        """End the phase, wait until its whole group is dead, and return what it used."""
        if self.usage is None:
            wall = time.monotonic() - self.begun
            if self.report.closed:
                raise RuntimeError("The nursery is gone.")
            self.channel.close()
            if not select.select([self.report], [], [], 0.2)[0]:
                self.nursery.kill(self.pid)
            line = self.report.readline()
            with contextlib.suppress(OSError):
                self._drain()
            os.close(self.output)
            self.report.close()
            remove(self.scratch)
            if not line:
                raise RuntimeError("The nursery is gone.")
            report = json.loads(line)
            self.exit, self._cut = int(report["exit"]), bool(report["cut"])
            overhead = getattr(self, "overhead", 0.0)
            self.usage = Usage(
                seconds=max(0.0, report["seconds"] - overhead) + self.oracle_seconds,
                wall=wall,
                peak_bytes=int(report["peak_bytes"]),
                holding=self.holding,
                missing=self.missing,
                printed=self.printed.decode(errors="replace"),
            )
        return self.usage

    # -----------------------------------------------------------------------------------------

    def _end(self, status: Status, reason: str) -> None:
        self.nursery.kill(self.pid)
        self.close()
        raise Ended(status, reason)

    def _lost(self) -> None:
        """Say how the process ended, now that its channel broke."""
        self.close()
        if self._cut and self.exit == -signal.SIGKILL:
            raise Ended("refused", f"{self.phase} closed its channel and gave no answer.")
        if self.exit < 0:
            try:
                name = signal.Signals(-self.exit).name
            except ValueError:
                name = f"signal {-self.exit}"
            status: Status = "killed" if name in ("SIGKILL", "SIGXCPU", "SIGXFSZ") else "failed"
            raise Ended(status, f"{self.phase} was ended by {name} without an answer.")
        raise Ended("failed", f"{self.phase} left with exit code {self.exit} and no answer.")

    def _send(self, message: bytes) -> None:
        view = memoryview(message)
        while view:
            self._look()
            self._watch(select.POLLOUT)
            try:
                view = view[self.channel.send(view) :]
            except BlockingIOError:
                continue
            except OSError:
                self._lost()

    def _receive(self) -> wire.Frame:
        try:
            return wire.unpack(self._read, self.phase)
        except Refused as refusal:
            self._end("refused", str(refusal))
            raise

    def _read(self, n: int) -> bytearray:
        buffer = bytearray(n)
        view = memoryview(buffer)
        while view:
            self._look()  # even while bytes come: they may come one by one
            try:
                got = self.channel.recv_into(view)
            except BlockingIOError:
                self._watch(select.POLLIN)
                continue
            except OSError:
                got = 0
            if not got:
                self._lost()
            view = view[got:]
        return buffer

    def _watch(self, event: int) -> None:
        """Wait until the channel is ready, keeping an eye on every limit."""
        poll = select.poll()
        poll.register(self.channel, event)
        poll.register(self.output, select.POLLIN)
        while True:
            ready = dict(poll.poll(LOOK * 1000))
            if self.output in ready and not self._drain():
                poll.unregister(self.output)
            if self.n_printed > self.limits.output:
                self._end(
                    "killed", f"{self.phase} printed more than {self.limits.output / MiB:g} MiB."
                )
            if self.channel.fileno() in ready:
                return
            self._look()

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK:
            return
        self._looked = now
        if self.stop is not None and self.stop.is_set():
            self.nursery.kill(self.pid)
            self.close()
            raise Cancelled
        if now > self.deadline:
            self._end("killed", f"{self.phase} ran longer than {self.limits.seconds:g} s.")
        resident, n_threads = memory_and_threads(self.pid)
        if self.nursery.observe is not None:
            self.nursery.observe(self.phase, resident)
        if resident > self.limits.memory:
            self._end(
                "killed",
                f"{self.phase} held {resident / MiB:.0f} MiB of memory; "
                f"{self.limits.memory / MiB:.0f} MiB are allowed.",
            )
        if n_threads > self.limits.threads:
            self._end(
                "killed",
                f"{self.phase} ran {n_threads} threads; {self.limits.threads} are allowed.",
            )
        if now - self._looked_at_disk > 10 * LOOK:
            self._looked_at_disk = now
            n_bytes, n_files = disk_use(self.scratch, self.limits.files + 1)
            n_bytes += nameless_bytes(self.pid, self.scratch, self.limits.file_size)
            if n_bytes > self.limits.disk or n_files > self.limits.files:
                self._end(
                    "killed",
                    f"{self.phase} wrote {n_bytes / MiB:.0f} MiB in {n_files} files; "
                    f"{self.limits.disk / MiB:.0f} MiB in {self.limits.files} files are allowed.",
                )

    def _drain(self) -> bool:
        """Take what was printed; False when nothing more can come."""
        try:
            text = os.read(self.output, 1 << 16)
        except BlockingIOError:
            return True
        self.printed += text
        self.n_printed += len(text)
        del self.printed[:-8192]
        return bool(text)
