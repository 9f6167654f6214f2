"""Run two phases against each other, so that the ratio of their times holds where times do not.

It knows nothing of submissions: a side is a function that does its work once and says how long it
took.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from harness.sandbox import Cancelled

T = TypeVar("T")


@dataclass
class Lane(Generic[T]):
    """One side of a comparison: what it returned first and what each repetition took."""

    value: T | None = None
    seconds: list[float] = field(default_factory=list)
    error: Exception | None = None

    def lasted(self, least: float) -> bool:
        """Whether it ran at least once and at least so many seconds, or cannot."""
        ran = bool(self.seconds) and math.fsum(self.seconds) >= least
        return ran or self.error is not None

    @property
    def mean(self) -> float:
        """Mean seconds of the complete repetitions; NaN without one."""
        return math.fsum(self.seconds) / len(self.seconds) if self.seconds else math.nan


Run = Callable[[threading.Event], tuple[T, float]]
"""Do the phase once; return its value and its processor seconds; end early at the event."""


def side_by_side(one: Run[T], other: Run[T], least: float, swap: bool) -> tuple[Lane[T], Lane[T]]:
    """Run two phases at once, each again and again until both are done.

    The shorter repeats, so that the longer never runs alone; repetitions that are cut off at the
    end do not count. Each side runs at least once and at least `least` processor seconds.

    Parameters
    ----------
    one, other
        The two sides.
    least
        Processor seconds.
    swap
        Start `other` first.

    Returns
    -------
    lanes
        In the order of the arguments. An error ends only its own side, which then counts as done.
    """
    stop = threading.Event()
    lock = threading.Lock()
    lanes: tuple[Lane[T], Lane[T]] = (Lane(), Lane())
    done = [False, False]

    def keep_running(index: int, run: Run[T]) -> None:
        lane = lanes[index]
        try:
            while not stop.is_set():
                value, seconds = run(stop)
                with lock:
                    if not lane.seconds:
                        lane.value = value
                    lane.seconds.append(seconds)
                    done[index] = lane.lasted(least)
                    if all(done):
                        stop.set()
        except Cancelled:
            return
        except Exception as error:
            with lock:
                lane.error = error
                done[index] = True
                if all(done):
                    stop.set()

    threads = [
        threading.Thread(target=keep_running, args=(index, run), daemon=True)
        for index, run in enumerate((one, other))
    ]
    for thread in reversed(threads) if swap else threads:
        thread.start()
    for thread in threads:
        thread.join()
    return lanes


def in_turns(one: Run[T], other: Run[T], least: float, swap: bool) -> tuple[Lane[T], Lane[T]]:
    """Run two phases by turns, A B B A and so on, until both are done: see `side_by_side`.

    For accelerators, on which two processes at once would wait for each other.
    """
    lanes: tuple[Lane[T], Lane[T]] = (Lane(), Lane())
    turn = [(lanes[1], other), (lanes[0], one)] if swap else [(lanes[0], one), (lanes[1], other)]
    never = threading.Event()
    while not all(lane.lasted(least) for lane in lanes):
        for lane, run in turn:
            if lane.error is None:
                try:
                    value, seconds = run(never)
                except Exception as error:
                    lane.error = error
                else:
                    lane.value = value if not lane.seconds else lane.value
                    lane.seconds.append(seconds)
        turn.reverse()
    return lanes
