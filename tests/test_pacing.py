"""Two phases against each other: who runs when, what counts, what an error ends."""

from __future__ import annotations

import math
import threading
import time

import pytest

from harness.pacing import Run, in_turns, side_by_side
from harness.sandbox import Cancelled


def sleeper(seconds: float, log: list[float] | None = None) -> Run[str]:
    """Return a phase of `seconds` that says it used as much processor time."""

    def run(stop: threading.Event) -> tuple[str, float]:
        if log is not None:
            log.append(time.monotonic())
        if stop.wait(seconds):
            raise Cancelled
        return f"{seconds}", seconds

    return run


def test_the_shorter_repeats_until_the_longer_ends() -> None:
    short, long = side_by_side(sleeper(0.05), sleeper(0.5), 0.0, swap=False)
    assert (short.value, long.value) == ("0.05", "0.5")
    assert long.seconds == [0.5]
    assert 4 <= len(short.seconds) <= 10
    assert short.mean == 0.05


def test_repetitions_that_are_cut_off_do_not_count() -> None:
    begun: list[float] = []
    short, long = side_by_side(sleeper(0.2, begun), sleeper(0.5), 0.0, swap=False)
    assert len(begun) == len(short.seconds) + 1
    assert short.error is None and long.error is None


def test_each_side_runs_at_least_the_given_processor_time() -> None:
    one, other = side_by_side(sleeper(0.05), sleeper(0.06), 0.3, swap=False)
    assert math.fsum(one.seconds) >= 0.3 and math.fsum(other.seconds) >= 0.3


@pytest.mark.parametrize("swap", [False, True])
def test_the_order_of_the_start_is_swapped_on_request(swap: bool) -> None:
    one: list[float] = []
    other: list[float] = []
    side_by_side(sleeper(0.05, one), sleeper(0.05, other), 0.0, swap)
    assert (one[0] > other[0]) == swap


def test_an_error_ends_only_its_own_side() -> None:
    def fails(stop: threading.Event) -> tuple[str, float]:
        raise ValueError("broken")

    one, other = side_by_side(fails, sleeper(0.1), 0.0, swap=False)
    assert str(one.error) == "broken" and one.value is None and math.isnan(one.mean)
    assert other.error is None and other.seconds == [0.1]


def test_an_error_on_both_sides_ends_both() -> None:
    def fails(stop: threading.Event) -> tuple[str, float]:
        raise ValueError("broken")

    one, other = side_by_side(fails, fails, 1.0, swap=False)
    assert one.error is not None and other.error is not None


# ---------------------------------------------------------------------------------------------
# By turns


def named(name: str, seconds: float, log: list[str]) -> Run[str]:
    """Return a phase that writes down its name and says it took `seconds`."""

    def run(stop: threading.Event) -> tuple[str, float]:
        log.append(name)
        return f"{name}{len(log)}", seconds

    return run


@pytest.mark.parametrize(("swap", "order"), [(False, "ABBAAB"), (True, "BAABBA")])
def test_turns_are_taken_until_both_sides_have_run_long_enough(swap: bool, order: str) -> None:
    log: list[str] = []
    one, other = in_turns(named("A", 1.0, log), named("B", 0.4, log), 1.0, swap)
    assert "".join(log) == order
    assert (one.mean, other.mean) == (1.0, pytest.approx(0.4))
    assert one.value == f"A{order.index('A') + 1}"  # the first repetition's


def test_an_error_ends_its_own_turns_alone() -> None:
    def fails(stop: threading.Event) -> tuple[str, float]:
        raise ValueError("broken")

    log: list[str] = []
    one, other = in_turns(fails, named("B", 0.4, log), 1.0, swap=False)
    assert str(one.error) == "broken" and math.isnan(one.mean)
    assert other.seconds == [0.4, 0.4, 0.4]
