"""One trial: seeds, and what a trial's row says."""

from __future__ import annotations

import dataclasses
import math
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import catalog, trial
from harness.sandbox import Limits, Nursery, Process
from harness.trial import Bench, MeteredFit, exam_seed, examine
from harness.vocabulary import Arrays, Exam, Fit, Oracle, Predict, Refused, Submission, Task
from tests import tiny

SLOW_HONEST = tiny.HONEST.replace("import numpy as np", "import time\n\nimport numpy as np")
BUSY = "    end = time.process_time() + {}\n    while time.process_time() < end: pass\n"


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> Task:
    monkeypatch.setattr(catalog, "load", lambda name: tiny.TASK)
    trial._exam.cache_clear()
    return tiny.TASK


def with_task(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    changed = dataclasses.replace(tiny.TASK, **changes)  # type: ignore[arg-type]
    monkeypatch.setattr(catalog, "load", lambda name: changed)
    trial._exam.cache_clear()


# ---------------------------------------------------------------------------------------------
# Seeds


@given(
    st.tuples(st.text(), st.from_regex("[a-z_]+", fullmatch=True), st.integers(0, 99)),
    st.tuples(st.text(), st.from_regex("[a-z_]+", fullmatch=True), st.integers(0, 99)),
)
def test_the_exam_seed_depends_on_secret_task_and_seed(
    one: tuple[str, str, int], other: tuple[str, str, int]
) -> None:
    assert (exam_seed(*one) == exam_seed(*other)) == (one == other)


def test_the_exam_seed_is_63_bits_wide() -> None:
    seeds = [exam_seed("secret", "tiny", seed) for seed in range(200)]
    assert 0 <= min(seeds) < 1 << 60 and 1 << 62 < max(seeds) < 1 << 63


# ---------------------------------------------------------------------------------------------
# A trial


def test_an_honest_trial_fills_its_row(nursery: Nursery, tmp_path: Path, task: Task) -> None:
    mine = tiny.submission(tmp_path)
    row = examine(tiny.item(mine), nursery)
    assert (row.status, row.reason) == ("ok", "")
    assert row.visible < row.heldout < 3 * tiny.NOISE**2
    assert row.heldout == row.quality
    assert row.artifact_bytes == 256 and row.peak_bytes > 1 << 20
    assert 0 < row.fit_seconds <= row.fit_wall + 0.1 and row.predict_seconds > 0
    assert row.source == mine.source and row.submission == "honest"
    assert row.isolation[0] == "process forked"
    assert row.timed_seconds == row.fit_seconds and math.isnan(row.pacer_seconds)


def test_a_killed_trial_records_its_wall_too(
    nursery: Nursery, tmp_path: Path, task: Task, layers: tuple[str, ...]
) -> None:
    honest = examine(tiny.item(tiny.submission(tmp_path)), nursery)
    text = tiny.NAUGHTY.format(body="__import__('os').kill(__import__('os').getpid(), 9)")
    killed = examine(tiny.item(tiny.submission(tmp_path, text, "naughty")), nursery)
    refused = examine(tiny.item(tiny.submission(tmp_path, "x = 1\n", "empty")), nursery)
    assert (killed.status, refused.status) == ("killed", "refused")
    assert killed.isolation == refused.isolation == honest.isolation == layers
    assert killed.missing == refused.missing == honest.missing


@pytest.mark.parametrize("timed", ["fit", "predict"])
@pytest.mark.parametrize("whose", ["pacer", "mine"])
def test_a_layer_holds_if_it_held_in_every_phase_of_every_repetition_and_of_the_pacer(
    nursery: Nursery,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    layers: tuple[str, ...],
    timed: str,
    whose: str,
) -> None:
    with_task(monkeypatch, timed=timed)
    monkeypatch.setitem(trial.LEAST, "smoke", 0.3)
    mine, pacer = (tiny.submission(tmp_path, name=name) for name in ("mine", "pacer"))
    started, start, lock = [], Nursery.start, threading.Lock()

    def start_without(nursery: Nursery, submission: Submission, phase: str, *more, **other):
        with lock:
            started.append((submission.name, phase))
            late = started.count((whose, timed)) == 2  # the second repetition
            nursery.skip = ["limits"] if late and started[-1] == (whose, timed) else []
            try:
                return start(nursery, submission, phase, *more, **other)
            finally:
                nursery.skip = []

    monkeypatch.setattr(Nursery, "start", start_without)
    row = examine(tiny.item(mine, pacer), nursery)
    assert row.status == "ok" and started.count((whose, timed)) >= 2
    assert row.isolation == tuple(layer for layer in layers if layer != "limits")
    assert "limits: left out on request" in row.missing


def test_the_same_round_and_seed_give_the_same_numbers(
    nursery: Nursery, tmp_path: Path, task: Task
) -> None:
    mine = tiny.submission(tmp_path)
    one, again, other = (examine(tiny.item(mine, seed=seed), nursery) for seed in (0, 0, 1))
    assert one.heldout == again.heldout != other.heldout


def test_a_pacer_runs_beside_the_timed_phase(
    nursery: Nursery, tmp_path: Path, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(trial.LEAST, "smoke", 0.2)
    text = SLOW_HONEST.replace("    return {", BUSY.format(0.1) + "    return {", 1)
    mine = tiny.submission(tmp_path, text, "busy")
    row = examine(tiny.item(mine, pacer=tiny.submission(tmp_path)), nursery)
    assert row.status == "ok", row.reason
    assert 0.1 < row.timed_seconds < 0.3
    assert 0 < row.pacer_seconds < row.timed_seconds


def test_a_phase_whose_speed_is_not_ranked_is_not_repeated(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_task(monkeypatch, axes=("gap", "compression"))
    monkeypatch.setitem(trial.LEAST, "smoke", 1e6)
    mine, pacer = (tiny.submission(tmp_path, name=name) for name in ("mine", "pacer"))
    row = examine(tiny.item(mine, pacer), nursery)
    assert row.status == "ok" and row.timed_seconds > 0 and row.pacer_seconds > 0


def test_a_trial_on_an_accelerator_starts_fresh_interpreters_and_says_so(
    nursery: Nursery, tmp_path: Path, task: Task
) -> None:
    mine = tiny.submission(tmp_path)
    item = tiny.item(mine, pacer=tiny.submission(tmp_path, name="pacer"))
    on_cuda = dataclasses.replace(item.round, machine={"device": "cuda"})
    row = examine(dataclasses.replace(item, round=on_cuda), nursery)
    assert (row.status, row.isolation[0]) == ("ok", "process fresh")
    assert row.timed_seconds == pytest.approx(row.fit_wall, rel=0.5)
    assert 0 < row.timed_seconds < 2 and 0 < row.pacer_seconds < 2  # its imports are not counted


def test_a_failing_pacer_leaves_the_trial_its_other_numbers(
    nursery: Nursery, tmp_path: Path, task: Task
) -> None:
    pacer = tiny.submission(tmp_path, "1 / 0", "pacer")
    row = examine(tiny.item(tiny.submission(tmp_path), pacer=pacer), nursery)
    assert row.status == "ok" and row.timed_seconds > 0 and math.isnan(row.pacer_seconds)


def test_a_fault_of_the_harness_on_the_pacers_side_leaves_no_row(
    nursery: Nursery, tmp_path: Path, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Bench.start

    def broken(bench: Bench, phase: str) -> Process:
        if bench.submission.name == "pacer":
            raise RuntimeError("The nursery is gone.")
        return start(bench, phase)

    monkeypatch.setattr(Bench, "start", broken)
    pacer = tiny.submission(tmp_path, tiny.HONEST, "pacer")
    with pytest.raises(RuntimeError, match="The nursery is gone"):
        examine(tiny.item(tiny.submission(tmp_path), pacer=pacer), nursery)


def test_a_failing_submission_is_a_row_beside_a_pacer(
    nursery: Nursery, tmp_path: Path, task: Task
) -> None:
    mine = tiny.submission(tmp_path, "def fit(train, context):\n    1 / 0\n", "mine")
    row = examine(tiny.item(mine, pacer=tiny.submission(tmp_path)), nursery)
    assert (row.status, row.reason) == (
        "failed",
        "ZeroDivisionError: division by zero [mine.py:2]",
    )
    assert math.isnan(row.heldout) and row.artifact_bytes == 0
    assert row.isolation and row.fit_seconds > 0


def test_a_failure_in_predict_keeps_what_fit_used(
    nursery: Nursery, tmp_path: Path, task: Task
) -> None:
    text = tiny.HONEST.replace('inputs["X"] @', "1 / 0 @")
    row = examine(tiny.item(tiny.submission(tmp_path, text)), nursery)
    assert row.status == "failed" and row.fit_seconds > 0 and row.artifact_bytes == 256


def test_teach_and_ask_call_the_submission_as_they_like(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def teach(exam: Exam, fit: Fit) -> Arrays:
        half = {name: array[::2] for name, array in exam.train.items()}
        fit.notes["norm"] = float(np.linalg.norm(fit(half)["W"]))
        for cell in range(2):
            fit.record("cells", cell=cell, twice=2 * cell)
        return fit(exam.train, {"more": 1})

    def ask(exam: Exam, artifact: Arrays, predict: Predict) -> Arrays:
        parts = [predict({"X": part})["Y"] for part in np.array_split(exam.inputs["X"], 4)]
        return {"Y": np.concatenate(parts)}

    with_task(monkeypatch, teach=teach, ask=ask)
    row = examine(tiny.item(tiny.submission(tmp_path)), nursery)
    assert row.status == "ok" and row.extra["norm"] > 0
    assert row.series == {"cells": {"cell": [0, 1], "twice": [0, 2]}}
    assert row.heldout < 3 * tiny.NOISE**2


def test_a_part_of_the_artifact_answers_in_a_process_that_knows_no_other_part(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def teach(exam: Exam, fit: Fit) -> Arrays:
        W = fit(exam.train)["W"]
        return {"one/W": W, "two/W": 0 * W}

    answers: list[Arrays] = []

    def ask(exam: Exam, artifact: Arrays, predict: Predict) -> Arrays:
        answers[:] = [predict(exam.inputs, part) for part in ("one", "two", "one")]
        return {"Y": answers[0]["Y"]}

    with_task(monkeypatch, teach=teach, ask=ask)
    counting = tiny.HONEST.replace(
        'return {"Y"',
        'calls.append(1)\n    return {"calls": np.array(calls), '
        '"known": np.array([len(artifact)]), "Y"',
    ).replace("import numpy as np", "import numpy as np\n\ncalls = []", 1)
    row = examine(tiny.item(tiny.submission(tmp_path, counting)), nursery)
    assert row.status == "ok", row.reason
    assert row.heldout < 3 * tiny.NOISE**2
    assert [len(answer["calls"]) for answer in answers] == [1, 1, 1]
    assert [answer["known"].tolist() for answer in answers] == [[1]] * 3
    assert not answers[1]["Y"].any() and answers[0]["Y"].any()


def test_the_part_without_a_name_is_the_whole_artifact_in_a_fresh_process(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Arrays] = []

    def ask(exam: Exam, artifact: Arrays, predict: Predict) -> Arrays:
        answers[:] = [predict(exam.inputs, part) for part in (None, None, "")]
        return {"Y": answers[2]["Y"]}

    with_task(monkeypatch, ask=ask)
    counting = tiny.HONEST.replace(
        'return {"Y"', 'calls.append(1)\n    return {"calls": np.array(calls), "Y"'
    ).replace("import numpy as np", "import numpy as np\n\ncalls = []", 1)
    row = examine(tiny.item(tiny.submission(tmp_path, counting)), nursery)
    assert row.status == "ok", row.reason
    assert row.heldout < 3 * tiny.NOISE**2
    assert [len(answer["calls"]) for answer in answers] == [1, 2, 1]


def test_the_time_of_a_part_counts(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_task(
        monkeypatch,
        teach=lambda exam, fit: {"one/W": fit(exam.train)["W"]},
        ask=lambda exam, artifact, predict: predict(exam.inputs, "one"),
    )
    busy = BUSY.format(0.2)
    text = SLOW_HONEST.replace('    return {"Y"', busy + '    return {"Y"')
    row = examine(tiny.item(tiny.submission(tmp_path, text)), nursery)
    assert row.predict_seconds > 0.2 > row.fit_seconds


def test_what_teach_returns_is_checked_like_an_artifact(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_task(monkeypatch, teach=lambda exam, fit: {"W": np.array([np.nan])})
    row = examine(tiny.item(tiny.submission(tmp_path)), nursery)
    assert row.status == "refused" and "must be finite" in row.reason


def test_an_oracle_of_the_task_reaches_fit(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Arrays] = []

    def teach(exam: Exam, fit: Fit) -> Arrays:
        def oracle(question: Arrays) -> Arrays:
            asked.append(question)
            return exam.train

        answer: Oracle = oracle
        return fit({}, oracle=answer)

    with_task(monkeypatch, teach=teach)
    question = '    train = context.oracle({"q": np.ones(1)})\n    return'
    text = tiny.HONEST.replace("    return", question, 1)
    row = examine(tiny.item(tiny.submission(tmp_path, text)), nursery)
    assert row.status == "ok" and len(asked) == 1


def test_a_fault_of_the_task_is_raised_and_no_row(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> None:
        raise KeyError("a mistake of the task")

    with_task(monkeypatch, score=score)
    with pytest.raises(KeyError, match="a mistake of the task"):
        examine(tiny.item(tiny.submission(tmp_path)), nursery)


# ---------------------------------------------------------------------------------------------
# Plans


def plan(nursery: Nursery, folder: Path, body: str) -> object:
    entry = tiny.submission(folder, f"def plan(facts):\n    {body}\n", "planner")
    return MeteredFit(Bench(nursery, entry, 0, Limits(seconds=5)), {}).plan({"n": 2})


def test_a_plan_is_a_list_of_dicts(nursery: Nursery, tmp_path: Path) -> None:
    assert plan(nursery, tmp_path, "return [{'n': facts['n']}]") == [{"n": 2}]
    with pytest.raises(Refused, match="plan must return a list of dicts, got 3"):
        plan(nursery, tmp_path, "return 3")


@pytest.mark.parametrize("depth", [100, 900, 930, 960, 990])
def test_a_plan_nested_to_the_limit_is_refused_and_no_fault(
    nursery: Nursery, tmp_path: Path, depth: int
) -> None:
    forged = (
        "import os, struct, time; "
        f"text = b'{{\"plan\": ' + b'[' * {depth} + b']' * {depth} + b'}}'; "
        "os.write(3, struct.pack('<cIQ', b'R', len(text), 0) + text); time.sleep(9)"
    )
    with pytest.raises((Refused, trial.Ended)):
        plan(nursery, tmp_path, forged)


# ---------------------------------------------------------------------------------------------
# The source


def test_a_submission_that_was_changed_after_it_was_hashed_is_refused(
    nursery: Nursery, tmp_path: Path, task: Task
) -> None:
    entered = tiny.submission(tmp_path)
    tiny.submission(tmp_path, tiny.HONEST.replace("Least squares", "Something else"))
    assert examine(tiny.item(entered), nursery).status == "refused"
    assert list(Path(nursery.scratch).iterdir()) == []


def test_the_hash_of_these_tests_is_that_of_the_catalog(tmp_path: Path) -> None:
    mine = tiny.submission(tmp_path)
    assert catalog.describe("honest", "tiny", mine.folder, "honest").source == mine.source
