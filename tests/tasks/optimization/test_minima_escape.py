"""Laws of leaving: the bank, the exam, the score, the target, the references."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from scipy.optimize import minimize
from scipy.stats import spearmanr

from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.optimization import minima_escape as baseline
from submissions.references.optimization import minima_escape_stable, minima_escape_unrest
from tasks._data import minima
from tasks.optimization import minima_escape as task
from tasks.optimization.minima_escape import FEATURES, TASK

FITTED = ("barrier", "boosting", "constant", "curvature", "loss", "noise", "raw", "two")


@pytest.fixture
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have every bank made anew."""
    folders = (str(tmp_path / str(i)) for i in range(100))
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: next(folders))
    yield


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


def told(exam: Exam) -> Context:
    return Context(0, 60.0, 1, "cpu", exam.facts)


def numbers(exam: Exam, Y: np.ndarray) -> dict[str, float]:
    scores = task.score(exam, {}, {"Y": Y})
    return {"visible": scores.visible, "heldout": scores.heldout, **scores.extra}


def column(X: np.ndarray, name: str) -> np.ndarray:
    values: np.ndarray = X[:, FEATURES.index(name)]
    return values


# ---------------------------------------------------------------------------------------------
# The bank


def test_a_problems_rows_are_what_is_measured_of_its_minima_and_the_rest_is_nothing():
    row = task.leave(seed=3, d=3, h=3, n=8, lam=1e-3, starts=20, most=12)
    rng = np.random.default_rng(3)
    own = minima.draw((3, 3, 8), 1e-3, rng)
    found = minima.pool(own, 20, rng)
    n = len(found.loss)
    assert 1 < n < 12
    X, share = row["features"], row["share"]
    assert np.isnan(X[n:]).all() and np.isnan(share[n:]).all() and np.isfinite(X[:n]).all()
    w = np.linalg.eigvalsh(own.expand(found.points).hessian)
    np.testing.assert_allclose(column(X[:n], "log_lambda"), -3)
    np.testing.assert_allclose(column(X[:n], "log_loss"), np.log10(found.loss))
    np.testing.assert_allclose(column(X[:n], "log_noise"), np.log10(found.noise))
    np.testing.assert_allclose(column(X[:n], "log_trace"), np.log10(w.sum(1)))
    np.testing.assert_allclose(column(X[:n], "log_top"), np.log10(w[:, -1]))
    np.testing.assert_array_equal(column(X[:n], "soft"), (w < 1e-2).sum(1))
    heights = minima.barriers(own, found, np.arange(n))
    np.testing.assert_allclose(column(X[:n], "log_barrier"), np.log10(heights))
    np.testing.assert_array_equal(share[:n] * 16, np.round(share[:n] * 16))


def test_a_minimum_that_is_alone_has_the_largest_pass(monkeypatch):
    own_pool = minima.pool

    def lowest(*arguments):
        found = own_pool(*arguments)
        return minima.measure(arguments[0], found.points[:1])

    monkeypatch.setattr(minima, "pool", lowest)
    row = task.leave(seed=3, d=3, h=3, n=8, lam=1e-3, starts=20, most=2)
    assert column(row["features"][:1], "log_barrier").tolist() == [3]
    assert np.isfinite(row["share"]).tolist() == [True, False]


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another(exam, caches):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    for part in ("train", "inputs", "truth"):
        mine, same, different = (getattr(e, part) for e in (exam, again, other))
        assert mine.keys() == same.keys() == different.keys()
        for name, array in mine.items():
            np.testing.assert_array_equal(array, same[name], err_msg=name)
        assert any(not np.array_equal(a, different[name]) for name, a in mine.items())


def test_what_is_shown_has_one_weight_decay_and_what_is_asked_for_a_tenth_of_it(exam):
    seen, decay = exam.truth["seen"], column(exam.inputs["X"], "log_lambda")
    np.testing.assert_allclose(decay, np.where(seen, -3, -4))
    assert seen.any() and (~seen).any()
    assert exam.train.keys() == {"X", "Y", "known", "group"} and exam.inputs.keys() == {"X"}
    assert np.isfinite(exam.inputs["X"]).all() and exam.truth["known"].all()
    assert (exam.truth["Y"] >= 0).all() and (exam.truth["Y"] <= 1).all()


