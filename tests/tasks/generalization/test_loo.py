"""Leave-one-out: the exam, its truth, the limit, the measure, the target, the references."""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.kernels.loo_residuals import loo_residuals
from harness.sandbox import Nursery
from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.generalization import loo as baseline
from tasks.generalization import loo as task
from tasks.generalization.loo import KERNELS, LOSSES, TASK
from tests import zoo
from tests.cheats.loo import refits

REFERENCES = ["resubstitution", "square", "span", "pivoting"]


def module(name: str) -> Any:
    if name == "baseline":
        return baseline
    return importlib.import_module(f"submissions.references.generalization.loo_{name}")


class Predicts:
    """`predict` of a module without a wall, which takes as long as it is told."""

    def __init__(self, rule: Any, each: float = 0.0) -> None:
        self.rule, self.each, self.seconds = rule, each, 0.0
        self.asked: list[tuple[Arrays, str | None]] = []

    def __call__(self, inputs: Arrays, part: str | None = None) -> Arrays:
        self.asked.append((inputs, part))
        self.seconds += self.each
        return self.rule({name: array.copy() for name, array in inputs.items()})


def rule_of(name: str) -> Any:
    return lambda inputs: module(name).predict({}, inputs)


def answered(exam: Exam, name: str) -> Arrays:
    return task.ask(exam, {}, Predicts(rule_of(name)))


def numbers(exam: Exam, outputs: Arrays) -> dict[str, float]:
    scores = task.score(exam, {}, outputs)
    own = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return own | {"stderr": scores.stderr} | dict(scores.extra)


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


@pytest.fixture(scope="module")
def true(exam: Exam) -> Arrays:
    """Return outputs that are the truth."""
    margins = {name: array for name, array in exam.truth.items() if name.endswith("/margin")}
    return margins | {"seconds": np.array(0.1), "refits": np.array(1.0)}


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    np.random.seed(5)
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    for part in ("train", "inputs", "truth"):
        first, same, different = (getattr(one, part) for one in (exam, again, other))
        assert first.keys() == same.keys() == different.keys()
        for name, array in first.items():
            np.testing.assert_array_equal(array, same[name])
            assert array.shape == different[name].shape and array.dtype == different[name].dtype
            alike = len(set(np.ravel(array))) == 1  # the kernel of all that are smaller
            assert alike or not np.array_equal(array, different[name])
    assert exam.facts == again.facts == other.facts


def test_what_is_shown_and_asked_has_the_form_of_the_sheet(exam):
    assert {name: array.shape for name, array in exam.train.items()} == {
        "K": (9, 60, 60),
        "y": (9, 60),
        "alpha": (9, 60),
        "margin": (9, 60),
    }
    assert exam.inputs["60/K"].shape == (15, 60, 60)
    assert exam.inputs["30/y"].shape == (3, 30) and exam.inputs["15/alpha"].shape == (3, 15)
    assert not [name for name in exam.inputs if name.endswith(("margin", "kernel"))]
    counts = np.bincount(exam.truth["60/kernel"], minlength=len(KERNELS))
    assert counts.tolist() == [3] * len(KERNELS)


def test_no_instance_is_asked_that_was_shown(exam):
    shown, asked = exam.train["alpha"], exam.inputs["60/alpha"]
    assert np.abs(shown[:, None] - asked).max(-1).min() > 1e-3


def test_coefficients_are_those_of_the_machine_and_margins_those_of_refits(exam):
    """All n refits of every instance, from nothing and by another solver."""
    inputs = {name: exam.inputs[f"60/{name}"] for name in ("K", "y", "alpha")}
    margins = baseline.margins(inputs)
    assert inputs["alpha"].min() >= 0 and margins.min() > 1 - 1e-8
    assert not ((inputs["alpha"] > 0) & (margins > 1 + 1e-8)).any()
    np.testing.assert_allclose(
        refits.predict({}, inputs)["margin"], exam.truth["60/margin"], atol=1e-7
    )


def test_who_supports_nothing_keeps_its_margin_and_nobody_gains(exam):
    inputs = {name: exam.inputs[f"60/{name}"] for name in ("K", "y", "alpha")}
    margins, truth = baseline.margins(inputs), exam.truth["60/margin"]
    none = inputs["alpha"] == 0
    np.testing.assert_allclose(truth[none], margins[none], atol=1e-8)
    assert (truth <= margins + 1e-8).all()


def test_every_size_is_asked_of_a_process_that_knows_no_other(exam):
    predict = Predicts(rule_of("baseline"))
    task.ask(exam, {}, predict)
    assert {part for _, part in predict.asked} == {""}
    # The instances, some of them again, and two sizes more.
    assert [len(inputs["y"]) for inputs, _ in predict.asked] == [15, 7, 3, 3]


# ---------------------------------------------------------------------------------------------
# Asking


