"""Laws of the biases of SGD: the runs in the span of their samples, the score, the references."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import platformdirs
import pytest
import torch

from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.optimization import implicit_bias as baseline
from submissions.references.optimization import (
    implicit_bias_blind,
    implicit_bias_step,
    implicit_bias_switch,
    implicit_bias_two,
)
from tasks.optimization import implicit_bias as task
from tasks.optimization.implicit_bias import TASK, networks
from tasks.optimization.implicit_bias.networks import FEATURES, TARGETS


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


SETTINGS = {
    "slope": np.array([0.01, 0.1, 0.5]),
    "rate": np.array([1.0, 0.3, 3.0]),
    "decay": np.array([0.0, 0.02, 0.005]),
    "steps": np.array([25, 300, 7]),
}


def drawn() -> list[networks.Run]:
    return [
        networks.start(8, 6, 1.5, 0.3, clusters, seed) for seed, clusters in enumerate((0, 1, 0))
    ]


# ---------------------------------------------------------------------------------------------
# The runs


@pytest.mark.parametrize("batch", [8, 3])
def test_runs_in_the_span_of_the_samples_are_those_of_a_loop_over_weights(batch):
    runs = drawn()
    sizes = np.full(3, batch)
    found = networks.descend(runs, SETTINGS, sizes, np.random.default_rng(4))
    order = np.argsort(-SETTINGS["steps"], kind="stable")
    # The same draws, chunk by chunk, for those who are still on their way.
    rng, shares, taken = np.random.default_rng(4), {r: [] for r in range(3)}, 0
    while (SETTINGS["steps"] > taken).any():
        active = [r for r in order if SETTINGS["steps"][r] > taken]
        until = min(taken + networks.CHUNK, SETTINGS["steps"][active[-1]])
        chunk = networks._shares(sizes[active], 8, until - taken, rng)
        for i, r in enumerate(active):
            shares[r].append(chunk[:, i])
        taken = until
    for r, run in enumerate(runs):
        W, path = torch.tensor(run.W, requires_grad=True), []
        X, y, a = (torch.from_numpy(array) for array in (run.X, run.y, run.a))
        slope, rate, decay = (SETTINGS[name][r] for name in ("slope", "rate", "decay"))
        for share in torch.cat(shares[r]):
            f = torch.nn.functional.leaky_relu(X @ W, slope) @ a
            loss = (share[:, 0] * torch.nn.functional.softplus(-y * f)).sum()
            (slopes,) = torch.autograd.grad(loss, W)
            W = ((1 - rate * decay) * W - rate * slopes).detach().requires_grad_()
            path.append(W.detach().numpy())
        for ours, theirs in zip(found[r], (path[0], path[-1]), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_the_first_step_that_is_measured_is_the_first_of_that_run():
    settings = {
        "n": [32] * 2, "m": [32] * 2, "ratio": [20.0] * 2, "slope": [0.5] * 2, "init": [1e-3] * 2,
        "rate": [1.0] * 2, "batch": [2] * 2, "decay": [0.0] * 2, "clusters": [0] * 2,
        "steps": [1, 300], "seed": [1, 2],
    }  # fmt: skip
    Y = networks.simulate(settings)["targets"]
    assert Y[0, 0] == pytest.approx(Y[0, 1])  # who takes one step ends where it stood after it
    assert Y[1, 0] != pytest.approx(Y[1, 1], abs=1e-3)


def test_sharpness_is_the_largest_eigenvalue_of_the_hessian_and_the_margin_the_smallest():
    run = drawn()[1]
    X, y, a = (torch.from_numpy(array) for array in (run.X, run.y, run.a))

    def loss(w: torch.Tensor) -> torch.Tensor:
        f = torch.nn.functional.leaky_relu(X @ w.reshape(run.W.shape), 0.1) @ a
        return torch.nn.functional.softplus(-y * f).mean()

    H = torch.autograd.functional.hessian(loss, torch.from_numpy(run.W).flatten())
    sharpness, margin = networks.measure(run, run.W, 0.1)
    assert sharpness == pytest.approx(float(torch.linalg.eigvalsh(H)[-1]), rel=1e-9)
    f = torch.nn.functional.leaky_relu(X @ torch.from_numpy(run.W), 0.1) @ a
    assert margin == pytest.approx(float((y * f).min()) / np.linalg.norm(run.W))


def test_batches_are_drawn_with_replacement_and_weigh_one():
    shares = networks._shares(np.array([2, 5, 8]), 8, 500, np.random.default_rng(0))[..., 0]
    np.testing.assert_allclose(shares.sum(-1), 1)
    assert set(np.round(shares[:, 0].unique().tolist(), 6)) == {0, 0.5, 1}
    np.testing.assert_allclose(shares[:, 2], 1 / 8)
    np.testing.assert_allclose(shares.mean(0), 1 / 8, atol=0.02)


def test_one_step_from_a_small_start_cuts_the_rank_and_from_a_large_one_it_does_not():
    """What the paper proves, on data of many dimensions."""
    ranks = []
    for init in (1e-3, 1.0):
        run = networks.start(32, 32, 20.0, init, 0, 5)
        own = {name: values[:1] for name, values in SETTINGS.items()} | {"steps": np.array([1])}
        W, _ = networks.descend([run], own, np.array([32]), np.random.default_rng(0))[0]
        s = np.linalg.svd(W, compute_uv=False)
        ranks.append(float((s**2).sum() / s[0] ** 2))
    assert ranks[0] < 3 and ranks[1] > 15


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another(exam, empty_cache):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    for part in ("train", "inputs", "truth"):
        mine, same, different = (getattr(e, part) for e in (exam, again, other))
        assert mine.keys() == same.keys() == different.keys()
        for name, array in mine.items():
            # Sums depend on the number of threads in their last digits.
            np.testing.assert_allclose(array, same[name], rtol=1e-9, atol=1e-12, err_msg=name)
        assert any(not np.array_equal(a, different[name]) for name, a in mine.items())


def test_shown_runs_have_few_dimensions_and_those_asked_for_many(exam):
    ratio = exam.inputs["X"][:, FEATURES.index("dimension_per_sample")]
    seen = exam.truth["seen"]
    assert ratio[seen].max() <= 4.1 and ratio[~seen].min() >= 3.9
    assert (len(exam.train["X"]), len(exam.inputs["X"])) == (24, 40)
    assert np.isfinite(exam.inputs["X"]).all() and np.isfinite(exam.truth["Y"]).all()
    assert exam.train.keys() == {"X", "Y", "known", "group"} and exam.inputs.keys() == {"X"}


# ---------------------------------------------------------------------------------------------
# The score and the target


def test_one_is_the_mean_and_none_is_the_truth(exam):
    exact = numbers(exam, exam.truth["Y"])
    assert exact["visible"] == exact["heldout"] == 0 and exact["reaches_target"] == 1
    seen = exam.truth["seen"]
    means = np.where(seen[:, None], exam.truth["Y"][seen].mean(0), exam.truth["Y"][~seen].mean(0))
    found = numbers(exam, means)
    assert (found["visible"], found["heldout"]) == pytest.approx((1, 1))
    assert found["reaches_target"] == 0


def test_every_target_weighs_a_quarter_in_its_own_spread(exam):
    seen, Y = exam.truth["seen"], exam.truth["Y"]
    for target in range(len(TARGETS)):
        off = np.zeros_like(Y)
        off[~seen, target] = 0.4 * Y[~seen, target].std()
        found = numbers(exam, Y + off)
        assert (found["visible"], found["heldout"]) == pytest.approx((0, 0.1))


def test_the_score_does_not_depend_on_the_order_of_questions(exam):
    Y = exam.truth["Y"] + np.random.default_rng(0).normal(0, 0.1, exam.truth["Y"].shape)
    order = np.random.default_rng(1).permutation(len(Y))
    moved = dataclasses.replace(
        exam,
        inputs={"X": exam.inputs["X"][order]},
        truth={name: array[order] for name, array in exam.truth.items()},
    )
    assert numbers(moved, Y[order]) == pytest.approx(numbers(exam, Y))


@pytest.mark.parametrize(
    "Y, message",
    [
        ({}, "predict\\['Y'\\] is missing"),
        ({"Y": (0, 4)}, "must have shape"),
        ({"Y": (40, 3)}, "must have shape"),
        ({"Y": (40,)}, "must have shape"),
    ],
)
def test_answers_of_another_form_are_refused_in_words(exam, Y, message):
    with pytest.raises(Refused, match=message):
        task.score(exam, {}, {name: np.zeros(shape) for name, shape in Y.items()})


def test_both_errors_are_wanted():
    theirs = {"visible": 0.5, "heldout": 1.0}
    assert TASK.metric.shortfall({"visible": 0.6, "heldout": 1.2}, theirs) == ""
    assert "dimensions 1.21" in TASK.metric.shortfall({"visible": 0, "heldout": 1.21}, theirs)
    assert "were shown 0.61" in TASK.metric.shortfall({"visible": 0.61, "heldout": 0}, theirs)


def test_series_have_the_columns_of_the_charts_and_few_rows(exam):
    scores = task.score(exam, {}, {"Y": exam.truth["Y"]})
    for chart in TASK.charts:
        series = scores.series[chart.series]
        columns = {chart.x, chart.y} | ({chart.facet, chart.guide} - {None})
        assert columns <= series.keys()
        assert len({len(series[name]) for name in columns}) == 1
        assert len(series[chart.x]) <= task.SHOWN * len(TARGETS)


def test_no_run_is_where_the_theorem_speaks_as_its_condition_is_remembered(exam):
    scores = task.score(exam, {}, {"Y": exam.truth["Y"]})
    shown = scores.series["runs"]["theorem"]
    assert scores.extra["least_theorem"] == shown.min() > 1
    X = dict(zip(FEATURES, exam.inputs["X"].T, strict=True))
    by_hand = 3 * X["samples"][0] * X["coherence"][0] / X["slope"][0] ** 3
    assert shown[0] == pytest.approx(by_hand)


# ---------------------------------------------------------------------------------------------
# The submissions


def test_the_ridge_finds_powers_of_the_settings_and_the_blind_one_none_of_the_batch(exam):
    X = exam.inputs["X"]
    of = dict(zip(FEATURES, X.T, strict=True))
    Y = np.log10(np.stack([of["init"] ** 0.5 * of["rate"], of["batch_share"]] * 2, 1))
    train: Arrays = {"X": X, "Y": Y}
    errors = [
        np.abs(law.predict(law.fit(train, told(exam)), {"X": X})["Y"] - Y).max(0)
        for law in (baseline, implicit_bias_blind)
    ]
    assert errors[0].max() < 0.02
    assert errors[1][0] < 0.02 and errors[1][1] > 0.2


def test_the_theorem_is_read_as_it_stands(exam):
    two, switch = (
        law.predict(law.fit(exam.train, told(exam)), exam.inputs)["Y"]
        for law in (implicit_bias_two, implicit_bias_switch)
    )
    np.testing.assert_allclose(two[:, 1], np.log10(2), rtol=1e-6)
    np.testing.assert_allclose(two[:, 2:], np.tile(exam.train["Y"][:, 2:].mean(0), (40, 1)), 1e-5)
    small = exam.inputs["X"][:, FEATURES.index("init")] < 0.03
    rank = np.log10(exam.inputs["X"][:, FEATURES.index("stable_rank_0")])
    np.testing.assert_allclose(switch[:, 0], np.where(small, np.log10(2), rank))
    np.testing.assert_allclose(switch[:, 1], switch[:, 0])


def test_the_largest_singular_value_is_that_of_a_matrix_that_was_drawn():
    rng = np.random.default_rng(0)
    n, m = 300, 900
    noise = rng.standard_normal((n, m)) / np.sqrt(m)
    u, v = (
        np.linalg.qr(rng.standard_normal((n, 1)))[0],
        np.linalg.qr(rng.standard_normal((m, 1)))[0],
    )
    for t in (0.0, 0.3, 1.0, 3.0):
        s = np.linalg.svd(noise + t * u @ v.T, compute_uv=False)[0]
        assert implicit_bias_step.largest(np.array(t**2), n / m) == pytest.approx(s**2, rel=0.05)


@pytest.mark.parametrize("clusters", [0, 1])
@pytest.mark.parametrize("batch", [2, 8, 32])
@pytest.mark.parametrize("init", [1e-3, 0.1, 1.0])
def test_the_closed_form_is_the_rank_of_one_step_in_many_dimensions(clusters, batch, init):
    runs = [networks.start(32, 64, 20.0, init, clusters, seed) for seed in range(8)]
    own = {
        "slope": np.full(8, 0.1), "rate": np.full(8, 2.0), "decay": np.zeros(8),
        "steps": np.ones(8, int),
    }  # fmt: skip
    weights = networks.descend(runs, own, np.full(8, batch), np.random.default_rng(1))
    found = np.log10([networks.stable_rank(W) for W, _ in weights]).mean()
    told = implicit_bias_step.rank(20.0, init, 0.1, 2.0, batch / 32, 32, 64, clusters)
    assert np.log10(told) == pytest.approx(found, abs=0.06)


def test_the_closed_form_answers_one_target_and_leaves_the_others(exam):
    ours, ridge = (
        law.predict(law.fit(exam.train, told(exam)), exam.inputs)["Y"]
        for law in (implicit_bias_step, baseline)
    )
    np.testing.assert_array_equal(ours[:, 1:], ridge[:, 1:])
    off = np.abs(np.stack([ours, ridge])[..., 0] - exam.truth["Y"][:, 0])
    assert (off[0] < off[1]).mean() > 0.7 and off[0].max() < 0.5
