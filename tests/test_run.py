"""One round: who is examined, in which order, what is kept when something goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import catalog
from harness import run as rounds
from harness.engine import Fault
from harness.store import Store, open_store
from harness.trial import Item
from harness.vocabulary import Refused, Submission, Task, Trial
from tests import fabricate, tiny
from tests.engines import MadeUp

ROOT = Path(__file__).resolve().parent.parent


def submission(name: str, division: str = "open", source: str = "") -> Submission:
    digest = fabricate.source(name + source)
    return Submission(name, "tiny", name, f"/{name}{source}.py", digest, division, 0)


BASELINE, FAST, SMALL, LINE = (submission(name) for name in ("baseline", "fast", "small", "line"))
LINE = replace(LINE, division="line")


@pytest.fixture
def task() -> Task:
    return replace(tiny.TASK, divisions={"open": "baseline", "line": None})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "trials.db")) as opened:
        yield opened


def ignore(trial: Trial | None, events: Sequence[Any]) -> None:
    """Watch nothing."""


# ---------------------------------------------------------------------------------------------
# Who is examined


def test_the_baseline_of_every_division_leads_and_nobody_comes_twice(task):
    known = {"baseline": BASELINE}
    names = [s.name for s in rounds.field(task, [FAST, FAST, BASELINE, LINE], known)]
    assert names == ["baseline", "fast", "line"]
    assert [s.name for s in rounds.field(task, [LINE], known)] == ["line"]


def test_without_a_division_a_submission_is_in_the_first(task):
    assert rounds.entered(task, replace(FAST, division="")).division == "open"


def test_an_unknown_division_is_refused(task):
    with pytest.raises(Refused, match="fast: DIVISION = 'closed', but tiny has 'open', 'line'"):
        rounds.entered(task, replace(FAST, division="closed"))


@pytest.mark.parametrize("other", ["baseline", "fast"])
def test_a_file_with_the_name_of_another_entry_is_refused_and_does_not_replace_it(other, task):
    mine = submission(other, source=" of mine")
    with pytest.raises(Refused, match=rf"Two submissions are named '{other}', /{other}.py and"):
        rounds.field(task, [FAST, mine], {"baseline": BASELINE})


def test_items_go_seed_by_seed_and_each_knows_its_pacer(task, store):
    entries = [BASELINE, FAST, LINE]
    round = rounds.open_round(store, task, "smoke", (3, 1), entries)
    items = rounds.items(task, round, entries)
    assert [(item.seed, item.submission.name) for item in items] == [
        (3, "baseline"),
        (3, "fast"),
        (3, "line"),
        (1, "baseline"),
        (1, "fast"),
        (1, "line"),
    ]
    assert [item.pacer for item in items] == [None, BASELINE, None] * 2


# ---------------------------------------------------------------------------------------------
# Which round


def interrupted(store: Store, task: Task, entries: list[Submission]) -> Any:
    """Begin a round and stop it after its first trial."""
    round = rounds.open_round(store, task, "smoke", (0, 1), entries)

    def stop(trial: Trial | None, events: Sequence[Any]) -> None:
        if trial is not None:
            raise KeyboardInterrupt

    engine = MadeUp()
    with pytest.raises(KeyboardInterrupt):
        rounds.run_round(store, engine, task, round, entries, stop)
    assert engine.stopped
    return round


def test_an_interrupted_round_is_taken_up_with_its_secret(task, store):
    round = interrupted(store, task, [BASELINE, FAST])
    assert len(store.done(round.id)) == 1
    assert rounds.open_round(store, task, "smoke", (0, 1), [BASELINE, FAST]) == round
    engine = MadeUp()
    rounds.run_round(store, engine, task, round, [BASELINE, FAST], ignore)
    assert len(engine.items) == 3
    assert len(store.done(round.id)) == 4


CHANGES: dict[str, Callable[[Task], tuple[Any, ...]]] = {
    "a source": lambda task: (task, "smoke", (0, 1), [BASELINE, replace(FAST, source="0" * 64)]),
    "a submission": lambda task: (task, "smoke", (0, 1), [BASELINE]),
    "the size": lambda task: (task, "standard", (0, 1), [BASELINE, FAST]),
    "the seeds": lambda task: (task, "smoke", (0, 2), [BASELINE, FAST]),
    "the device": lambda task: (task, "smoke", (0, 1), [BASELINE, FAST], "cuda"),
    "the task's version": lambda task: (
        replace(task, version=2),
        "smoke",
        (0, 1),
        [BASELINE, FAST],
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_specification_is_another_round_with_another_secret(change, task, store):
    round = interrupted(store, task, [BASELINE, FAST])
    other = rounds.open_round(store, *change(task))
    assert other.id != round.id
    assert other.secret != round.secret


def test_a_finished_round_is_not_taken_up_again(task, store):
    round = rounds.open_round(store, task, "smoke", (0,), [BASELINE])
    rounds.run_round(store, MadeUp(), task, round, [BASELINE], ignore)
    assert rounds.open_round(store, task, "smoke", (0,), [BASELINE]).id != round.id


def test_a_round_that_ended_before_its_first_trial_leaves_no_trace(task, store):
    round = rounds.open_round(store, task, "smoke", (0,), [BASELINE])
    engine = MadeUp(lambda item: Refused("the data are not here"))
    with pytest.raises(Refused, match="the data are not here"):
        rounds.run_round(store, engine, task, round, [BASELINE], ignore)
    assert engine.stopped
    assert store.tasks() == []


def test_a_submission_runs_as_it_was_when_the_round_was_opened(tmp_path):
    file, package = tmp_path / "idea.py", tmp_path / "whole"
    package.mkdir()
    for path in (file, package / "__init__.py", package / "part.py"):
        path.write_text("def fit(train, context):\n    return {}\n")
    chosen = [catalog.find(str(file), "layerwise")]
    chosen += [catalog.describe("whole", "layerwise", str(package), "whole.part")]
    chosen = [replace(entry, division="open") for entry in chosen]
    (tmp_path / "frozen").mkdir()
    frozen = rounds.freeze(chosen, tmp_path / "frozen")
    assert [replace(f, folder=c.folder) for f, c in zip(frozen, chosen, strict=True)] == chosen
    file.write_text("edited")
    (package / "part.py").write_text("edited")
    for entry in frozen:
        again = catalog.describe(entry.name, entry.task, entry.folder, entry.module)
        assert again.source == entry.source


# ---------------------------------------------------------------------------------------------
# What is kept


def test_every_trial_is_in_the_store_before_it_is_shown(task, store):
    entries = [BASELINE, FAST]
    round = rounds.open_round(store, task, "smoke", (0, 1), entries)
    shown: list[Trial] = []

    def watch(trial: Trial | None, events: Sequence[Any]) -> None:
        if trial is not None:
            shown.append(trial)
            assert (trial.submission, trial.seed) in store.done(round.id)

    assert rounds.run_round(store, MadeUp(), task, round, entries, watch) == []
    assert len(shown) == 4


def test_a_failing_submission_does_not_stop_the_others(task, store):
    entries = [BASELINE, FAST, SMALL]
    round = rounds.open_round(store, task, "smoke", (0, 1), entries)

    def ends(item: Item) -> Any:
        bad = item.submission.name == "fast"
        return {"status": "failed", "reason": "ValueError: no"} if bad else None

    rounds.run_round(store, MadeUp(ends), task, round, entries, ignore)
    stored = store.trials("tiny")
    assert list(stored.groupby("submission")["status"].unique().map(list).items()) == [
        ("baseline", ["ok"]),
        ("fast", ["failed"]),
        ("small", ["ok"]),
    ]


def test_a_fault_is_returned_its_trial_is_not_stored_and_the_round_stays_open(task, store):
    entries = [BASELINE, FAST]
    round = rounds.open_round(store, task, "smoke", (0, 1), entries)

    def ends(item: Item) -> Any:
        return Fault("task is broken") if item.submission is FAST and item.seed == 0 else None

    faults = rounds.run_round(store, MadeUp(ends), task, round, entries, ignore)
    assert [str(fault) for fault in faults] == ["task is broken"]
    assert store.done(round.id) == {("baseline", 0), ("baseline", 1), ("fast", 1)}
    assert rounds.open_round(store, task, "smoke", (0, 1), entries) == round


def test_when_an_examiner_dies_what_had_ended_is_stored_and_it_is_a_fault(task, store):
    entries = [BASELINE, FAST]
    round = rounds.open_round(store, task, "smoke", (0, 1), entries)

    def ends(item: Item) -> Any:
        return BrokenProcessPool("gone") if item.seed == 1 else None

    with pytest.raises(Fault, match="An examiner process ended unexpectedly"):
        rounds.run_round(store, MadeUp(ends), task, round, entries, ignore)
    assert store.done(round.id) == {("baseline", 0), ("fast", 0)}


def test_when_no_examiner_can_start_it_is_a_fault(task, store):
    round = rounds.open_round(store, task, "smoke", (0,), [BASELINE])

    class Broken(MadeUp):
        def submit(self, item: Item) -> Future[Trial]:
            raise BrokenProcessPool("gone")

    with pytest.raises(Fault, match="An examiner process ended at its start"):
        rounds.run_round(store, Broken(), task, round, [BASELINE], ignore)


def test_two_runs_of_one_round_store_every_trial_once(task, store):
    entries = [BASELINE, FAST]
    round = rounds.open_round(store, task, "smoke", (0, 1), entries)
    inner: list[int] = []

    def another_run_meanwhile(trial: Trial | None, events: Sequence[Any]) -> None:
        if trial is not None and not inner:
            inner.append(1)
            rounds.run_round(store, MadeUp(), task, round, entries, ignore)

    engine = MadeUp(lambda item: {"id": f"late {item.submission.name} {item.seed}"})
    rounds.run_round(store, engine, task, round, entries, another_run_meanwhile)
    stored = store.trials("tiny")
    assert len(stored) == 4
    assert len(set(zip(stored["submission"], stored["seed"], strict=True))) == 4
    assert sum(id.startswith("late") for id in stored["id"]) == 1


def test_a_trial_that_the_store_cannot_take_ends_the_run(task, store):
    round = rounds.open_round(store, task, "smoke", (0,), [BASELINE])
    engine = MadeUp(lambda item: {"source": "0" * 64})
    with pytest.raises(Refused, match="does not ask for"):
        rounds.run_round(store, engine, task, round, [BASELINE], ignore)
    assert engine.stopped


# ---------------------------------------------------------------------------------------------
# Real runs that are interrupted


COMMAND = [
    sys.executable, "-m", "harness", "run", "--task", "layerwise", "--size", "smoke",
    "--submission", "random", "--jobs", "1",
]  # fmt: skip


def started(store: Path, seeds: int = 2) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "--seeds", str(seeds), "--store", str(store)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that starts the tests in the background has them ignore it, and their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        env={**os.environ, "TMPDIR": str(store.parent)},
    )


def read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if text in line:
            return said
    raise AssertionError(f"{text!r} never came:\n{said}")


def children(pid: int) -> set[int]:
    """Return every living process below one."""
    found: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if parent == pid:
            found |= {int(folder.name)} | children(int(folder.name))
    return found


def command_line(pid: int) -> bytes:
    """Return what a process was started with, nothing for one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def examiners(pids: set[int]) -> list[int]:
    """Return those with a nursery below them: a nursery has, too, while a phase runs."""
    nurseries = {pid for pid in pids if b"harness.nursery" in command_line(pid)}
    return [pid for pid in pids - nurseries if children(pid) & nurseries]


