"""Interpolants: the exam, what interpolates, the measure, the target, the references."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import platformdirs
import pytest

from harness import catalog
from harness.sandbox import Nursery
from harness.vocabulary import Arrays, Context, Exam, Facts, Refused
from submissions.baselines.generalization import interpolant as baseline
from tasks._data import photographs
from tasks._data.features import FAMILIES, Features
from tasks.generalization import interpolant as task
from tasks.generalization.interpolant import LOSSES, TASK, TUBES, Scale
from tests import zoo

REFERENCES = [name for name in catalog.submissions("interpolant") if name != "baseline"]


def module(name: str) -> Any:
    if name == "baseline":
        return baseline
    return importlib.import_module(f"submissions.references.generalization.interpolant_{name}")


class Fits:
    """`fit` of a module without a wall; counts calls, and can spoil what comes out."""

    division = "open"

    def __init__(self, exam: Exam, fit: Any, spoil: Any = None) -> None:
        self.exam, self.fit, self.spoil = exam, fit, spoil
        self.calls: list[tuple[Arrays, str]] = []

    def __call__(self, train: Arrays, facts: Facts | None = None) -> Arrays:
        told = {**self.exam.facts, **(facts or {})}
        self.calls.append((train, told["loss"]))
        artifact = self.fit(train, Context(0, 60.0, 1, "cpu", told))
        return artifact if self.spoil is None else self.spoil(artifact)


def numbers(exam: Exam, name: str) -> dict[str, float]:
    scores = task.score(exam, task.teach(exam, Fits(exam, module(name).fit)), {})
    own = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return own | {"stderr": scores.stderr} | dict(scores.extra)


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


@pytest.fixture(scope="module")
def taught(exam: Exam) -> Arrays:
    """Have the baseline taught."""
    return task.teach(exam, Fits(exam, baseline.fit))


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    np.random.seed(5)
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    for part in ("train", "truth"):
        first, same, different = (getattr(one, part) for one in (exam, again, other))
        assert first.keys() == same.keys() == different.keys()
        for name, array in first.items():
            np.testing.assert_array_equal(array, same[name])
            assert array.shape == different[name].shape and array.dtype == different[name].dtype
            fixed = name.endswith("/family") or not array.size
            assert fixed or not np.array_equal(array, different[name])
    assert exam.facts == again.facts == other.facts


def test_fresh_samples_are_new_and_of_both_classes(exam):
    for draw in ("draw0", "draw1", "draw2", "loo"):
        y, fresh = exam.train[f"{draw}/y"], exam.truth[f"{draw}/y"]
        assert set(y) == set(fresh) == {-1.0, 1.0}
        assert 0.4 < (fresh > 0).mean() < 0.6
        truth = {name: exam.truth[f"{draw}/{name}"] for name in ("W", "b", "x", "family")}
        features = Features(FAMILIES[int(truth["family"])], truth["W"], truth["b"])
        phi = features(truth["x"][:500])
        distance = np.abs(phi[:, None] - exam.train[f"{draw}/phi"]).max(-1)
        assert distance.min() > 1e-3


def test_samples_are_separable_but_not_without_norm(exam):
    """Directions that all draws share would make the labels known before they are shown."""
    for draw in ("draw0", "draw1", "draw2"):
        phi, y = exam.train[f"{draw}/phi"], exam.train[f"{draw}/y"]
        assert np.linalg.matrix_rank(phi) == len(y)
        fresh = task._margins(exam, draw, np.linalg.lstsq(phi, y)[0][:, None])[:, 0]
        assert 0.6 < (fresh > 0).mean() < 1


def test_the_features_do_not_tell_what_they_are_made_of(exam):
    """Neither does `fit` see signals, frequencies or fresh samples, nor does `predict` anything."""
    assert {name.rpartition("/")[2] for name in exam.train} == {"phi", "y"}
    assert exam.inputs == {}
    assert set(exam.facts) == {"losses", "epsilon", "n_samples", "n_features"}


# ---------------------------------------------------------------------------------------------
# Teaching


def test_every_call_has_one_sample_fewer_than_the_draw_that_is_left_out_from(exam, taught):
    fits = Fits(exam, baseline.fit)
    task.teach(exam, fits)
    assert len(fits.calls) == 3 * 4 + 10
    assert {train["phi"].shape for train, _ in fits.calls} == {(79, 400)}
    assert {loss for _, loss in fits.calls} == set(LOSSES)
    left_out = {train["phi"].tobytes() for train, _ in fits.calls[12:]}
    assert len(left_out) == 10 and {loss for _, loss in fits.calls[12:]} == {"hinge"}
    assert len(taught) == 22


@pytest.mark.parametrize("loss", LOSSES)
def test_the_least_norm_is_what_the_baseline_finds(exam, taught, loss):
    for draw in ("draw0", "draw1", "draw2"):
        least, found = exam.truth[f"{draw}/w/{loss}"], taught[f"{draw}/{loss}/w"]
        np.testing.assert_allclose(found, least, atol=1e-6 * np.abs(least).max())


@pytest.mark.parametrize("name", REFERENCES)
def test_no_reference_is_shorter_and_all_interpolate(exam, name):
    artifact = task.teach(exam, Fits(exam, module(name).fit))
    for draw in ("draw0", "draw1", "draw2"):
        phi, y = exam.train[f"{draw}/phi"], exam.train[f"{draw}/y"]
        for loss, V in LOSSES.items():
            w, least = artifact[f"{draw}/{loss}/w"], exam.truth[f"{draw}/w/{loss}"]
            assert V(y * (phi @ w)).max() <= 1e-6
            assert np.linalg.norm(w) >= np.linalg.norm(least) * (1 - 1e-9)


def test_a_loss_is_zero_exactly_in_its_tube():
    for loss, (least, width) in TUBES.items():
        most = least * (1 + width)
        inside = np.linspace(least, min(most, 50.0), 7)
        assert not LOSSES[loss](inside).any()
        assert LOSSES[loss](np.array([least - 0.01]))[0] > 0
        assert not np.isfinite(most) or LOSSES[loss](np.array([most + 0.01]))[0] > 0


WRONG = {
    "another length": (lambda a: {"w": a["w"][:-1]}, r"must have shape \(400,\), got \(399,\)"),
    "empty": (lambda a: {"w": a["w"][:0]}, r"must have shape \(400,\), got \(0,\)"),
    "a matrix": (lambda a: {"w": a["w"][:, None]}, r"must have shape \(400,\), got \(400, 1\)"),
    "another name": (lambda a: {"weights": a["w"]}, r"fit \(square\)\['w'\] is missing"),
    "something beside it": (lambda a: {**a, "b": a["w"]}, r"\['b'\] is not wanted"),
    "whole numbers": (lambda a: {"w": a["w"].astype(int)}, "must be float, got int64"),
    "half precision": (lambda a: {"w": a["w"].astype(np.float16)}, "must interpolate"),
    "nothing": (lambda a: {"w": 0 * a["w"]}, "largest loss on its samples is 1, wanted at most"),
    "too large": (lambda a: {"w": 1e300 * a["w"]}, "largest loss on its samples is inf"),
}


@pytest.mark.parametrize("spoil, message", WRONG.values(), ids=WRONG)
def test_what_is_no_interpolant_is_refused(spoil, message, exam):
    with pytest.raises(Refused, match=message):
        task.teach(exam, Fits(exam, baseline.fit, spoil))


# ---------------------------------------------------------------------------------------------
# The measure


def test_the_baseline_is_one_and_has_no_gap_but_its_stability(exam):
    found = numbers(exam, "baseline")
    for name in ("quality", "heldout", "rbf", "laplace", "relu", "norm", "error_ratio", *LOSSES):
        assert found[name] == pytest.approx(1, abs=1e-5), name
    assert found["visible"] < 1e-9 and found["stderr"] < 1e-5


def test_the_measure_is_the_mean_loss_on_fresh_samples_over_that_of_the_least_norm(exam):
    artifact = task.teach(exam, Fits(exam, module("anchored").fit))
    scores = task.score(exam, artifact, {})
    logs = []
    for draw in ("draw0", "draw1", "draw2"):
        truth = {name: exam.truth[f"{draw}/{name}"] for name in ("W", "b", "x", "y", "family")}
        features = Features(FAMILIES[int(truth["family"])], truth["W"], truth["b"])
        phi = features(truth["x"])
        for loss in ("square", "hinge", "squared_hinge"):
            mine, least = (
                LOSSES[loss](truth["y"] * (phi @ w)).mean()
                for w in (artifact[f"{draw}/{loss}/w"], exam.truth[f"{draw}/w/{loss}"])
            )
            logs.append(np.log(mine / least))
    assert scores.quality == pytest.approx(np.exp(np.mean(logs)), rel=1e-9)
    by_draw = np.reshape(logs, (3, 3)).mean(1)
    expected = scores.quality * by_draw.std(ddof=1) / np.sqrt(3)
    assert scores.stderr == pytest.approx(expected, rel=1e-9)
    assert scores.heldout - scores.visible == pytest.approx(scores.quality, abs=1e-9)


def test_the_order_of_fresh_samples_does_not_matter(exam, taught):
    shuffled = dict(exam.truth)
    for draw in ("draw0", "draw1", "draw2"):
        order = np.random.default_rng(0).permutation(5000)
        for name in "xy":
            shuffled[f"{draw}/{name}"] = exam.truth[f"{draw}/{name}"][order]
    other = Exam(exam.train, {}, shuffled, exam.facts)
    first, second = (task.score(one, taught, {}) for one in (exam, other))
    assert first.quality == pytest.approx(second.quality, rel=1e-12)


def test_leaving_out_by_the_span_rule_by_refits_and_fresh_samples_tell_the_same(monkeypatch):
    """For the least norm: the truth by refits, the rule from one fit, and the bound above both."""
    monkeypatch.setitem(task.SCALES, "smoke", Scale(("rbf", "relu"), 79, 400, 5000, 80))
    exam = task.make(3, "smoke")
    found = numbers(exam, "baseline")
    assert found["loo_span"] == pytest.approx(found["loo"], rel=0.15)
    assert found["loo"] < found["loo_bound"]
    assert abs(found["loo"] - found["loo_fresh"]) < 4 * found["loo_stderr"]
    assert found["loo_stderr"] > 0.05 * found["loo"]  # which is why fresh samples rank


def test_series_are_bounded_and_say_what_the_numbers_say(exam, taught):
    scores = task.score(exam, taught, {})
    cells, segment, loo = (scores.series[name] for name in ("cells", "segment", "loo"))
    assert len(cells["loss"]) == 12 and len(segment["t"]) == 4 * 9
    assert loo["share"].sum() == pytest.approx(1)
    np.testing.assert_allclose(segment["ratio"], 1, atol=1e-5)  # the baseline's is a point
    for chart in TASK.charts:
        columns = scores.series[chart.series]
        assert {chart.x, chart.y} <= columns.keys()
        assert chart.facet is None or chart.facet in columns


def test_the_segment_ends_where_the_submission_is(exam):
    scores = task.score(exam, task.teach(exam, Fits(exam, module("noise").fit)), {})
    cells, segment = scores.series["cells"], scores.series["segment"]
    for loss in LOSSES:
        end = segment["ratio"][(segment["loss"] == loss) & (segment["t"] == 1)]
        cell = cells["ratio"][(cells["loss"] == loss) & (cells["draw"] == "draw0")]
        assert end == pytest.approx(cell)


def test_a_loss_that_is_no_number_is_refused(exam, taught):
    large = {
        name: 1e200 * w if name.endswith("hinge/w") else w.astype(float)
        for name, w in taught.items()
    }
    with pytest.raises(Refused, match="not finite: scale w down"):
        task.score(exam, large, {})


# ---------------------------------------------------------------------------------------------
# The target, the references and what they are to show


@pytest.mark.parametrize("quality, lacks", [(1.25, False), (1.2501, True), (0.5, False)])
def test_the_target_is_held_on_both_sides(quality, lacks):
    found = task.shortfall({"quality": quality}, {"quality": 1.0})
    assert bool(found) == lacks
    assert not lacks or found == "held-out loss 1.250 of the least norm's, wanted at most 1.250"


def test_the_naive_rule_is_not_ranked_and_others_are(monkeypatch):
    families = ("rbf", "laplace", "relu") * 2
    monkeypatch.setitem(task.SCALES, "smoke", Scale(families, 79, 400, 3000, 2))
    exam = task.make(0, "smoke")
    least = numbers(exam, "baseline")
    assert "wanted at most 1.250" in task.shortfall(numbers(exam, "noise"), least)
    for name in ("anchored", "least_squares", "scaled"):
        assert task.shortfall(numbers(exam, name), least) == "", name


def test_noise_is_seen_by_no_sample_and_twice_as_long(exam, taught):
    artifact = task.teach(exam, Fits(exam, module("noise").fit))
    phi = exam.train["draw0/phi"]
    v = artifact["draw0/hinge/w"] - taught["draw0/hinge/w"]
    assert np.abs(phi @ v).max() < 1e-8 * np.linalg.norm(v)
    length = np.linalg.norm(v) / np.linalg.norm(taught["draw0/hinge/w"])
    assert length == pytest.approx(2)


def test_l1_is_smaller_in_its_own_norm(exam, taught):
    artifact = task.teach(exam, Fits(exam, module("l1").fit))
    for loss in LOSSES:
        mine, theirs = (one[f"draw0/{loss}/w"] for one in (artifact, taught))
        assert np.abs(mine).sum() < 0.8 * np.abs(theirs).sum()


def test_the_anchored_is_nearer_to_its_anchor_than_the_least_norm(exam, taught):
    artifact = task.teach(exam, Fits(exam, module("anchored").fit))
    Z = exam.train["draw0/phi"] * exam.train["draw0/y"][:, None]
    ridge = Z.T @ np.linalg.solve(Z @ Z.T + 0.03 * np.eye(79), np.ones(79))
    mine, theirs = (one["draw0/hinge/w"] for one in (artifact, taught))
    assert np.linalg.norm(mine - 2 * ridge) < 0.9 * np.linalg.norm(theirs - 2 * ridge)
    # For the square loss there is one interpolant in the span of the samples.
    mine, theirs = (one["draw0/square/w"] for one in (artifact, taught))
    np.testing.assert_allclose(mine, theirs, atol=1e-6 * np.abs(theirs).max())


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Scale(("rbf", "laplace", "relu"), 79, 400, 5000, 10)
    monkeypatch.setitem(task.SCALES, "standard", small)
    row = zoo.boards(TASK, [], nursery, tmp_path, (0, 1, 2))["copied"]
    assert (row["status"], row["rank"]) == ("ranked", 1), row
    assert row["gap_difference"] == 0 and row["compression"] == 1
    # One interval of 95 % in twenty misses, by little where trials agree to a percent.
    assert row["score_low"] - 0.02 <= 1 <= row["score_high"] + 0.02
    assert row["score"] == pytest.approx(1, abs=0.05)


# ---------------------------------------------------------------------------------------------
# Full

CARD = """---
configs:
- config_name: plain_text
  data_files:
  - split: train
    path: train.parquet
  - split: test
    path: test.parquet
