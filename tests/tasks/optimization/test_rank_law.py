"""Laws of the rank: the bank of runs, the exam, the score, the target, the references."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import platformdirs
import pytest
import torch

from harness.kernels import sgd
from harness.kernels.mlp import MLP
from harness.kernels.stable_rank import numerical_rank, stable_rank
from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.optimization import rank_law as baseline
from submissions.references.optimization import (
    rank_law_boosting,
    rank_law_memory,
    rank_law_ridge,
    rank_law_ridge_batch,
)
from tasks._data import together
from tasks.optimization import rank_law as task
from tasks.optimization.rank_law import MATCHED, TASK, networks
from tasks.optimization.rank_law.networks import FEATURES, TARGETS


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every bank made anew."""
    folders = (str(tmp_path / str(i)) for i in range(100))
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: next(folders))


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


def told(exam: Exam) -> Context:
    return Context(0, 60.0, 1, "cpu", exam.facts)


def numbers(exam: Exam, Y: np.ndarray) -> dict[str, float]:
    scores = task.score(exam, {}, {"Y": Y})
    return {"visible": scores.visible, "heldout": scores.heldout, **scores.extra}


def settings(**changed: object) -> Arrays:
    """Return three runs on digits and change some of what they are."""
    mine: dict[str, object] = {
        "linear": [0, 0, 0], "batch": [networks.N] * 3, "rate": [0.1, 0.05, 0.1],
        "weight_decay": [0, 0.01, 0], "steps": [40, 25, 10], "width": [32] * 3, "depth": [2] * 3,
        "gain": [1.4] * 3, "noise": [0] * 3, "seed": [1, 2, 3],
    }  # fmt: skip
    return {name: np.asarray(values) for name, values in (mine | changed).items()}


# ---------------------------------------------------------------------------------------------
# The bank


def test_a_run_is_that_of_the_kernel_that_trains_one_network(empty_cache, monkeypatch):
    monkeypatch.setattr(networks, "MOST_LOSS", 9.0)  # so few steps learn little
    mine = settings()
    measured = networks.train(mine)
    for r in range(3):
        rng = np.random.default_rng([mine["seed"][r], 0])
        X, Y = networks._scans(rng)
        start = together.draw(rng, (64, 32, 32, 10), np.array([1.4]), torch.float32)
        net = MLP([W[0].numpy().copy() for W in start])
        hidden = net.weights[:-1]
        assert measured["rank_0"][r] == np.mean([numerical_rank(W, 0.05) for W in hidden])
        rate, decay = mine["rate"][r], mine["weight_decay"][r]
        assert sgd.descend(net, X, Y, rate, int(mine["steps"][r]), seed=0, weight_decay=decay)
        ranks = [stable_rank(W) for W in hidden]
        assert measured["stable_rank"][r] == pytest.approx(np.mean(ranks), rel=1e-4)
        s = np.linalg.svd(hidden[0], compute_uv=False)
        np.testing.assert_allclose(measured["spectrum"][r, :32], s / s[0], atol=1e-4)
        assert not measured["spectrum"][r, 32:].any()


def test_what_is_not_drawn_decays_and_nothing_else_where_no_label_differs_from_the_answer():
    """Zero weights at the end of the linear network: no gradient for W_1 but its decay."""
    W = [torch.ones(1, 2, 2), torch.zeros(1, 2, 1)]
    X, Y = torch.ones(1, 4, 2), torch.zeros(1, 4, 1)
    together.descend(
        W, X, Y, rate=np.array([0.5]), weight_decay=np.array([0.1]), n_steps=np.array([3]),
        batch=None, rng=np.random.default_rng(0), activation="linear",
    )  # fmt: skip
    np.testing.assert_allclose(W[0].numpy(), 0.95**3, rtol=1e-6)


def test_noisy_labels_and_single_samples_leave_the_rank_of_the_outputs(empty_cache):
    """The effect that is known: K = 8 outputs, 16 inputs; gradient descent keeps all 16."""
    linear = settings(
        linear=[1] * 3, batch=[1, 1, networks.N], rate=[0.03] * 3, weight_decay=[0] * 3,
        steps=[20_000, 20_000, 4000], width=[networks.M] * 3, depth=[1] * 3, gain=[1] * 3,
        noise=[1, 1, 1],
    )  # fmt: skip
    measured = networks.train(linear)
    assert measured["rank"].tolist() == [8, 8, 16]