def gone(pids: set[int], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{pid}").exists() and not is_zombie(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def assert_complete(path: Path) -> None:
    """Both submissions, both seeds, one round, nothing twice, and nothing left about."""
    assert list(path.parent.glob("harness-*")) == []
    with open_store(str(path)) as store:
        trials = store.trials("layerwise", "smoke")
    assert len(trials) == 4
    assert set(zip(trials["submission"], trials["seed"], strict=True)) == {
        (name, seed) for name in ("baseline", "random") for seed in (0, 1)
    }
    assert trials["round"].nunique() == 1
    assert set(trials["status"]) == {"ok"}


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


@needs_proc
def test_after_control_c_and_after_a_killed_examiner_the_same_command_goes_on(tmp_path):
    path = tmp_path / "trials.db"

    process = started(path)
    read_until(process, "[1/4]")
    below = children(process.pid)
    assert below
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to everything in the foreground
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped. " in rest and "of 4 trials are stored. The same command goes on." in rest
    assert "Traceback" not in rest
    assert gone(below)

    process = started(path)
    said = read_until(process, "[2/4]")
    assert "Going on with round" in said
    below = children(process.pid)
    (examiner,) = examiners(below)
    os.kill(examiner, signal.SIGKILL)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 4
    (line,) = (line for line in rest.splitlines() if line.startswith("harness: "))
    assert line.startswith("harness: An examiner process ended unexpectedly. ")
    assert line.endswith(" of 4 trials are stored. The same command goes on.")
    assert "Traceback" not in rest
    assert gone(below)

    process = started(path)
    out, rest = process.communicate(timeout=120)
    assert process.returncode == 0, rest
    assert "[4/4]" in rest
    assert "not ranked" in out or "rank  submission" in out
    assert_complete(path)


@needs_proc
@pytest.mark.slow
def test_two_runs_at_once_on_one_store_leave_whole_rounds(tmp_path):
    """The second joins the round of the first, or begins its own if it came too late."""
    path = tmp_path / "trials.db"
    first = started(path, seeds=8)
    read_until(first, "1/16]")
    second = started(path, seeds=8)
    for process in (first, second):
        _, said = process.communicate(timeout=240)
        assert process.returncode == 0, said
        assert "Traceback" not in said
    with open_store(str(path)) as store:
        trials = store.trials("layerwise", "smoke")
    for _, round in trials.groupby("round"):
        assert len(round) == len(set(zip(round["submission"], round["seed"], strict=True))) == 16
        assert set(round["status"]) == {"ok"}
