"""A stored trial can be run again; what is recorded says whether it came out the same."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import catalog, machine
from harness import verify as verifying
from harness.sandbox import Nursery
from harness.store import Store, open_store
from harness.trial import Item, examine
from harness.verify import Verification, as_json, report, verify
from harness.vocabulary import Refused, Round, Submission, Trial, Unknown
from tests import fabricate


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "trials.db")) as opened:
        yield opened


@pytest.fixture
def baseline() -> Submission:
    return catalog.submissions("layerwise")["baseline"]


def stored(store: Store, baseline: Submission, **changes: Any) -> Trial:
    """Put a made-up trial of the installed baseline into the store, made here and today."""
    of_round = {name: changes.pop(name) for name in ("machine",) if name in changes}
    round = replace(
        fabricate.round(("baseline",), seeds=(0,)),
        submissions={"baseline": changes.get("source", baseline.source)},
        machine=machine.describe(),
        task_version=changes.get("task_version", 1),
    )
    round = replace(round, **of_round)
    trial = replace(fabricate.trials(round)[0], versions=machine.versions(), **changes)
    store.begin(round)
    store.append(trial)
    return trial


@pytest.fixture
def again(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Item]]:
    """Let the second run return a chosen trial, for rules that no real run brings about."""

    def returns(trial: Trial) -> list[Item]:
        items: list[Item] = []
        monkeypatch.setattr(
            verifying, "examine", lambda item, nursery: (items.append(item), trial)[1]
        )
        return items

    return returns


def outcome(store: Store, result: Verification) -> tuple[bool, str]:
    """Return what the store holds of one verification."""
    rows = store.verifications()
    assert list(rows["trial"]) == [result.trial.id]
    return bool(rows["reproduced"][0]), str(rows["detail"][0])


def test_a_real_trial_is_reproduced_from_its_secret_to_the_last_digits(
    store: Store, baseline: Submission, nursery: Nursery
) -> None:
    entered = replace(baseline, division="certified")
    round = Round(
        id="r1", task="layerwise", task_version=1, size="smoke", seeds=(3,),
        submissions={"baseline": entered.source}, secret="5ec2e7", machine=machine.describe(),
        started="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    trial = examine(Item(round, entered, None, 3), nursery)
    assert trial.status == "ok", trial.reason
    store.begin(round)
    store.append(trial)
    result = verify(store, trial.id[:10], nursery)
    assert result.reproduced
    assert result.again.id != trial.id
    assert "1e-06 relative" in result.tolerance
    assert result.differences["heldout"] == (trial.heldout, result.again.heldout)
    assert result.seconds["fit_seconds"][1] == result.again.fit_seconds > 0
    assert outcome(store, result)[0]
    assert "Reproduced" in report(result)


def test_another_number_is_not_reproduced_and_recorded_with_both(store, baseline, again) -> None:
    trial = stored(store, baseline)
    again(replace(trial, heldout=trial.heldout * 1.00001))
    result = verify(store, trial.id, None)
    assert not result.reproduced
    reproduced, detail = outcome(store, result)
    assert not reproduced
    assert f"{trial.heldout:.9g} and {trial.heldout * 1.00001:.9g}" in detail
    assert "NOT reproduced" in report(result)


def test_rounding_is_no_difference_and_neither_are_times(store, baseline, again) -> None:
    trial = stored(store, baseline, visible=0.0)
    other = replace(trial, visible=1e-12, heldout=trial.heldout * (1 + 1e-8), fit_seconds=99.0)
    again(other)
    result = verify(store, trial.id, None)
    assert result.reproduced
    assert result.seconds["fit_seconds"] == (trial.fit_seconds, 99.0)


@pytest.mark.parametrize(("off", "reproduced"), [(0.9, True), (1.1, False)])
def test_on_another_machine_the_metrics_resolution_is_allowed(
    store, baseline, again, off: float, reproduced: bool
) -> None:
    resolution = catalog.load("layerwise").metric.resolution
    trial = stored(store, baseline, machine=machine.describe() | {"processor": "another one"})
    again(replace(trial, heldout=trial.heldout + off * resolution))
    result = verify(store, trial.id, None)
    assert result.reproduced == reproduced
    assert result.tolerance == "0.6 %, the metric's resolution: another processor"


def test_other_versions_widen_the_tolerance_and_are_named(store, baseline, again) -> None:
    trial = stored(store, baseline)
    again(replace(trial, versions=trial.versions | {"torch": "0.1"}))
    assert verify(store, trial.id, None).tolerance.endswith("another torch")


@pytest.mark.parametrize(("status", "reproduced"), [("killed", True), ("failed", False)])
def test_a_trial_that_did_not_end_well_must_end_the_same_way(
    store, baseline, again, status, reproduced
) -> None:
    nothing = dict.fromkeys(("visible", "heldout", "quality"), math.nan)
    trial = stored(store, baseline, status="killed", reason="fit ran longer than 1 s.", **nothing)
    again(replace(trial, status=status, reason="x"))
    result = verify(store, trial.id, None)
    assert result.reproduced == reproduced
    assert "stored: killed, fit ran longer than 1 s." in report(result)
    values = json.loads(json.dumps(as_json(result), allow_nan=False))
    assert values["differences"]["visible"] == [None, None]


def test_the_same_exam_is_drawn_in_the_same_division(store, baseline, again) -> None:
    trial = stored(store, baseline, division="certified")
    items = again(trial)
    verify(store, trial.id, None)
    assert items[0].round == store.round(trial.round)
    assert items[0].seed == trial.seed
    assert items[0].submission.division == "certified"


def test_another_source_is_refused_with_both_hashes_and_nothing_recorded(store, baseline) -> None:
    trial = stored(store, baseline, source="0123456789abcdef")
    with pytest.raises(Refused, match=f"0123456789ab.*{baseline.source[:12]}"):
        verify(store, trial.id, None)
    assert len(store.verifications()) == 0


def test_another_version_of_the_task_is_refused(store, baseline) -> None:
    trial = stored(store, baseline, task_version=99)
    with pytest.raises(Refused, match="version 99 of layerwise; installed is version 1"):
        verify(store, trial.id, None)


def test_a_submission_that_is_gone_is_unknown_unless_it_is_given(store, baseline, again) -> None:
    round = replace(fabricate.round(("mine",), seeds=(0,)), submissions={"mine": baseline.source})
    trial = replace(fabricate.trials(round)[0], source=baseline.source)
    store.begin(round)
    store.append(trial)
    items = again(trial)
    with pytest.raises(Unknown, match="'mine', which is not installed"):
        verify(store, trial.id, None)
    verify(store, trial.id, None, baseline)
    assert items[0].submission.name == "mine"