def test_half_of_the_time_of_refits_is_the_limit(exam, monkeypatch):
    monkeypatch.setattr(task, "refit_seconds", lambda inputs: 2.0)
    found = task.ask(exam, {}, Predicts(rule_of("baseline"), each=0.99))
    assert (found["seconds"], found["refits"]) == (pytest.approx(0.99), 2.0)
    with pytest.raises(Refused, match=r"took 1.010 s .* what refits take, 1.000 s"):
        task.ask(exam, {}, Predicts(rule_of("baseline"), each=1.01))


def test_the_time_of_refits_is_about_what_they_take(exam):
    inputs = {name: exam.inputs[f"60/{name}"][:3] for name in ("K", "y", "alpha")}
    start = time.thread_time()
    refits.predict({}, inputs)
    took = time.thread_time() - start
    assert 0.25 * took < np.median([task.refit_seconds(inputs) for _ in range(9)]) < 2 * took


WRONG = {
    "fewer": (lambda m: {"margin": m[:-1]}, r"must have shape \((15, 60|3, 30|3, 15)\), got"),
    "flat": (lambda m: {"margin": m.ravel()}, r"must have shape \(15, 60\), got \(900,\)"),
    "empty": (lambda m: {"margin": m[:0]}, r"must have shape \(15, 60\), got \(0, 60\)"),
    "another name": (lambda m: {"loss": m}, r"predict\['margin'\] is missing"),
    "something beside it": (lambda m: {"margin": m, "K": m}, r"\['K'\] is not wanted"),
    "whole numbers": (lambda m: {"margin": m.astype(int)}, "must be float, got int64"),
    "of its company": (lambda m: {"margin": m - m.mean()}, "its own question alone"),
    "of its place": (lambda m: {"margin": m + np.arange(len(m))[:, None]}, "own question alone"),
}


@pytest.mark.parametrize("spoil, message", WRONG.values(), ids=WRONG)
def test_what_is_no_answer_is_refused(spoil, message, exam):
    def rule(inputs: Arrays) -> Arrays:
        return spoil(baseline.margins(inputs))

    with pytest.raises(Refused, match=message):
        task.ask(exam, {}, Predicts(rule))


# ---------------------------------------------------------------------------------------------
# The measure


def test_the_truth_has_no_error(exam, true):
    found = numbers(exam, true)
    for name in ("quality", "heldout", "bias", "below", "stderr", *(f"error_{k}" for k in KERNELS)):
        assert found[name] == pytest.approx(0, abs=1e-12), name
    assert found["correlation"] == pytest.approx(1)
    assert found["milliseconds"] == pytest.approx(100 / 15)
    assert found["refit_milliseconds"] == pytest.approx(1000 / 15)


def test_the_measure_is_what_the_sheet_says(exam):
    outputs = answered(exam, "span")
    found = numbers(exam, outputs)
    errors, biases = [], []
    for p, t in zip(outputs["60/margin"], exam.truth["60/margin"], strict=True):
        p, t = np.maximum(0, 1 - p), np.maximum(0, 1 - t)
        errors.append(np.abs(p - t).sum() / t.sum())
        biases.append(p.mean() / t.mean() - 1)
    assert found["quality"] == pytest.approx(np.mean(errors))
    assert found["stderr"] == pytest.approx(np.std(errors, ddof=1) / np.sqrt(15))
    assert found["heldout"] == pytest.approx(np.mean(np.abs(biases)))
    assert found["bias"] == pytest.approx(np.mean(biases))
    assert found["visible"] == 0


def test_the_order_of_instances_and_of_samples_does_not_matter(exam):
    outputs = answered(exam, "span")
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(15), rng.permutation(60)
    truth = dict(exam.truth)
    other = dict(outputs)
    for part in (truth, other):
        part["60/margin"] = part["60/margin"][rows][:, columns]
    truth["60/kernel"] = truth["60/kernel"][rows]
    first = numbers(exam, outputs)
    second = numbers(Exam(exam.train, exam.inputs, truth, exam.facts), other)
    assert first == pytest.approx(second, rel=1e-9)


def test_losses_of_a_margin_are_those_of_their_names():
    m = np.array([-1.0, 0.0, 0.5, 2.0])
    np.testing.assert_allclose(LOSSES["hinge"](m), [2, 1, 0.5, 0])
    np.testing.assert_allclose(LOSSES["squared_hinge"](m), [4, 1, 0.25, 0])
    np.testing.assert_allclose(LOSSES["logistic"](m), np.log(1 + np.exp(-m)))
    np.testing.assert_allclose(LOSSES["zero_one"](m), [1, 1, 0, 0])


def test_below_counts_losses_that_are_predicted_too_small(exam, true):
    spoiled = dict(true)
    spoiled["60/margin"] = true["60/margin"].copy()
    loses = np.flatnonzero(spoiled["60/margin"][0] < 0.9)[:3]
    spoiled["60/margin"][0, loses] += 0.05
    assert numbers(exam, spoiled)["below"] == pytest.approx(3 / (15 * 60))


