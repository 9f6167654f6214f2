"""The store: what was acknowledged is there for good, and every refusal is one clear line."""

from __future__ import annotations

import itertools
import json
import math
import os
import pickle
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import rank
from harness import store as store_module
from harness.store import Store, open_store
from harness.vocabulary import Refused, Round, Trial, Unknown

nan = math.nan


def make_round(id: str = "r1", **changes: object) -> Round:
    round = Round(
        id=id,
        task="mse-task",
        task_version=1,
        size="standard",
        seeds=(0, 1, 2),
        submissions={"baseline": "a" * 64, "student": "b" * 64},
        secret="c0ffee",
        machine={"processor": "x", "layers": ("landlock", "seccomp")},
        started="2026-03-01T12:00:00+00:00",
    )
    return replace(round, **changes)


def make_trial(round: Round, submission: str, seed: int, **changes: object) -> Trial:
    trial = Trial(
        id=f"{round.id}-{submission}-{seed}",
        round=round.id,
        task=round.task,
        task_version=round.task_version,
        submission=submission,
        source=round.submissions[submission],
        division="open",
        size=round.size,
        seed=seed,
        status="ok",
        reason="",
        visible=0.1 + seed,
        heldout=0.3 + seed,
        quality=nan,
        stderr=nan,
        artifact_bytes=3_000_000_000,
        embedded_bytes=7,
        fit_seconds=1.25,
        fit_wall=1.5,
        predict_seconds=0.5,
        predict_wall=0.75,
        choose_seconds=nan,
        timed_seconds=1.2,
        pacer_seconds=1.3,
        peak_bytes=5_000_000_000,
        isolation=("process", "landlock"),
        missing=("netns: not permitted",),
        extra={"accuracy": 0.9, "blank": nan, "huge": math.inf},
        series={"curve": {"x": [1, 2], "y": [0.5, nan], "name": ["inf", None]}},
        versions={"harness": "0.1.0"},
        finished="2026-03-01T12:00:05+00:00",
    )
    return replace(trial, **changes)


def trials_of(round: Round) -> list[Trial]:
    return [make_trial(round, name, seed) for seed in round.seeds for name in round.submissions]


def text(value: object) -> str:
    """Return a text that is equal for equal values, NaN included."""
    return json.dumps(vars(value), sort_keys=True)