def test_a_run_that_diverges_or_does_not_learn_is_left_out(empty_cache):
    measured = networks.train(settings(rate=[50.0, 1e-6, 0.1], steps=[40, 40, 600]))
    assert measured["learned"].tolist() == [False, False, True]
    assert all(np.isfinite(measured[name]).all() for name in ("rank", "stable_rank", "spectrum"))


def test_shown_batches_are_small_and_those_asked_for_are_large(exam):
    batch = exam.inputs["X"][:, FEATURES.index("batch")]
    seen = exam.truth["seen"]
    assert batch[seen].max() <= 16 and batch[~seen].min() >= 32
    assert exam.facts["features"] == list(FEATURES) and len(exam.train["X"]) <= 14
    assert set(batch[~seen]) <= {32, 64, 256}


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another(exam, empty_cache):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    for part in ("train", "inputs", "truth"):
        mine, same, different = (getattr(e, part) for e in (exam, again, other))
        assert mine.keys() == same.keys() == different.keys()
        for name, array in mine.items():
            np.testing.assert_array_equal(array, same[name], err_msg=name)
        assert any(not np.array_equal(a, different[name]) for name, a in mine.items())


def test_train_has_only_the_runs_that_are_shown(exam):
    assert exam.train.keys() == {"X", "Y", "known", "group"} and exam.inputs.keys() == {"X"}
    shown = {row.tobytes() for row in exam.train["X"]}
    seen = np.array([row.tobytes() in shown for row in exam.inputs["X"]])
    np.testing.assert_array_equal(seen, exam.truth["seen"])


def test_runs_that_match_have_one_start_one_sample_and_as_many_updates_or_samples():
    told = task.matching(np.random.default_rng(0), 1.0)
    assert all(len(set(told[name].tolist())) == 1 for name in ("seed", "rate", "width", "depth"))
    for k, (decay, batch, by) in enumerate(MATCHED):
        assert (told["weight_decay"][k], told["batch"][k]) == (decay, batch)
        equal = told["steps"][k] if by == "updates" else told["steps"][k] * batch / 16
        assert equal == pytest.approx(3000, rel=0.01)


# ---------------------------------------------------------------------------------------------
# The score and the target


def test_who_knows_the_ranks_has_no_error_and_who_is_off_by_a_tenth_has_that(exam):
    exact = numbers(exam, exam.truth["Y"])
    assert exact["visible"] == exact["heldout"] == exact["stable_heldout"] == 0
    off = np.where(exam.truth["seen"][:, None], 0.1, -0.2) * np.array([1, 0])
    found = numbers(exam, exam.truth["Y"] + off)
    assert (found["visible"], found["heldout"]) == pytest.approx((0.1, 0.2))
    assert (found["digits_heldout"], found["linear_heldout"]) == pytest.approx((0.2, 0.2))
    assert found["stable_heldout"] == 0


def test_the_score_does_not_depend_on_the_order_of_questions(exam):
    Y = exam.truth["Y"] + np.random.default_rng(0).normal(0, 0.1, exam.truth["Y"].shape)
    order = np.random.default_rng(1).permutation(len(Y))
    rows = {n: a[order] for n, a in exam.truth.items() if not n.startswith("matched")}
    moved = dataclasses.replace(
        exam, inputs={"X": exam.inputs["X"][order]}, truth=exam.truth | rows
    )
    assert numbers(moved, Y[order]) == pytest.approx(numbers(exam, Y))


@pytest.mark.parametrize(
    "Y, message",
    [
        ({}, "predict\\['Y'\\] is missing"),
        ({"Y": (0, 2)}, "must have shape"),
        ({"Y": (1, 2)}, "must have shape"),
        ({"Y": (2,)}, "must have shape"),
    ],
)
def test_answers_of_another_form_are_refused_in_words(exam, Y, message):
    with pytest.raises(Refused, match=message):
        task.score(exam, {}, {name: np.zeros(shape) for name, shape in Y.items()})