def test_problems_are_told_apart_and_no_problem_is_both_shown_and_asked_for(exam):
    seen, problem = exam.truth["seen"], exam.truth["problem"]
    assert (len(set(problem[seen])), len(set(problem[~seen]))) == (4, 3)
    assert not set(problem[seen]) & set(problem[~seen])
    for group in np.unique(exam.train["group"]):
        rows = exam.train["X"][exam.train["group"] == group]
        found = {
            p for p, x in zip(problem, exam.inputs["X"], strict=True) if (x == rows).all(1).any()
        }
        assert len(found) == 1


# ---------------------------------------------------------------------------------------------
# The score and the target


def test_the_truth_has_no_error_and_errors_are_root_mean_squares(exam):
    seen, Y = exam.truth["seen"], exam.truth["Y"]
    exact = numbers(exam, Y)
    assert exact["visible"] == exact["heldout"] == 0
    off = np.random.default_rng(0).normal(0, 0.3, Y.shape)
    found = numbers(exam, Y + off)
    assert found["visible"] == pytest.approx(np.sqrt(np.mean(off[seen] ** 2)))
    assert found["heldout"] == pytest.approx(np.sqrt(np.mean(off[~seen] ** 2)))


def test_facts_of_the_runs_are_those_of_a_loop_over_problems(exam):
    X, share = exam.inputs["X"], exam.truth["Y"][:, 0]
    found = numbers(exam, exam.truth["Y"])
    lowest, ranks = [], []
    for p in set(exam.truth["problem"]):
        rows = [i for i, q in enumerate(exam.truth["problem"]) if q == p]
        lowest.append(share[min(rows, key=lambda i: X[i, 1])])
        if len(rows) > 2 and len(set(share[rows])) > 1:
            ranks.append(spearmanr(X[rows, 1], share[rows]).statistic)
    assert found["share_lowest"] == pytest.approx(np.mean(lowest))
    assert found["spearman_loss"] == pytest.approx(np.mean(ranks))
    unstable = 0.3 * 10 ** column(X, "log_top") > 2
    assert 0 < found["unstable"] == unstable.mean() < 1
    assert found["share_unstable"] == pytest.approx(share[unstable].mean())
    assert found["share_stable"] == pytest.approx(share[~unstable].mean())


def test_the_floor_is_the_error_of_who_knows_every_probability():
    rng = np.random.default_rng(0)
    p = rng.uniform(size=20_000)
    share = rng.binomial(16, p) / 16
    X = rng.normal(size=(len(p), len(FEATURES)))
    truth = {
        "Y": share[:, None],
        "known": np.ones((len(p), 1), bool),
        "seen": np.arange(len(p)) < 10,
        "problem": np.arange(len(p)) // 100,
    }
    found = numbers(Exam({}, {"X": X}, truth), p[:, None])
    assert found["floor"] == pytest.approx(found["heldout"], rel=0.02)


def test_the_score_does_not_depend_on_the_order_of_questions(exam):
    Y = exam.truth["Y"] + np.random.default_rng(0).normal(0, 0.1, exam.truth["Y"].shape)
    order = np.random.default_rng(1).permutation(len(Y))
    moved = dataclasses.replace(
        exam,
        inputs={"X": exam.inputs["X"][order]},
        truth={name: array[order] for name, array in exam.truth.items()},
    )
    assert numbers(moved, Y[order]) == pytest.approx(numbers(exam, Y))


@pytest.mark.parametrize("shape", [(0, 1), (3, 1), (3,), None])
def test_answers_of_another_form_are_refused_in_words(exam, shape):
    outputs: Arrays = {} if shape is None else {"Y": np.zeros(shape)}
    with pytest.raises(Refused, match=r"predict\['Y'\] (is missing|must have shape)"):
        task.score(exam, {}, outputs)


def test_both_errors_are_wanted():
    theirs = {"visible": 0.2, "heldout": 0.25}
    assert TASK.metric.shortfall({"visible": 0.24, "heldout": 0.3}, theirs) == ""
    assert "smaller weight decay 0.31" in TASK.metric.shortfall(
        {"visible": 0, "heldout": 0.31}, theirs
    )
    assert "shown 0.25" in TASK.metric.shortfall({"visible": 0.25, "heldout": 0}, theirs)