# ---------------------------------------------------------------------------------------------
# Both databases


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database."""
    if request.param == "sqlite":
        return str(tmp_path / "trials.db")
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


def test_a_trial_and_its_round_come_back_as_they_went_in(store: Store) -> None:
    round = make_round()
    trial = make_trial(round, "student", 2)
    store.begin(round)
    store.append(trial)
    assert text(store.trial(trial.id)) == text(trial)
    assert text(store.round("r1")) == text(
        replace(round, machine=json.loads(text(round))["machine"])
    )
    assert store.tasks() == ["mse-task"]


real = st.floats().map(lambda value: value + 0.0)  # SQLite has no negative zero


name = st.text(st.characters(codec="utf-8", exclude_characters="\0"))  # PostgreSQL has no NUL


def test_any_numbers_and_texts_survive_the_way_through_rows_and_packs(store: Store) -> None:
    counter = itertools.count()

    @settings(deadline=None, max_examples=40)
    @given(
        numbers=st.tuples(*[real] * 4),
        extra=st.dictionaries(name, real),
        seed=st.integers(-(2**63), 2**63 - 1),
        reason=name,
    )
    def survive(
        numbers: tuple[float, ...], extra: dict[str, float], seed: int, reason: str
    ) -> None:
        task = f"task{next(counter)}"
        round = make_round(task, task=task, seeds=(seed,), submissions={"baseline": "a"})
        names = ("visible", "heldout", "timed_seconds", "pacer_seconds")
        values = dict(zip(names, numbers, strict=True))
        trial = make_trial(round, "baseline", seed, reason=reason, extra=extra, **values)
        store.begin(round)
        store.append(trial)
        assert text(store.trial(trial.id)) == text(trial)
        store.finish(round.id)
        row = store.measurements(task, "standard", 1).iloc[0]
        assert (row["seed"], row["reason"]) == (seed, reason)
        found = [row[column] for column in (*names, *(f"extra.{key}" for key in extra))]
        np.testing.assert_array_equal(found, [*numbers, *extra.values()])

    survive()


def test_appending_the_same_trial_again_changes_nothing(store: Store) -> None:
    round = make_round()
    trial = make_trial(round, "student", 0)
    store.begin(round)
    store.begin(round)
    store.append(trial)
    store.append(replace(trial, visible=9.0))
    store.finish(round.id)
    store.append(trial)
    assert text(store.trial(trial.id)) == text(trial)
    assert len(store.trials()) == 1


def test_a_message_that_is_no_proper_text_is_kept_as_one(store: Store) -> None:
    round = make_round()
    store.begin(round)
    store.append(make_trial(round, "student", 0, reason="a\0b\ud800"))
    assert store.trial("r1-student-0").reason == "a?b?"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"id": "other"}, "'r1-student-0' is in its place, and trials are never replaced"),
        ({"seed": 1}, "'r1-student-0' is in its place"),
        ({"id": "other", "seed": 3}, "does not ask for 'student' .* with seed 3"),
        ({"id": "other", "seed": 1, "source": "c" * 64}, "does not ask for 'student' of source cc"),
        ({"id": "other", "seed": 1, "submission": "stranger"}, "does not ask for 'stranger'"),
        ({"id": "other", "seed": 1, "task": "else"}, "has task 'else', its round 'r1' has 'mse-"),
        ({"id": "other", "seed": 1, "finished": "now"}, "ISO 8601"),
    ],
)
def test_a_trial_that_does_not_belong_is_refused(
    store: Store, changes: dict[str, object], complaint: str
) -> None:
    round = make_round()
    trial = make_trial(round, "student", 0)
    store.begin(round)
    store.append(trial)
    with pytest.raises(Refused, match=complaint):
        store.append(replace(trial, **changes))
    assert len(store.trials()) == 1


def test_a_finished_round_takes_no_further_trial(store: Store) -> None:
    round = make_round()
    store.begin(round)
    store.append(make_trial(round, "student", 0))
    store.finish("r1")
    store.finish("r1")
    with pytest.raises(Refused, match="'r1' is finished"):
        store.append(make_trial(round, "student", 1))


def test_a_round_id_cannot_be_used_twice(store: Store) -> None:
    store.begin(make_round())
    with pytest.raises(Refused, match="'r1' is there already"):
        store.begin(make_round(secret="another"))


def test_an_unknown_round_or_trial_names_the_nearest(store: Store) -> None:
    round = make_round("round-one")
    store.begin(round)
    store.append(make_trial(round, "student", 0))
    for call in (store.round, store.finish):
        with pytest.raises(Unknown, match="no round 'round-won'. Did you mean 'round-one'"):
            call("round-won")
    with pytest.raises(Unknown, match="Did you mean 'round-one'"):
        store.append(make_trial(replace(round, id="round-two"), "student", 0))
    with pytest.raises(Unknown, match="no trial 'round-one-studend-0'. Did you mean 'round-one-st"):
        store.trial("round-one-studend-0")
    with pytest.raises(Unknown, match="no trial 'x_%'"):
        store.trial("x_%")


def test_a_prefix_finds_the_one_trial_that_has_it(store: Store) -> None:
    round = make_round()
    store.begin(round)
    for id, seed in (("abc1", 0), ("abc2", 1), ("ab", 2)):
        store.append(make_trial(round, "student", seed, id=id))
    assert store.trial("abc2").id == "abc2"
    assert store.trial("ab").id == "ab"
    with pytest.raises(Unknown, match="Several trials begin with 'abc', such as 'abc1' and 'abc2'"):
        store.trial("abc")
    with pytest.raises(Unknown):
        store.trial("")


def test_nothing_changes_or_removes_a_trial(store: Store) -> None:
    round = make_round()
    store.begin(round)
    store.append(make_trial(round, "student", 0))
    store.record_verification("r1-student-0", True, "same numbers")
    for table, verb in itertools.product(
        ("trials", "verifications"), ("DELETE FROM {}", "UPDATE {} SET id = id")
    ):
        with (
            pytest.raises(sa.exc.DBAPIError, match=f"{table} are append-only"),
            store._engine.begin() as connection,
        ):
            connection.exec_driver_sql(verb.format(table))
    assert len(store.trials()) == 1


def test_the_latest_unfinished_round_of_the_same_specification_is_resumed(store: Store) -> None:
    """Each clock is set back before the next, so that only the order of arrival can tell."""
    round = make_round("first", started="2026-03-03T12:00:00+00:00")
    later = replace(round, id="later", started="2026-03-02T12:00:00+00:00")
    other = replace(later, id="other", started="2026-03-01T12:00:00+00:00", seeds=(0, 1))
    edited = {"baseline": "a" * 64, "student": "d" * 64}
    for each in (round, later, other, replace(other, id="edited", submissions=edited)):
        store.begin(each)

    def unfinished(**changes: object) -> str | None:
        keys = ("task", "task_version", "size", "seeds", "submissions")
        found = store.unfinished(**{key: getattr(round, key) for key in keys} | changes)
        return found and found.id

    assert unfinished() == "later"
    assert unfinished(seeds=(0, 1)) == "other"
    assert unfinished(submissions=edited) is None
    for changes in ({"task": "x"}, {"task_version": 2}, {"size": "smoke"}, {"seeds": (2, 1, 0)}):
        assert unfinished(**changes) is None
    store.finish("later")
    assert unfinished() == "first"
    store.append(make_trial(round, "student", 1, status="killed"))
    assert store.done("first") == {("student", 1)}
    assert store.done("other") == set()


def test_trials_are_raw_rows_that_can_be_narrowed(store: Store) -> None:
    first, second = make_round("r1"), make_round("r2", task="other-task", size="smoke")
    for round in (first, second):
        store.begin(round)
        for trial in trials_of(round):
            store.append(trial)
    names = [field.name for field in fields(Trial)]
    assert list(store.trials(with_series=True)) == names
    assert list(store.trials()) == [name for name in names if name != "series"]
    assert len(store.trials()) == 12
    assert set(store.trials(task="other-task")["round"]) == {"r2"}
    assert set(store.trials(size="standard")["round"]) == {"r1"}
    assert store.trials(task_version=2).empty
    row = store.trials("mse-task").iloc[0]
    assert row["isolation"] == ("process", "landlock")
    assert row["extra"]["accuracy"] == 0.9
    assert math.isnan(row["quality"])
    assert row["artifact_bytes"] == 3_000_000_000


def test_verifications_are_kept_in_order(store: Store) -> None:
    round = make_round()
    store.begin(round)
    store.append(make_trial(round, "student", 0))
    store.record_verification("r1-student", False, "heldout 0.3 became 0.4")
    store.record_verification("r1-student-0", True, "")
    found = store.verifications()
    assert found["trial"].tolist() == ["r1-student-0"] * 2
    assert found["reproduced"].tolist() == [False, True]
    assert found["detail"].tolist() == ["heldout 0.3 became 0.4", ""]
    with pytest.raises(Unknown):
        store.record_verification("nothing", True, "")


# ---------------------------------------------------------------------------------------------
# Measurements


def fill(store: Store) -> None:
    """Write a finished, an unfinished and a foreign round, with various extras and statuses."""
    finished = make_round("finished")
    running = make_round("running", started="2026-02-02T12:00:00+00:00", seeds=(7, 8))
    lacking = make_round("lacking", started="2026-03-03T12:00:00+00:00")
    for round in (finished, running, make_round("else", task="else"), lacking):
        store.begin(round)
    for trial in trials_of(finished):
        store.append(trial)
    store.append(make_trial(running, "student", 8, extra={}, status="failed", reason="no"))
    store.append(make_trial(lacking, "baseline", 1, extra={"margin": 2.0}, isolation=()))
    store.finish("finished")
    store.finish("lacking")


def test_measurements_are_the_rows_and_one_for_each_missing_trial(store: Store) -> None:
    fill(store)
    found = store.measurements("mse-task", "standard", 1)
    assert len(found) == 6 + 4 + 6
    assert list(found["round"].cat.categories) == ["finished", "running", "lacking"]
    missing = found[found["status"] == "missing"]
    assert len(missing) == 3 + 5
    assert missing["visible"].isna().all() and missing["finished"].isna().all()
    assert set(missing.loc[missing["submission"] == "student", "source"]) == {"b" * 64}
    assert missing.loc[
        (missing["round"] == "running") & (missing["seed"] == 7), "division"
    ].tolist() == ["", "open"]

    there = found[found["status"] != "missing"].astype({"round": str, "submission": str})
    rows = store.trials("mse-task")
    both = there.merge(rows, on=["round", "submission", "seed"], suffixes=("", "_row"))
    assert len(both) == len(rows) == len(there) == 8
    for name in ("source", "division", "status", "reason", "artifact_bytes", "embedded_bytes"):
        assert both[name].tolist() == both[f"{name}_row"].tolist()
    for name in ("visible", "heldout", "quality", "timed_seconds", "pacer_seconds"):
        np.testing.assert_array_equal(both[name], both[f"{name}_row"])
    for name in ("accuracy", "blank", "huge", "margin"):
        raw = [extra.get(name, nan) for extra in both["extra"]]
        np.testing.assert_array_equal(both[f"extra.{name}"], raw)
    assert both["isolation"].tolist() == [", ".join(layers) for layers in both["isolation_row"]]
    assert set(both["finished"]) == {1772366405.0}  # date -u -d 2026-03-01T12:00:05 +%s


def test_walls_are_counted_by_submission_and_kind(store: Store) -> None:
    fill(store)
    found = {
        (name, source[:1], tuple(held)): (missing, count)
        for name, source, held, missing, count in store.walls("mse-task", "standard", 1)
    }
    both, why = ("process", "landlock"), ["netns: not permitted"]
    assert found == {
        ("baseline", "a", both): (why, 3),
        ("baseline", "a", ()): (why, 1),
        ("student", "b", both): (why, 4),
    }
    assert store.walls("mse-task", "smoke", 1) == store.walls("nothing", "standard", 1) == []


def test_a_task_without_trials_has_no_measurements(store: Store) -> None:
    assert store.measurements("nothing", "standard", 1).empty
    assert store.tasks() == []


def test_packs_built_anew_equal_those_made_by_the_way(store: Store) -> None:
    fill(store)
    before = store.measurements("mse-task", "standard", 1)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM packs")
    pd.testing.assert_frame_equal(store.measurements("mse-task", "standard", 1), before)
    store.rebuild()
    pd.testing.assert_frame_equal(store.measurements("mse-task", "standard", 1), before)
    with store._engine.connect() as connection:
        packed = connection.exec_driver_sql("SELECT round FROM packs ORDER BY round").all()
    assert [row.round for row in packed] == ["finished", "lacking"]


def test_the_tables_hold_every_field_of_a_round_and_a_trial() -> None:
    columns = {column.name for column in store_module._trials.columns}
    assert columns == {field.name for field in fields(Trial)}
    columns = {column.name for column in store_module._rounds.columns}
    assert columns == {field.name for field in fields(Round)} | {"finished", "arrival"}


# ---------------------------------------------------------------------------------------------
# Many writers, and their end

WRITER = """
import pickle, sys
from harness.store import open_store
with open(sys.argv[2], "rb") as stream:
    rounds, trials = pickle.load(stream)
