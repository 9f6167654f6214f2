"""Where trials run: examiner processes on this machine, one a core, each with its own nursery.

An examiner is ours and trusted: it draws exams, answers oracles and scores. It stays on one core
with everything it starts, so that a submission and its pacer share that core. The seam is
`concurrent.futures.Executor`: a work item is a plain `Item`, its result a plain `Trial`.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import multiprocessing
import os
import signal
import subprocess
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from harness.nursery import ONE_THREAD
from harness.runtime import CLAIMED, claim, release
from harness.sandbox import Nursery
from harness.trial import Item, draw, examine
from harness.vocabulary import Refused, Trial

Event = tuple[int, str, str, int, str, int]
"""Examiner, task, submission, seed, phase, resident bytes."""

SEAT = "seat-"
"""Prefix of the files in a run's folder that tell other runs which cores its examiners use."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class Fault(Exception):
    """The harness itself failed; the message is one line, or the traceback of the examiner."""


class _Examiner:
    """What an examiner process keeps between trials."""

    def __init__(self, events: SimpleQueue[Event], wall: dict[str, Any]) -> None:
        self.events = events
        self.current: Item | None = None
        self.told = 0.0
        self.wall = wall

    @functools.cached_property
    def nursery(self) -> Nursery:
        return Nursery(observe=self.observe, **self.wall)

    def lost(self) -> int | None:
        """Let go of a nursery that has died and return its exit code; None while it lives."""
        nursery = self.__dict__.get("nursery")
        if nursery is None:
            return None
        try:
            code = nursery.process.wait(0.2)  # its sockets close before the kernel tells of its end
        except subprocess.TimeoutExpired:
            return None
        nursery.close()
        del self.nursery
        return int(code)

    def observe(self, phase: str, resident: int) -> None:
        now = time.monotonic()
        if self.current is not None and now - self.told > 0.5:
            self.told = now
            item = self.current
            self.events.put(
                (os.getpid(), item.round.task, item.submission.name, item.seed, phase, resident)
            )


_examiner: _Examiner | None = None


def _begin(cores: Any, events: SimpleQueue[Event], scratch: str, wall: dict[str, Any]) -> None:
    global _examiner
    tempfile.tempdir = scratch
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that stores
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(OSError):
        from harness.confine import hide_from_debuggers

        hide_from_debuggers()
    core = cores.get()
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    _examiner = _Examiner(events, wall)


def _end_with_parent() -> None:
    """Leave when the process that stores is dead: the pool's own pipe never tells."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _work(item: Item) -> Trial:
    assert _examiner is not None
    _examiner.current = item
    try:
        draw(item)  # before the nursery is started, since data may be missing
        return examine(item, _examiner.nursery)
    except Refused:  # by the machine or the task's data: `examine` keeps a submission's own
        raise
    except Exception as error:
        told = traceback.format_exc()
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            told = f"The scratch folder {tempfile.tempdir} has no room left: free some space."
        code = _examiner.lost()
        if code is not None:
            told = (
                f"The nursery of an examiner ended unexpectedly with exit code {code} while "
                f"{item.submission.name} was examined on seed {item.seed}."
            )
        raise Fault(told) from None
    finally:
        _examiner.current = None


def _least_used(cores: Sequence[int]) -> list[int]:
    """Return cores in the order in which to take them: last those of this user's other runs."""
    seats = Path(tempfile.gettempdir()).glob(f"{CLAIMED}*/{SEAT}*")
    used = Counter(seat.name.rpartition("-")[2] for seat in seats)
    return sorted(cores, key=lambda core: used[str(core)])


class Engine:
    """Examiners on this machine.

    Parameters
    ----------
    jobs
        How many; None: one a core that this process may use.
    required, skip
        Layers of the wall, as `sandbox.Nursery` takes them.
    """

    def __init__(
        self, jobs: int | None = None, required: Sequence[str] = (), skip: Sequence[str] = ()
    ) -> None:
        os.environ.update(ONE_THREAD)  # before any examiner loads a library that would count cores
        context = multiprocessing.get_context("spawn")
        # One folder for all, removed here: an examiner may be killed before it can tidy up.
        self.scratch, self._hold = claim()
        cores: list[int | None] = [None] * (os.cpu_count() or 1)
        if hasattr(os, "sched_getaffinity"):
            cores = [*_least_used(sorted(os.sched_getaffinity(0)))]
        self.jobs = jobs or len(cores)
        seats = context.SimpleQueue()
        for index in range(self.jobs):
            core = cores[index % len(cores)]
            Path(self.scratch, f"{SEAT}{index}-{core}").touch()
            seats.put(core)
        self._events: SimpleQueue[Event] = context.SimpleQueue()
        wall = {"required": tuple(required), "skip": tuple(skip)}
        self.executor = ProcessPoolExecutor(
            self.jobs,
            context,
            initializer=_begin,
            initargs=(seats, self._events, self.scratch, wall),
        )

    def submit(self, item: Item) -> Any:
        """Queue one trial; its future holds the `Trial` or raises `Fault`."""
        # What is started here inherits the mask, so that Ctrl-C cannot hit it while it imports.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self.executor.submit(_work, item)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def events(self) -> Iterator[Event]:
        """Yield what the examiners have told since the last call."""
        while not self._events.empty():
            yield self._events.get()

    def stop(self) -> None:
        """Drop what is queued and end every examiner at once; their nurseries follow."""
        processes = list((self.executor._processes or {}).values())
        self.executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(5)
        release(self.scratch, self._hold)

    def close(self) -> None:
        """Let running trials end, then end the examiners."""
        self.executor.shutdown(wait=True, cancel_futures=True)
        release(self.scratch, self._hold)
