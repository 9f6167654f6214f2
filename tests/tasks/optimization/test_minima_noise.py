"""Minima and their noise: the exam, its pool, certificates, measurements, the score, the target."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from harness.kernels import critical_points
from harness.sandbox import Nursery
from harness.vocabulary import Arrays, Exam, Refused, Scores
from submissions.baselines.optimization import minima_noise as baseline
from tasks._data import minima
from tasks.optimization import minima_noise as task
from tasks.optimization.minima_noise import TASK
from tests import zoo
from tests.direct import Direct, assert_is_one, numbers, taught

REFERENCES = ("descent", "gradient_samples", "gradient_updates", "lowest", "sgd", "wide")


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


@pytest.fixture(scope="module")
def artifact(exam: Exam) -> Arrays:
    return taught(TASK, exam, baseline.fit)


@pytest.fixture(scope="module")
def scores(exam: Exam, artifact: Arrays) -> Scores:
    return task.score(exam, artifact, {})


# ---------------------------------------------------------------------------------------------
# The exam


def test_another_seed_is_another_exam_and_the_same_seed_the_same(exam):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    for part, own in ((again.train, exam.train), (again.truth, exam.truth)):
        for name, array in own.items():
            np.testing.assert_array_equal(part[name], array)
    assert not np.array_equal(other.train["strong/1/X"], exam.train["strong/1/X"])
    assert exam.facts == again.facts == other.facts


def test_held_out_problems_come_without_minima(exam):
    assert {n for n in exam.train if n.endswith("/points")} == {"strong/0/points"}
    fit = Direct(lambda train, context: {"points": np.zeros((0, 15))}, exam)
    task.teach(exam, fit)
    for (train, told), cell in zip(fit.calls, exam.facts["problems"], strict=True):
        assert set(train) == {"X", "Y", "c"} | {f"seen/0/{n}" for n in ("X", "Y", "c", "points")}
        np.testing.assert_array_equal(train["X"], exam.train[f"{cell}/X"])
        assert told["hidden"] == 3 and told["weight"] == 1 / 8


# ---------------------------------------------------------------------------------------------
# The score


def test_recall_is_the_share_of_keys_that_a_naive_comparison_finds(exam, artifact, scores):
    shares = []
    for cell in ("strong/1", "strong/2"):
        own = task.landscape_of(exam, cell)
        points = critical_points.polish(own.expand, artifact[f"{cell}/points"].astype(float))
        keys = own.keys(points)
        known = exam.truth[f"{cell}/keys"]
        shares.append(np.mean([min(abs(key - k).max() for k in keys) < 1e-4 for key in known]))
    assert scores.quality == pytest.approx(np.mean(shares))
    assert scores.heldout == 1 - scores.quality


def test_excess_is_the_mean_loss_above_the_pools_lowest_of_all_that_was_sent(exam):
    sgd = importlib.import_module("submissions.references.optimization.minima_noise_sgd")
    sent = taught(TASK, exam, sgd.fit)
    over = []
    for cell in ("strong/1", "strong/2"):
        own = task.landscape_of(exam, cell)
        ends = critical_points.polish(own.expand, sent[f"{cell}/points"].astype(float))
        over += (own.expand(ends).value - exam.truth[f"{cell}/keys"][:, 0].min()).tolist()
    assert len(over) == 120
    excess = task.score(exam, sent, {}).extra["excess"]
    assert excess == pytest.approx(np.mean(over), abs=1e-9) and excess > 0


def test_order_and_copies_of_points_do_not_matter(exam, artifact, scores):
    turned = {name: np.concatenate([a[::-1], a]) for name, a in reversed(artifact.items())}
    again = numbers(task.score(exam, turned, {}))
    apart = ("bytes_per_minimum",)
    kept = {name: value for name, value in numbers(scores).items() if name not in apart}
    assert {name: again[name] for name in kept} == pytest.approx(kept)
    assert again["bytes_per_minimum"] > scores.extra["bytes_per_minimum"]


def test_records_and_tendencies_are_those_of_hand_made_minima():
    rows = [
        {"cell": "weak/1", "loss": loss, "noise": noise, "soft": soft, "global": low}
        for loss, noise, soft, low in
        [(0.0, 2.0, 5, True), (1.0, 1.0, 3, False), (2.0, 8.0, 4, False), (3.0, 9.0, 1, False)]
    ]  # fmt: skip
    found = task._tendencies(rows)
    assert found["spearman_noise"] == pytest.approx(0.8)
    assert found["spearman_soft"] == pytest.approx(-0.8)
    assert found["noisier"] == pytest.approx(2 / 3)
    assert (found["noise_record"], found["soft_record"]) == (2.0, 4.0)
    assert found["log_noise"] == pytest.approx(np.log10([2, 1, 8, 9]).mean())
    assert set(task._tendencies([]).values()) == {0.0}


BROKEN = {
    "missing": ({}, r"fit \(strong/0\)\['points'\] is missing"),
    "another problem": ({"strong/9/points": np.zeros((1, 15))}, "no array of any problem"),
    "a weight too few": ({"strong/0/points": np.zeros((1, 14))}, "must have shape"),
    "integers": ({"strong/0/points": np.zeros((1, 15), int)}, "'points'"),
    "too many": ({"strong/0/points": np.zeros((513, 15))}, "at most 512, got 513"),
    "too far": ({"strong/0/points": np.full((1, 15), 2e3)}, "must be within 1000"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_answer_is_refused(name, exam, artifact):
    changes, message = BROKEN[name]
    with pytest.raises(Refused, match=message):
        task.score(exam, artifact | changes if changes else {}, {})


def test_nothing_found_is_scored(exam):
    nothing = task.score(
        exam, taught(TASK, exam, lambda train, context: {"points": np.zeros((0, 15))}), {}
    )
    assert nothing.quality == 0 and nothing.extra["minima"] == 0
    assert nothing.extra["excess"] == 1 and "minima" not in nothing.series


# ---------------------------------------------------------------------------------------------
# The target


def test_the_target_is_a_share_of_what_the_baseline_finds():
    base = {"quality": 0.5}
    assert TASK.metric.shortfall({"quality": 0.35}, base) == ""
    one = TASK.metric.shortfall({"quality": 0.34}, base)
    assert one == "found 0.34 of the pool's minima, wanted at least 0.35"


def test_a_copy_of_the_baseline_scores_the_same(exam, scores):
    assert numbers(task.score(exam, taught(TASK, exam, baseline.fit), {})) == numbers(scores)


def test_the_baselines_expansion_is_the_tasks():
    rng = np.random.default_rng(0)
    own = minima.draw(task.SHAPES["standard"], 1e-3, rng)
    facts = {"hidden": own.net.hidden, "weight": own.weight}
    theirs = baseline.Problem(own.arrays(), facts)
    theta = rng.normal(size=(3, own.net.size))
    for mine, other in zip(own.expand(theta), theirs.expand(theta), strict=True):
        np.testing.assert_allclose(other, mine, atol=1e-12)
    np.testing.assert_allclose(theirs.gradient(theta), own.expand(theta).gradient, atol=1e-12)
    every = np.tile(np.arange(len(own.net.X)), (3, 1))
    np.testing.assert_allclose(theirs.gradient(theta, every), theirs.gradient(theta), atol=1e-12)
    np.testing.assert_allclose(theirs.loss(theta), own.expand(theta).value, atol=1e-12)


@pytest.mark.parametrize("method", REFERENCES)
def test_a_reference_returns_points(method, exam, scores):
    module = importlib.import_module(f"submissions.references.optimization.minima_noise_{method}")
    own = numbers(task.score(exam, taught(TASK, exam, module.fit), {}))
    ranked = TASK.metric.shortfall(own, numbers(scores)) == ""
    assert ranked or method in ("descent", "lowest")
    assert not (ranked and method == "lowest")
    assert method == "descent" or own["uncertified"] <= 2


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(nursery: Nursery, tmp_path: Path) -> None:
    assert_is_one(zoo.boards(TASK, [], nursery, tmp_path, (0, 1, 2))["copied"])