with open_store(sys.argv[1]) as store:
    for round in rounds:
        store.begin(round)
    for trial in trials:
        store.append(trial)
        print(trial.id, flush=True)
    store.finish(rounds[0].id)
"""


def start_writers(url: str, n: int, folder: Path) -> list[subprocess.Popen[str]]:
    """Start four writers of `n` trials to an own round and to one that all share, in turn."""
    names = [f"writer{k}" for k in range(4)]
    seeds = tuple(range(n))
    both = make_round("shared", seeds=seeds, submissions=dict.fromkeys(names, "s"))
    processes = []
    for name in names:
        own = make_round(name, seeds=seeds, submissions={"baseline": "s"})
        pairs = [(own, "baseline"), (both, name)]
        trials = [make_trial(round, who, seed) for seed in seeds for round, who in pairs]
        (folder / name).write_bytes(pickle.dumps(([own, both], trials)))
        command = [sys.executable, "-c", WRITER, url, str(folder / name)]
        root = Path(__file__).parents[1]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root))
    return processes


def test_four_processes_open_and_write_one_new_store_at_once(url: str, tmp_path: Path) -> None:
    said = [process.communicate()[0].split() for process in start_writers(url, 10, tmp_path)]
    assert [len(ids) for ids in said] == [20] * 4
    with open_store(url) as store:
        assert set(store.trials()["id"]) == set(itertools.chain(*said))
        found = store.measurements("mse-task", "standard", 1)
        assert found["round"].value_counts().to_dict() == {
            "shared": 40,
            **{f"writer{k}": 10 for k in range(4)},
        }
        assert set(found["status"]) == {"ok"}


def test_killing_writers_loses_no_acknowledged_trial(url: str, tmp_path: Path) -> None:
    processes = start_writers(url, 1000, tmp_path)
    for process in processes:
        assert process.stdout is not None
        for _ in range(5):
            assert process.stdout.readline()
    for process in processes:
        process.kill()
    # A line that the kill cut short was not acknowledged.
    rest = [process.communicate()[0] for process in processes]
    said = [line for output in rest for line in re.findall(r"(.+)\n", output)]
    with open_store(url) as store:
        rows = store.trials()
        assert set(said) <= set(rows["id"])
        assert len(rows) >= len(said) + 20
        found = store.measurements("mse-task", "standard", 1)
        assert (found["status"] == "ok").sum() == len(rows)
        store.append(make_trial(store.round("writer0"), "baseline", 999))


# ---------------------------------------------------------------------------------------------
# Refusals


def one_line(error: pytest.ExceptionInfo[Refused]) -> bool:
    return "\n" not in str(error.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are notes, not trials. " * 100)
    with pytest.raises(Refused, match=r"notes.txt is not a SQLite database: name another") as error:
        open_store(str(file))
    assert one_line(error)
    assert file.read_text().startswith("These are notes")


def test_a_database_of_something_else_is_refused_and_left_alone(url: str) -> None:
    engine = sa.create_engine(url if "://" in url else f"sqlite:///{url}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(Refused, match="is a database of something else .*'recipes'"):
        open_store(url)
    assert sa.inspect(engine).get_table_names() == ["recipes"]
    engine.dispose()


def test_a_damaged_file_is_refused_with_one_line(tmp_path: Path) -> None:
    file = tmp_path / "trials.db"
    with open_store(str(file)) as store:
        fill(store)
    size = file.stat().st_size
    with open(file, "r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xa5" * (size - 4096))
    with (
        pytest.raises(Refused, match=r"trials.db is damaged: restore it") as error,
        open_store(str(file)) as store,
    ):
        store.trials()
    assert one_line(error)


def test_a_clock_that_was_set_back_makes_no_old_source_the_current_one(store: Store) -> None:
    for day, source in ((3, "old"), (2, "new")):
        at = f"2026-03-0{day}T12:00:00+00:00"
        round = make_round(source, started=at, submissions={"student": source}, seeds=(0,))
        store.begin(round)
        store.append(make_trial(round, "student", 0, finished=at))
        store.finish(source)
    for frame in (store.measurements("mse-task", "standard", 1), store.trials("mse-task")):
        assert list(rank.current(frame)["source"]) == ["new"]


def test_a_store_of_version_1_is_brought_to_the_present(url: str) -> None:
    with open_store(url) as store, store._engine.begin() as connection:
        for day, id in ((3, "last"), (1, "first"), (2, "middle")):
            store_row = make_round(id, started=f"2026-03-0{day}T12:00:00+00:00")
            connection.execute(
                store_module._rounds.insert(),
                vars(store_row) | {"submissions": {}, "machine": {}},
            )
        for statement in (
            "DROP INDEX rounds_in_order",
            "ALTER TABLE rounds DROP COLUMN arrival",
            "UPDATE schema_version SET version = 1",
        ):
            connection.exec_driver_sql(statement)
    for _ in range(2):
        with open_store(url) as store, store._engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT id FROM rounds ORDER BY arrival").all()
            assert [row.id for row in rows] == ["first", "middle", "last"]
    with open_store(url) as store:
        store.begin(make_round("newest", started="2025-01-01T00:00:00+00:00", submissions={}))
        assert store.unfinished("mse-task", 1, "standard", (0, 1, 2), {}).id == "newest"


def test_a_store_of_a_newer_version_is_refused(url: str) -> None:
    with open_store(url) as store, store._engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO schema_version VALUES (7)")
    with pytest.raises(Refused, match="has version 7, this harness reads version 2: upgrade"):
        open_store(url)


def test_a_lock_that_outlasts_the_wait_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "BUSY_MS", 50)
    file = tmp_path / "trials.db"
    with open_store(str(file)) as store, closing(sqlite3.connect(file)) as other:
        store.begin(make_round())
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Refused, match="was locked by another program for .* s") as error:
            store.append(make_trial(make_round(), "student", 0))
        assert one_line(error)
        assert store.round("r1").id == "r1"  # readers do not wait
        other.rollback()
        store.append(make_trial(make_round(), "student", 0))


def test_a_lock_on_postgresql_that_outlasts_the_wait_is_refused(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "BUSY_MS", 50)
    with open_store(postgres_url) as store, store._engine.connect() as other:
        store.begin(make_round())
        other.exec_driver_sql("SELECT * FROM rounds FOR UPDATE")
        with pytest.raises(Refused, match="was locked by another program"):
            store.append(make_trial(make_round(), "student", 0))
        other.rollback()
        store.append(make_trial(make_round(), "student", 0))


def test_a_full_disk_is_refused_and_keeps_what_was_there(tmp_path: Path) -> None:
    file, round = tmp_path / "trials.db", make_round(seeds=tuple(range(1000)))
    with open_store(str(file)) as store:

        @sa.event.listens_for(store._engine, "connect")
        def no_growth(connection: sqlite3.Connection, record: object) -> None:
            connection.execute("PRAGMA max_page_count = 60")

        store._engine.dispose()
        store.begin(round)
        acknowledged = []
        with pytest.raises(Refused, match="has no room left on its disk: nothing was") as error:
            for seed in round.seeds:
                trial = make_trial(round, "student", seed)
                store.append(trial)
                acknowledged.append(trial.id)
        assert one_line(error)
        assert 20 < len(acknowledged) < 1000
        assert sorted(store.trials()["id"]) == sorted(acknowledged)
    with open_store(str(file)) as store:  # room again
        store.append(make_trial(round, "student", len(acknowledged)))
        assert len(store.trials()) == len(acknowledged) + 1


def mounted(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0


def test_a_disk_that_is_truly_full_is_refused(tmp_path: Path) -> None:
    if not mounted(tmp_path):
        pytest.skip("only root may mount a small disk")
    try:
        round = make_round(seeds=tuple(range(10_000)))
        with open_store(str(tmp_path / "trials.db")) as store:
            store.begin(round)
            acknowledged = 0
            with pytest.raises(Refused, match="has no room left on its disk|reports an error"):
                for seed in round.seeds:
                    store.append(make_trial(round, "student", seed))
                    acknowledged += 1
            assert len(store.trials()) == acknowledged > 10
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@contextmanager
def without_privileges() -> Iterator[None]:
    """Be a user who owns nothing: modes do not bind root."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_read_only_store_is_refused(what: str) -> None:
    with tempfile.TemporaryDirectory() as home:  # pytest's own folders are closed to others
        os.chmod(home, 0o755)
        folder = Path(home, "folder")
        folder.mkdir()
        file = folder / "trials.db"
        open_store(str(file)).close()
        folder.chmod(0o555 if what == "folder" else 0o777)
        file.chmod(0o666 if what == "folder" else 0o444)
        wanted = folder if what == "folder" else file
        with without_privileges(), pytest.raises(Refused) as error:
            open_store(str(file))
        folder.chmod(0o755)
    assert str(error.value) == (
        f"The store {file} is read-only: give this user the right to write {wanted}."
    )


def test_a_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no folder .*nowhere"):
        open_store(str(tmp_path / "nowhere" / "trials.db"))
    with pytest.raises(Refused, match="got one of 'mysql://'"):
        open_store("mysql://host/database")
    with pytest.raises(Refused, match="cannot be opened"):
        open_store(str(tmp_path))


def test_a_server_that_is_not_there_is_refused_without_its_password() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with pytest.raises(Refused, match="cannot be reached: check the URL") as error:
        open_store(f"postgresql://tester:hunter2@127.0.0.1:{port}/trials")
    assert one_line(error)
    assert "hunter2" not in str(error.value)


def test_the_environment_and_then_the_data_folder_name_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "named.db"))
    open_store().close()
    assert (tmp_path / "named.db").exists()
    monkeypatch.delenv("HARNESS_STORE")
    monkeypatch.setattr(
        store_module.platformdirs, "user_data_dir", lambda name, **_: str(tmp_path / "data" / name)
    )
    open_store().close()
    assert (tmp_path / "data" / "theory-harness" / "trials.db").exists()