def test_both_errors_are_wanted():
    theirs = {"visible": 0.05, "heldout": 0.1}
    assert TASK.metric.shortfall({"visible": 0.06, "heldout": 0.12}, theirs) == ""
    assert "larger batches 0.121" in TASK.metric.shortfall({"visible": 0, "heldout": 0.121}, theirs)
    assert "were shown 0.07" in TASK.metric.shortfall({"visible": 0.07, "heldout": 0}, theirs)


def test_series_have_the_columns_of_the_charts(exam):
    scores = task.score(exam, {}, {"Y": exam.truth["Y"]})
    for chart in TASK.charts:
        series = scores.series[chart.series]
        columns = {chart.x, chart.y} | ({chart.facet} - {None})
        assert columns <= series.keys()
        assert len({len(series[name]) for name in columns}) == 1
    assert set(scores.series["spectra"]["run"]) == {
        "SGD, decay", "GD, decay", "SGD, no decay", "GD, no decay"
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------
# The submissions


def made(n: int, law: object, seed: int = 0) -> tuple[Arrays, Context]:
    """Return settings drawn as the bank's are, with ranks by a law of theirs."""
    rng = np.random.default_rng(seed)
    parts = [
        networks._digits(rng, n, (2, 4, 8, 16), 1.0),
        networks._linear(rng, n, (1, 4, 16), 1.0),
    ]
    X = np.concatenate(
        [
            np.stack([np.asarray(part.get(f, 20.0 * np.ones(n)), float) for f in FEATURES], 1)
            for part in parts
        ]
    )
    of = dict(zip(FEATURES, X.T, strict=True))
    Y = np.log10(np.stack([law(of)] * 2, 1))
    return {"X": X, "Y": Y}, Context(
        0, 60.0, 1, "cpu", {"features": list(FEATURES), "targets": list(TARGETS)}
    )


def test_the_baseline_finds_a_decay_law():
    def law(of):
        return 0.9 * of["rank_0"] * np.exp(-2 * of["rate"] * of["weight_decay"] * of["steps"]) + 3

    train, context = made(60, law)
    fresh, _ = made(60, law, seed=1)
    found = baseline.predict(baseline.fit(train, context), {"X": fresh["X"]})["Y"]
    np.testing.assert_allclose(found, fresh["Y"], atol=2e-3)


def test_the_memory_law_finds_a_power_of_its_bound():
    def law(of):
        bound = of["batch"] / np.maximum(of["rate"] * of["weight_decay"], 1e-12)
        return 2 * np.minimum(bound, 20) ** 0.5

    train, context = made(60, law)
    found = rank_law_memory.predict(rank_law_memory.fit(train, context), {"X": train["X"]})["Y"]
    np.testing.assert_allclose(found, train["Y"], atol=1e-3)


def test_only_the_ridge_that_is_told_the_batch_finds_a_power_of_it():
    train, context = made(60, lambda of: of["width"] * of["batch"] ** -0.3)
    errors = [
        np.abs(
            method.predict(method.fit(train, context), {"X": train["X"]})["Y"] - train["Y"]
        ).max()
        for method in (rank_law_ridge_batch, rank_law_ridge)
    ]
    assert errors[0] < 0.01 < 0.1 < errors[1]


def test_trees_learn_what_they_are_shown():
    train, context = made(60, lambda of: np.where(of["rate"] > 0.03, 4.0, 30.0))
    found = rank_law_boosting.predict(rank_law_boosting.fit(train, context), {"X": train["X"]})
    assert np.abs(found["Y"] - train["Y"]).max() < 0.01


def test_a_constant_is_off_by_what_ranks_vary(exam):
    constant = numbers(exam, np.tile(exam.train["Y"].mean(0), (len(exam.truth["Y"]), 1)))
    artifact = baseline.fit(exam.train, told(exam))
    mine = numbers(exam, baseline.predict(artifact, exam.inputs)["Y"])
    assert constant["visible"] > 2 * mine["visible"]
    assert TASK.metric.shortfall(constant, mine) != ""