def test_series_have_the_columns_of_the_charts_and_a_row_a_minimum(exam):
    scores = task.score(exam, {}, {"Y": exam.truth["Y"]})
    for chart in TASK.charts:
        series = scores.series[chart.series]
        for name in {chart.x, chart.y, chart.facet, chart.guide} - {None}:
            assert len(series[name]) == len(exam.truth["Y"]) <= 160


# ---------------------------------------------------------------------------------------------
# The submissions


def test_the_likeliest_shares_are_those_of_another_optimizer():
    rng = np.random.default_rng(0)
    Z = np.column_stack([rng.normal(size=(60, 3)), np.ones(60)])
    y = rng.binomial(16, baseline.share(Z @ [2.0, -1.0, 0.0, 0.5])) / 16
    for penalty in (1e-3, 1.0):
        ridge = penalty * np.array([1, 1, 1, 1e-6])

        def loss(w, ridge=ridge):
            p = 1 / (1 + np.exp(-Z @ w))
            return -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum() + ridge @ w**2 / 2

        wanted = minimize(loss, np.zeros(4), tol=1e-12).x
        np.testing.assert_allclose(baseline.logistic(Z, y, penalty), wanted, atol=1e-4)


def test_shares_that_a_line_separates_have_likeliest_weights_too():
    Z = np.column_stack([np.linspace(-1, 1, 20), np.ones(20)])
    w = baseline.logistic(Z, (Z[:, 0] > 0).astype(float), 1e-3)
    assert np.isfinite(w).all() and w[0] > 10


def test_the_baseline_finds_a_law_in_units_of_weight_decay_and_carries_it_over(exam):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, len(FEATURES)))
    X[:200, 0], X[200:, 0] = -3, -4
    scaled = X.copy()
    X[:, 1] += X[:, 0]
    X[:, 2] += 2 * X[:, 0]
    truth = baseline.share(scaled[:, 1] + 0.7 * scaled[:, 2] + 0.3 * scaled[:, 5])
    train = {"X": X[:200], "Y": truth[:200, None], "group": np.arange(200) // 10}
    law = baseline.fit(train, told(exam))
    answers = baseline.predict(law, {"X": X})["Y"][:, 0]
    assert np.abs(answers - truth).max() < 0.01
    raw = importlib.import_module("submissions.references.optimization.minima_escape_raw")
    lost = raw.predict(raw.fit(train, told(exam)), {"X": X})["Y"][:, 0]
    assert np.abs(lost - truth)[:200].max() < 0.01
    assert np.abs(lost - truth)[200:].mean() > 0.1


@pytest.mark.parametrize("method", FITTED)
def test_a_fitted_law_answers_every_question_alone(method, exam):
    law = importlib.import_module(f"submissions.references.optimization.minima_escape_{method}")
    artifact = law.fit(exam.train, told(exam))
    Y = law.predict(artifact, exam.inputs)["Y"]
    assert Y.shape == exam.truth["Y"].shape and (Y > -0.5).all() and (Y < 1.5).all()
    few = law.predict(artifact, {"X": exam.inputs["X"][3:5]})["Y"]
    np.testing.assert_allclose(few, Y[3:5], atol=1e-12)
    constant = numbers(exam, np.full_like(Y, exam.train["Y"].mean()))["visible"]
    assert numbers(exam, Y)["visible"] <= constant + 1e-9


def test_the_theories_say_what_their_docstrings_say(exam):
    X = exam.inputs["X"]
    stable, unrest = (
        law.predict(law.fit(exam.train, told(exam)), exam.inputs)["Y"][:, 0]
        for law in (minima_escape_stable, minima_escape_unrest)
    )
    np.testing.assert_array_equal(stable, 0.3 * 10 ** column(X, "log_top") > 2)
    lift = minima.unrest(10 ** column(X, "log_noise"))
    np.testing.assert_array_equal(unrest, lift > 10 ** column(X, "log_barrier"))
    assert set(stable) == {0, 1}