def test_margins_beyond_measure_are_large_and_no_more(exam, true):
    far = {**true, "60/margin": np.full((15, 60), -1e308)}
    found = numbers(exam, far)
    assert np.isfinite(list(found.values())).all()
    assert found["quality"] > 1e5 and found["correlation"] == 0


def test_series_are_bounded_and_have_what_charts_draw(exam):
    scores = task.score(exam, {}, answered(exam, "span"))
    assert len(scores.series["margins"]["true"]) == 60 * len(KERNELS)
    assert len(scores.series["instances"]["n"]) == 21 and len(scores.series["sizes"]["n"]) == 9
    for chart in TASK.charts:
        columns = scores.series[chart.series]
        assert {chart.x, chart.y} <= columns.keys()
        assert chart.facet is None or chart.facet in columns


# ---------------------------------------------------------------------------------------------
# The target


LEAST = {f"error_{kernel}": 3.0 for kernel in KERNELS}
BOUND = {"quality": 3.0, "below": 0.0, **LEAST}


@pytest.mark.parametrize(
    "mine, lacks",
    [
        ({}, ""),
        ({"quality": 0.5, "below": 0.4}, ""),
        ({"quality": 0.501, "below": 0.4}, "but 40.0 % of losses are predicted below the truth"),
        ({"quality": 2.0, "error_laplace": 2.9}, ""),
        ({"quality": 2.0, "error_laplace": 3.1}, "looser than the baseline's, as this is for lapl"),
    ],
)
def test_the_target_is_held_on_both_sides(mine, lacks):
    found = task.shortfall(BOUND | mine, BOUND)
    assert lacks in found and bool(found) == bool(lacks)


def test_a_constant_is_not_ranked_even_where_it_is_a_bound(exam, true):
    least = numbers(exam, answered(exam, "baseline"))
    for constant in (1.0, 0.5, 0.0, float(exam.truth["60/margin"].min()), -10.0):
        margins = {"60/margin": np.full((15, 60), constant)}
        found = numbers(exam, {**true, **margins})
        assert task.shortfall(found, least), constant


# ---------------------------------------------------------------------------------------------
# The submissions


def test_the_baseline_is_a_bound_and_ranked(exam):
    found = numbers(exam, answered(exam, "baseline"))
    assert found["below"] == 0 and found["quality"] > 3
    assert task.shortfall(found, found) == ""


def test_the_span_rule_is_that_of_the_kernel(exam):
    margins = answered(exam, "span")["60/margin"]
    for k in range(15):
        K, y, alpha = (exam.inputs[f"60/{name}"][k] for name in ("K", "y", "alpha"))
        moved = loo_residuals(K, y * alpha, alpha > 0)
        np.testing.assert_allclose(margins[k], y * (K @ (y * alpha) - moved), rtol=1e-7)


def test_the_formula_of_the_square_loss_is_that_of_its_machine(exam):
    margins = answered(exam, "square")["60/margin"]
    for k in range(15):
        K, y = (exam.inputs[f"60/{name}"][k] for name in ("K", "y"))
        residuals = loo_residuals(K, np.linalg.solve(K, y))
        np.testing.assert_allclose(margins[k], 1 - y * residuals, rtol=1e-6)


def test_references_stand_in_the_order_that_they_are_there_for(exam):
    least = numbers(exam, answered(exam, "baseline"))
    found = {name: numbers(exam, answered(exam, name)) for name in REFERENCES}
    assert found["pivoting"]["quality"] < 1e-6
    assert 0.01 < found["span"]["quality"] < 0.1
    assert found["span"]["correlation"] > 0.99
    assert found["span"]["quality"] < found["square"]["quality"] / 3
    assert found["resubstitution"]["quality"] == pytest.approx(1)
    assert "below the truth" in task.shortfall(found["resubstitution"], least)
    for name in ("span", "pivoting"):
        assert task.shortfall(found[name], least) == ""


def test_submissions_learn_nothing(exam):
    for name in ["baseline", *REFERENCES]:
        assert module(name).fit(exam.train, Context(0, 60.0, 1, "cpu", exam.facts)) == {}


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = zoo.boards(TASK, [], nursery, tmp_path, (0, 1, 2))["copied"]
    assert (row["status"], row["rank"]) == ("ranked", 1), row
    assert row["gap_difference"] == 0 and row["compression"] == 1
    # One interval of 95 % in twenty misses, by little where trials agree to a percent.
    assert row["score_low"] - 0.02 <= 1 <= row["score_high"] + 0.02
    assert row["score"] == pytest.approx(1, abs=0.05)


def test_full_is_the_same_with_more_samples(monkeypatch):
    monkeypatch.setitem(task.SIZES, "full", 40)
    exam = task.make(0, "full")
    assert exam.inputs["40/K"].shape == (15, 40, 40)
    assert numbers(exam, answered(exam, "pivoting"))["quality"] < 1e-6
