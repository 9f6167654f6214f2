"""Examiners: processes of ours that outlive a fault of one trial and nothing else."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import pytest

from harness import catalog
from harness import run as rounds
from harness.engine import Engine, Fault
from harness.trial import Item
from harness.vocabulary import Refused, Round


@pytest.fixture(scope="module")
def item() -> Item:
    """Return the cheapest trial there is: random layers at smoke, alone."""
    entry = rounds.entered(catalog.load("layerwise"), catalog.submissions("layerwise")["random"])
    round = Round("r", "layerwise", 1, "smoke", (0,), {}, "s", {}, "2026-01-01T00:00:00+00:00")
    return Item(round, entry, None, 0)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine(jobs=1)
    yield engine
    engine.stop()


def examiner(engine: Engine) -> int:
    (pid,) = engine.executor._processes
    return int(pid)


def test_an_examiner_tells_on_the_way_and_answers_with_a_trial(engine, item):
    future = engine.submit(item)
    os.kill(examiner(engine), signal.SIGINT)  # nor does Ctrl-C reach it while it starts
    events = []
    while not future.done():
        events += engine.events()
        time.sleep(0.05)
    trial = future.result()
    assert (trial.task, trial.submission, trial.seed) == ("layerwise", "random", 0)
    assert trial.status == "ok", trial.reason
    events += engine.events()
    assert {event[1:4] for event in events} <= {("layerwise", "random", 0)}
    assert {event[0] for event in events} <= {examiner(engine)}


def test_a_fault_of_a_task_comes_back_with_its_traceback_and_ends_no_examiner(engine, item):
    before = examiner(engine)
    lost = replace(item, round=replace(item.round, task="nothing-of-the-kind"))
    with pytest.raises(Fault, match="(?s)Traceback.*There is no task 'nothing-of-the-kind'"):
        engine.submit(lost).result()
    assert examiner(engine) == before


def test_missing_data_are_refused_and_are_no_fault(engine, item, monkeypatch):
    full = replace(item, round=replace(item.round, size="full"))
    with pytest.raises(Refused, match="run with --online, or use --size standard"):
        engine.submit(full).result()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="needs processor affinity")
def test_an_examiner_and_its_nursery_stay_on_one_core(engine, item):
    engine.submit(item).result()
    own = os.sched_getaffinity(examiner(engine))
    assert len(own) == 1
    tasks = Path(f"/proc/{examiner(engine)}/task")
    below = [pid for t in tasks.iterdir() for pid in (t / "children").read_text().split()]
    assert below
    for pid in below:
        assert os.sched_getaffinity(int(pid)) == own


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="needs processor affinity")
def test_runs_side_by_side_take_other_cores(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2})
    taken = []
    runs = []
    for jobs in (1, 1, 3, 1, 1):
        runs.append(Engine(jobs))
        seats = sorted(Path(runs[-1].scratch).iterdir())
        taken.append([int(seat.name.rpartition("-")[2]) for seat in seats])
    assert taken == [[0], [1], [2, 0, 1], [2], [0]]
    runs[1].stop()
    last = Engine(1)
    assert [seat.name for seat in Path(last.scratch).iterdir()] == ["seat-0-1"]
    for run in (*runs, last):
        run.stop()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_a_nursery_that_dies_costs_one_trial_and_is_replaced(engine, item):
    assert engine.submit(item).result().status == "ok"
    before = examiner(engine)
    tasks = Path(f"/proc/{before}/task")
    below = [pid for t in tasks.iterdir() for pid in (t / "children").read_text().split()]
    for pid in below:
        os.kill(int(pid), signal.SIGKILL)
    with pytest.raises(Fault, match="^The nursery of an examiner ended .* code -9 .* on seed 0.$"):
        engine.submit(item).result()
    assert engine.submit(item).result().status == "ok"
    assert examiner(engine) == before


def test_control_c_does_not_reach_an_examiner(engine, item):
    os.kill(examiner(engine), signal.SIGINT)
    assert engine.submit(item).result().status == "ok"


def test_a_killed_examiner_breaks_the_pool_and_stop_still_ends(engine, item):
    """The last test of this engine."""
    future = engine.submit(item)
    os.kill(examiner(engine), signal.SIGKILL)
    with pytest.raises(BrokenProcessPool):
        future.result()
    assert Path(engine.scratch).exists()
    engine.stop()
    assert not Path(engine.scratch).exists()


def test_there_is_an_examiner_a_core_unless_told_otherwise():
    every = Engine()
    assert every.jobs == (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    )
    every.stop()  # and one that never began can be stopped