---
"""


def test_full_draws_pairs_of_pictures(tmp_path, monkeypatch):
    folder = tmp_path / "repository"
    folder.mkdir()
    folder.joinpath("README.md").write_text(CARD)
    names = [str(k) for k in range(10)]
    kinds = datasets.Features(img=datasets.Image(), label=datasets.ClassLabel(names=names))
    rng = np.random.default_rng(0)
    for split, n in (("train", 200), ("test", 100)):
        pictures = rng.integers(256, size=(n, 32, 32, 3), dtype=np.uint8)
        rows = {"img": list(pictures), "label": list(np.arange(n) % 10)}
        datasets.Dataset.from_dict(rows, features=kinds).to_parquet(folder / f"{split}.parquet")
    monkeypatch.setattr(photographs, "CIFAR10", folder)
    monkeypatch.setattr(photographs, "REVISION", None)
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    monkeypatch.setitem(task.SCALES, "full", Scale(("tangent",) * 2, 19, 400, 0, 3))
    exam = task.make(0, "full")
    assert exam.train["draw0/phi"].shape == (19, 8 * 49)
    assert exam.truth["draw0/x"].shape == (60 - 19, 48)
    for draw in ("draw0", "draw1"):
        y = np.concatenate([exam.train[f"{draw}/y"], exam.truth[f"{draw}/y"]])
        assert (y == 1).sum() == (y == -1).sum() == 30
    scores = task.score(exam, task.teach(exam, Fits(exam, baseline.fit)), {})
    assert scores.quality == pytest.approx(1, abs=1e-6)
    assert set(scores.extra) >= {"tangent"} and "rbf" not in scores.extra


def test_offline_full_is_refused(monkeypatch):
    monkeypatch.delenv("HARNESS_ONLINE", raising=False)
    with pytest.raises(Refused, match="size full needs the hub dataset uoft-cs/cifar10 .*--online"):
        task.make(0, "full")
