"""Raw trials leave the store unchanged, in formats that other programs read."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest

from harness.export import export, rows
from harness.store import Store, open_store
from harness.vocabulary import Refused, Trial
from tests import fabricate

FORMULA = '=HYPERLINK("x")'


@pytest.fixture
def trials() -> list[Trial]:
    """Two rounds of two tasks; one trial of the first failed with a hostile reason."""
    first = fabricate.round(("baseline", "adam"), seeds=(0, 1))
    second = fabricate.round(("baseline",), task="other", size="smoke", seeds=(0,), number=1)
    series = {"curve": {"x": [1, 2], "y": [0.5, math.nan]}}
    made = fabricate.trials(
        first, failed={"adam": FORMULA}, extra={"sanity": 1.5, "undefined": math.nan}, series=series
    )
    return [*made, *fabricate.trials(second)]


@pytest.fixture
def store(tmp_path: Path, trials: list[Trial]) -> Iterator[Store]:
    with open_store(str(tmp_path / "trials.db")) as opened:
        begun = set()
        for trial in trials:
            if trial.round not in begun:
                begun.add(trial.round)
                names = {t.submission: t.source for t in trials if t.round == trial.round}
                seeds = tuple(dict.fromkeys(t.seed for t in trials if t.round == trial.round))
                round = fabricate.round(
                    tuple(names), task=trial.task, size=trial.size, seeds=seeds,
                    number=len(begun) - 1,
                )  # fmt: skip
                opened.begin(round)
            opened.append(trial)
        yield opened


def test_json_holds_every_field_of_every_trial_with_its_series(store, trials) -> None:
    found = {each["id"]: each for each in json.loads(export(store, format="json"))}
    assert set(found) == {trial.id for trial in trials}
    for trial in trials:
        each = found[trial.id]
        assert set(each) == {field.name for field in fields(Trial)}
        assert each["heldout"] == (None if math.isnan(trial.heldout) else trial.heldout)
        assert each["isolation"] == list(trial.isolation)
        assert each["reason"] == trial.reason
    curve = found[trials[0].id]["series"]["curve"]
    assert curve["x"] == [1, 2] and curve["y"][1] is None


def test_csv_spreads_extra_and_versions_and_leaves_empty_what_is_no_number(store, trials) -> None:
    text = export(store, "layerwise", format="csv").decode()
    found = {each["id"]: each for each in csv.DictReader(io.StringIO(text))}
    good, bad = trials[0], next(trial for trial in trials if trial.reason)
    assert float(found[good.id]["heldout"]) == good.heldout
    assert int(found[good.id]["artifact_bytes"]) == good.artifact_bytes
    assert found[good.id]["extra.sanity"] == "1.5"
    assert found[good.id]["extra.undefined"] == ""
    assert found[good.id]["versions.python"] == good.versions["python"]
    assert found[good.id]["isolation"] == "; ".join(good.isolation)
    assert found[bad.id]["heldout"] == found[bad.id]["extra.sanity"] == ""


def test_no_text_of_a_submission_begins_a_formula_in_csv(store) -> None:
    text = export(store, "layerwise", format="csv").decode()
    reasons = {each["reason"] for each in csv.DictReader(io.StringIO(text))}
    assert reasons == {"", "'" + FORMULA}


def test_parquet_holds_the_table_of_rows(store, trials) -> None:
    table = pd.read_parquet(io.BytesIO(export(store, format="parquet")))
    pd.testing.assert_frame_equal(table, rows(store), check_dtype=False)
    assert len(table) == len(trials)
    assert table["artifact_bytes"].dtype == "int64"
    assert table["heldout"].isna().sum() == 2


def test_task_and_size_choose_the_trials(store) -> None:
    assert set(rows(store, "other")["task"]) == {"other"}
    assert set(rows(store, size="standard")["task"]) == {"layerwise"}
    assert len(rows(store, "other", "standard")) == 0


@pytest.mark.parametrize("format", ["csv", "json", "parquet"])
def test_nothing_stored_is_a_file_without_rows(store, format) -> None:
    data = export(store, "absent", format=format)
    if format == "csv":
        header = next(csv.reader(io.StringIO(data.decode())))
        assert {"id", "heldout", "isolation"} <= set(header)
        assert data.count(b"\n") == 1
    elif format == "json":
        assert json.loads(data) == []
    else:
        assert len(pd.read_parquet(io.BytesIO(data))) == 0


def test_an_unknown_format_is_refused_with_what_there_is(store) -> None:
    with pytest.raises(Refused, match="csv, json, parquet, got 'xls'"):
        export(store, format="xls")
