"""Update rules without data: the exam, the oracle, the end of a run, the score, the references."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness import catalog, rank, trial
from harness import run as rounds
from harness.kernels.mlp import MLP, forward
from harness.sandbox import Nursery
from harness.store import open_store
from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.optimization import full_batch_collapse as baseline
from submissions.references.optimization import (
    full_batch_collapse_adam,
    full_batch_collapse_momentum,
    full_batch_collapse_nuclear,
)
from tasks import _data
from tasks.optimization import full_batch_collapse as task
from tasks.optimization.full_batch_collapse import TASK, descent, stored
from tasks.optimization.full_batch_collapse.descent import Data, Oracle, collapse

LAYERS = tuple(f"W{k}" for k in range(5))


class Direct:
    """A submission's `fit` without the wall."""

    def __init__(
        self,
        function: Callable[[Arrays, Context], Arrays],
        exam: Exam,
        division: str = "full_batch",
    ) -> None:
        self.function, self.exam, self.division = function, exam, division
        self.chosen: Any = None
        self.notes: dict[str, float] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.told: list[dict[str, Any]] = []
        self.trains: list[Arrays] = []

    def __call__(self, train: Arrays, facts: Any = None, oracle: Any = None) -> Arrays:
        told = {**self.exam.facts, **(facts or {})}
        self.told.append(told)
        self.trains.append(train)
        return self.function(train, Context(0, 60.0, 1, "cpu", told, oracle))

    def record(self, series: str, **row: Any) -> None:
        self.rows.setdefault(series, []).append(row)


def start_of(exam: Exam) -> Arrays:
    return {name: exam.train[name] for name in LAYERS}


def oracle_of(exam: Exam, track: Any = "updates", budget: int = 9, free: bool = True) -> Oracle:
    data = Data(exam.train["X"], exam.train["y"], 10)
    rng = np.random.default_rng(0)
    return Oracle(data, start_of(exam), track, budget, rng, free, lambda *_: None)


def numbers(scores: Any, fit: Direct | None = None) -> dict[str, float]:
    own = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return own | dict(scores.extra) | (fit.notes if fit else {})


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


@pytest.fixture(scope="module")
def descended(exam: Exam) -> tuple[Arrays, Direct]:
    """Have the baseline descend."""
    fit = Direct(baseline.fit, exam)
    return task.teach(exam, fit), fit


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    np.random.seed(5)
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    for part in ("train", "truth"):
        first, second, third = (getattr(e, part) for e in (exam, again, other))
        assert first.keys() == second.keys() == third.keys()
        for name in first:
            assert first[name].tobytes() == second[name].tobytes()
            assert (first[name].shape, first[name].dtype) == (third[name].shape, third[name].dtype)
            assert first[name].tobytes() != third[name].tobytes() or name == "updates", name


@pytest.mark.parametrize("size, n, updates", [("smoke", 256, 150), ("standard", 512, 3000)])
def test_the_sizes_are_those_of_the_sheet(size, n, updates):
    exam = task.make(2, size)
    assert (len(exam.train["y"]), len(exam.truth["y"])) == (n, 1797 - n)
    assert int(exam.truth["updates"]) == updates
    assert [exam.train[name].shape for name in LAYERS] == [(64, 64)] * 4 + [(64, 10)]
    assert exam.train["W2"].std() == pytest.approx(np.sqrt(2 / 64), rel=0.05)


def test_the_inputs_are_standardized_digits_turned(exam):
    X, digit = _data.digits_arrays()
    order = np.random.default_rng([0, 0]).permutation(1797)
    X = 16 * X[order].reshape(1797, 64).astype(float)
    X = (X - X[:256].mean(0)) / (X[:256].std(0) + 1)
    turned = np.concatenate([exam.train["X"], exam.truth["X"]]).astype(float)
    np.testing.assert_allclose(turned @ turned.T, X @ X.T, atol=2e-4)
    assert np.abs(turned - X).max() > 1
    np.testing.assert_array_equal(np.concatenate([exam.train["y"], exam.truth["y"]]), digit[order])


def test_a_rule_is_handed_the_start_and_no_sample(descended, exam):
    _, fit = descended
    for train, told, track, budget in zip(
        fit.trains, fit.told, descent.TRACKS, (150, 2400), strict=True
    ):
        assert train.keys() == set(LAYERS)
        assert told == {"track": track, "budget": budget, "n_samples": 256, "n_classes": 10}


def test_full_size_takes_photographs(monkeypatch):
    rng = np.random.default_rng(0)
    X, y = rng.random((5000, 3, 32, 32), dtype=np.float32), np.arange(5000) % 10
    monkeypatch.setattr(_data, "cifar10", lambda: ((X, y), (X[:30], y[:30])))
    monkeypatch.setattr(_data, "turn", lambda rng, d: np.eye(d))  # the real one takes seconds
    exam = task.make(0, "full")
    assert (exam.train["X"].shape, exam.truth["X"].shape) == ((4096, 3072), (30, 3072))
    np.testing.assert_array_equal(exam.truth["y"], y[:30])
    assert exam.train["W0"].shape == (3072, 128)


def test_full_size_offline_is_refused_and_says_what_to_do(monkeypatch):
    monkeypatch.delenv("HARNESS_ONLINE", raising=False)
    with pytest.raises(Refused, match="size full needs the hub dataset uoft-cs/cifar10 .*--online"):
        task.make(0, "full")


# ---------------------------------------------------------------------------------------------
# The oracle


def naive_answer(weights: list[np.ndarray], X: np.ndarray, y: np.ndarray) -> Any:
    leaves = [torch.tensor(W, dtype=torch.float64, requires_grad=True) for W in weights]
    h = torch.tensor(X, dtype=torch.float64)
    for k, W in enumerate(leaves):
        h = h @ W
        h = torch.relu(h) if k < 4 else h
    Y = torch.eye(10, dtype=torch.float64)[y] - 0.1
    loss = (h - Y).square().sum(1).mean() / 2
    return loss.item(), [g.numpy() for g in torch.autograd.grad(loss, leaves)]


def test_the_oracle_answers_with_the_gradient_over_all_samples(exam):
    start = start_of(exam)
    answer = oracle_of(exam)(start)
    loss, slopes = naive_answer(list(start.values()), exam.train["X"], exam.train["y"])
    assert answer["loss"] == pytest.approx(loss, rel=1e-5)
    for name, slope in zip(LAYERS, slopes, strict=True):
        assert answer[name].dtype == np.float32
        np.testing.assert_allclose(answer[name], slope, rtol=1e-3, atol=1e-6)


def test_a_shuffled_pass_of_batches_is_the_answer_over_all_samples(exam):
    oracle, start = oracle_of(exam, budget=40), start_of(exam)
    whole = oracle(start)
    parts = [oracle(start | {"batch": np.array(32)}) for _ in range(8)]
    assert len({float(part["loss"]) for part in parts}) == 8
    np.testing.assert_allclose(np.mean([p["loss"] for p in parts]), whole["loss"], rtol=1e-5)
    mean = np.mean([part["W1"] for part in parts], axis=0)
    np.testing.assert_allclose(mean, whole["W1"], rtol=1e-3, atol=1e-6)
    assert (oracle.n_updates, oracle.n_samples) == (9, 2 * 256)


@pytest.mark.parametrize("track, batch, answered", [("updates", 16, 9), ("samples", 3, 3)])
def test_a_budget_is_answered_to_its_end_and_no_further(track, batch, answered, exam):
    oracle = oracle_of(exam, track)
    question = start_of(exam) | {"batch": np.array(batch)}
    for _ in range(answered):
        oracle(question)
    with pytest.raises(Refused, match=f"may take 9 {track} and no more"):
        oracle(question)


WRONG = {
    "a missing layer": (lambda q: q.pop("W3"), r"oracle\['W3'\] is missing"),
    "rows of its own": (
        lambda q: q.update(rows=np.arange(3)),
        r"oracle\['rows'\] is not wanted",
    ),
    "another shape": (
        lambda q: q.update(W4=np.zeros((64, 9))),
        r"oracle\['W4'\] must have shape \(64, 10\), got \(64, 9\)",
    ),
    "whole numbers": (lambda q: q.update(W4=np.zeros((64, 10), int)), "must be float"),
    "another start": (lambda q: q.update(W4=q["W4"] * 2), "the first question must be the weights"),
    "large weights": (
        lambda q: q.update(W4=q["W4"] + 2e4),
        r"oracle\['W4'\] must stay within 10000",
    ),
    "no batch": (lambda q: q.update(batch=np.array(0)), "one integer from 1 to 256, got 0"),
    "half a batch": (lambda q: q.update(batch=np.array(0.5)), "one integer from 1 to 256, got 0.5"),
    "many batches": (lambda q: q.update(batch=np.arange(2)), r"got an array of shape \(2,\)"),
    "too large a batch": (lambda q: q.update(batch=np.array(257)), "from 1 to 256, got 257"),
}


@pytest.mark.parametrize("spoil, message", WRONG.values(), ids=WRONG)
def test_a_wrong_question_is_refused(spoil, message, exam):
    question = start_of(exam)
    spoil(question)
    with pytest.raises(Refused, match=message):
        oracle_of(exam)(question)


def test_a_batch_is_refused_in_the_division_of_all_samples_even_the_whole(exam):
    with pytest.raises(Refused, match="not wanted in the full-batch division"):
        oracle_of(exam, free=False)(start_of(exam) | {"batch": np.array(256)})


def test_an_answer_that_is_not_finite_is_refused(exam):
    oracle, start = oracle_of(exam), start_of(exam)
    oracle(start)
    huge = {name: np.full_like(W, 9e3) for name, W in start.items()}
    huge["W0"] = np.full_like(start["W0"], 9e3)
    dear = dataclasses.replace(oracle.data, X=oracle.data.X * 1e18)
    oracle.data = dear
    with pytest.raises(Refused, match="not finite after 1 updates: the training diverged"):
        oracle(huge)


# ---------------------------------------------------------------------------------------------
# The end of a run


def numbered(oracle: Oracle, exam: Exam, n: int) -> Arrays:
    """Ask n questions, of which the k-th has k in the corner of its last layer."""
    start = start_of(exam)
    oracle(start)
    for k in range(1, n):
        W4 = start["W4"].copy()
        W4[0, 0] = k
        oracle(start | {"W4": W4})
    last = start["W4"].copy()
    last[0, 0] = -1
    return start | {"W4": last}


def test_the_end_of_a_run_is_drawn_from_its_last_tenth_and_holds_the_last_iterate(exam):
    oracle = oracle_of(exam, budget=300)
    last = numbered(oracle, exam, 200)
    seen = set()
    for seed in range(30):
        corners = oracle.end(last, np.random.default_rng(seed))["W4"][:, 0, 0].tolist()
        assert corners[-1] == -1
        assert len(corners) == 9 and corners[:-1] == sorted(set(corners[:-1]))
        seen |= set(corners[:-1])
    assert seen == set(range(180, 200))


def test_a_short_run_has_a_short_end_and_one_without_questions_none(exam):
    oracle = oracle_of(exam)
    start = start_of(exam)
    assert oracle.end(start, np.random.default_rng(0))["W0"].shape == (1, 64, 64)
    last = numbered(oracle, exam, 3)
    corners = oracle.end(last, np.random.default_rng(0))["W4"][:, 0, 0]
    assert corners.tolist() == [2, -1]


def test_no_more_is_kept_than_fits(exam, monkeypatch):
    monkeypatch.setattr(descent, "MOST_KEPT", 10)
    oracle = oracle_of(exam, budget=300)
    last = numbered(oracle, exam, 200)
    corners = oracle.end(last, np.random.default_rng(0))["W4"][:, 0, 0]
    assert set(corners[:-1]) <= set(range(190, 200))


def test_a_moment_that_is_returned_counts_for_a_ninth(exam):
    def leaves(train: Arrays, context: Context) -> Arrays:
        good = full_batch_collapse_momentum.fit(train, _half(context))
        per = 1 if context.facts["track"] == "updates" else context.facts["n_samples"]
        for _ in range(context.facts["budget"] // per // 2):
            context.oracle(train)
        return good

    def stays(train: Arrays, context: Context) -> Arrays:
        return full_batch_collapse_momentum.fit(train, _half(context))

    found = [
        task.score(exam, task.teach(exam, Direct(rule, exam)), {}).quality
        for rule in (leaves, stays)
    ]
    start = {name: W[None] for name, W in start_of(exam).items()}
    artifact = {f"{track}/{n}": W for track in descent.TRACKS for n, W in start.items()}
    at_start = task.score(exam, artifact, {}).quality
    assert found[0] > 0.85 * at_start + 0.15 * found[1] > found[1]


def _half(context: Context) -> Context:
    facts = {**context.facts, "budget": context.facts["budget"] // 2}
    return dataclasses.replace(context, facts=facts)


# ---------------------------------------------------------------------------------------------
# The score


def naive_nc1(h: np.ndarray, y: np.ndarray) -> float:
    means = [h[y == c].mean(0) for c in range(10)]
    within = sum(((row - means[c]) ** 2).sum() for row, c in zip(h, y, strict=True)) / len(h)
    between = sum(((m - h.mean(0)) ** 2).sum() for m in means) / 10
    return float(within / between)


def test_the_quality_is_the_mean_of_a_naive_nc1(exam, descended):
    artifact, _ = descended
    scores = task.score(exam, artifact, {})
    for part, mine in ((exam.train, scores.visible), (exam.truth, scores.heldout)):
        values = []
        for k in range(len(artifact["updates/W0"])):
            h = part["X"].astype(float)
            for name in LAYERS[:-1]:
                h = np.maximum(h @ artifact[f"updates/{name}"][k].astype(float), 0)
                values.append(np.log10(naive_nc1(h, part["y"])))
        assert len(values) == 4 * 9
        assert mine == pytest.approx(np.mean(values), abs=1e-5)
    assert scores.quality == scores.visible


def test_the_score_does_not_depend_on_scale_or_the_order_of_samples(exam, descended):
    artifact, fit = descended
    scores = numbers(task.score(exam, artifact, {}))
    scaled = {name: W * np.float32(0.25) for name, W in artifact.items()}
    assert numbers(task.score(exam, scaled, {})) == pytest.approx(scores, rel=1e-5)
    rng = np.random.default_rng(0)
    order = rng.permutation(len(exam.truth["y"]))
    truth = exam.truth | {name: exam.truth[name][order] for name in ("X", "y")}
    again = task.score(dataclasses.replace(exam, truth=truth), artifact, {})
    assert numbers(again) == pytest.approx(scores, rel=1e-5)


def test_a_dead_network_has_no_collapse_and_one_that_is_collapsed_has_all():
    X = np.eye(10, dtype=np.float32)[np.arange(30) % 10]
    data = Data(X, np.arange(30) % 10, 10)
    eye = np.eye(10, dtype=np.float32)
    assert collapse([eye * 0, eye, eye], data)[0].tolist() == [3, 3]
    layers, output = collapse([eye, eye, eye], data)
    assert layers.tolist() == [-6, -6]
    assert descent.error(output, data) == 0


def test_the_numbers_stored_are_those_of_what_the_error_needs():
    # Two classes told apart by one direction: rank 1 is enough, whatever stands beside it.
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 6)).astype(np.float32)
    X[:, 0] = np.where(np.arange(400) % 2, 3, -3)
    data = Data(X, np.arange(400) % 2, 2)
    W0 = np.zeros((6, 8), np.float32)
    W0[0, 0], W0[0, 1] = 1, -1
    W1 = np.zeros((8, 2), np.float32)
    W1[1, 0], W1[0, 1] = 1, 1
    assert descent.error(forward(MLP([W0, W1]), X).output, data) == 0
    # W0 has rank one and takes 6 + 8; W1 rank two with equal values, so all of its 16.
    assert stored([W0, W1], data, 0.0) == 14 + 16
    noisy = [W0 + 1e-3 * rng.normal(size=W0.shape).astype(np.float32), W1]
    assert stored(noisy, data, 0.0) == 14 + 16
    # Where everything may be lost nothing is stored, and that counts as one.
    assert stored([W0, W1], data, 100.0) == 1
    # Where nothing is right, nothing is cut.
    assert stored([W0, -W1], data, 0.0) == 48 + 16


def test_the_series_are_tidy_and_the_way_ends_with_what_was_returned(exam, descended):
    artifact, fit = descended
    scores = task.score(exam, artifact, {})
    series = set(scores.series) | set(fit.rows)
    assert {chart.series for chart in TASK.charts} <= series
    for chart in TASK.charts:
        own = scores.series.get(chart.series) or fit.rows[chart.series][0]
        assert {chart.x, chart.y, chart.facet} - {None} <= set(own)
    for table in scores.series.values():
        assert len({len(column) for column in table.values()}) == 1
    data = Data(exam.train["X"], exam.train["y"], 10)
    for track, n in (("updates", 150), ("samples", 9)):
        rows = [row for row in fit.rows["way"] if row["track"] == track]
        assert [row["updates"] for row in rows] == sorted(row["updates"] for row in rows)
        assert (rows[-1]["updates"], rows[-1]["samples"]) == (n, 256 * n)
        last = [artifact[f"{track}/{name}"][-1] for name in LAYERS]
        assert rows[-1]["collapse"] == pytest.approx(collapse(last, data)[0].mean())
    assert len(scores.series["angles"]["cosine"]) == 2 * 4 * 45


def test_the_largest_step_is_the_largest(exam):
    def jumps(train: Arrays, context: Context) -> Arrays:
        context.oracle(train)
        context.oracle(train | {"W2": train["W2"] * 1.5})
        return train | {"W2": train["W2"] * 1.5 * 1.25}

    fit = Direct(jumps, exam)
    task.teach(exam, fit)
    assert fit.notes["largest_step"] == pytest.approx(0.5)
    assert fit.notes["updates"] == 2


BASELINE = {"visible": -0.95, "heldout": -0.7, "error": 0.2, "error_heldout": 3.0}


@pytest.mark.parametrize(
    "mine, lacks",
    [
        ({}, ""),
        ({"visible": -0.9, "heldout": -0.65, "error": 1.0, "error_heldout": 4.0}, ""),
        ({"visible": -0.89}, "log10 NC1 on them: -0.89, wanted at most -0.9"),
        ({"heldout": -0.64}, "held-out log10 NC1: -0.64, wanted at most -0.65"),
        ({"error": 1.1}, "percent of error on the samples descended on: 1.1, wanted at most 1"),
        ({"error_heldout": 4.1}, "percent of held-out error: 4.1, wanted at most 4"),
    ],
)
def test_the_target_is_held_on_both_sides(mine, lacks):
    assert task.shortfall(BASELINE | mine, BASELINE) == lacks


WRONG_ENDS = {
    "a missing layer": (lambda w: w.pop("W1"), r"fit \(track of updates\)\['W1'\] is missing"),
    "an array of data": (lambda w: w.update(X=np.zeros((2, 64))), r"\['X'\] is not wanted"),
    "an empty layer": (
        lambda w: w.update(W0=np.zeros((0, 64))),
        r"\['W0'\] must have shape \(64, 64\), got \(0, 64\)",
    ),
    "large weights": (
        lambda w: w.update(W0=w["W0"] + 2e4),
        r"\['W0'\] must stay within 10000 in absolute value",
    ),
}


@pytest.mark.parametrize("spoil, message", WRONG_ENDS.values(), ids=WRONG_ENDS)
def test_a_wrong_end_is_refused(spoil, message, exam):
    def rule(train: Arrays, context: Context) -> Arrays:
        end = dict(train)
        spoil(end)
        return end

    with pytest.raises(Refused, match=message):
        task.teach(exam, Direct(rule, exam))


# ---------------------------------------------------------------------------------------------
# The submissions


class Slopes:
    """An oracle of a fixed quadratic, for comparing rules with those of the library."""

    def __init__(self, targets: Arrays) -> None:
        self.targets = targets

    def __call__(self, question: Arrays) -> Arrays:
        weights = {name: W for name, W in question.items() if name in self.targets}
        slopes = {name: W - self.targets[name] for name, W in weights.items()}
        return slopes | {"loss": np.zeros((), np.float32)}


RULES = {
    "baseline": (baseline, lambda p: torch.optim.SGD(p, 0.1, weight_decay=5e-3)),
    "momentum": (
        full_batch_collapse_momentum,
        lambda p: torch.optim.SGD(p, 0.03, momentum=0.9, weight_decay=5e-3),
    ),
    "adam": (full_batch_collapse_adam, lambda p: torch.optim.AdamW(p, 1e-3, weight_decay=0.5)),
}


@pytest.mark.parametrize("module, library", RULES.values(), ids=RULES)
def test_a_rule_takes_the_steps_that_the_library_takes(module, library):
    rng = np.random.default_rng(0)
    start, targets = (
        {name: rng.normal(size=(3, 2)).astype(np.float32) for name in ("W0", "W1")}
        for _ in range(2)
    )
    facts = {"track": "updates", "budget": 25, "n_samples": 8}
    mine = module.fit(start, Context(0, 60.0, 1, "cpu", facts, Slopes(targets)))
    leaves = [torch.tensor(W, requires_grad=True) for W in start.values()]
    optimizer = library(leaves)
    for _ in range(25):
        for leaf, target in zip(leaves, targets.values(), strict=True):
            leaf.grad = leaf.detach() - torch.tensor(target)
        optimizer.step()
    for W, leaf in zip(mine.values(), leaves, strict=True):
        assert W.dtype == np.float32
        np.testing.assert_allclose(W, leaf.detach(), rtol=1e-4, atol=1e-6)


def test_the_nuclear_step_lowers_every_singular_value_alike():
    W = np.diag([3.0, 1.0, 5e-4]).astype(np.float32)
    facts = {"track": "updates", "budget": 1, "n_samples": 8}
    context = Context(0, 60.0, 1, "cpu", facts, Slopes({"W0": W}))
    (found,) = full_batch_collapse_nuclear.fit({"W0": W}, context).values()
    np.testing.assert_allclose(found, np.diag([2.999, 0.999, 0]), atol=1e-6)


def test_updates_and_samples_are_matched_as_the_sheet_says(exam):
    for name, entry in catalog.submissions("full_batch_collapse").items():
        where = "baselines" if name.startswith("baseline") else "references"
        module = importlib.import_module(f"submissions.{where}.optimization.{entry.module}")
        division = getattr(module, "DIVISION", "full_batch")
        fit = Direct(module.fit, exam, division)
        artifact = task.teach(exam, fit)
        assert fit.notes["updates"] == 150, name
        if division == "open":
            assert fit.notes["samples_samples"] == fit.notes["samples"] == 2400
            assert fit.notes["samples_updates"] == 150
        else:
            assert (fit.notes["samples"], fit.notes["samples_updates"]) == (150 * 256, 9)
        assert artifact["updates/W0"].shape == (9, 64, 64)


def test_what_does_not_move_is_below_target(exam, descended):
    artifact, fit = descended
    good = numbers(task.score(exam, artifact, {}), fit)
    still = Direct(lambda train, context: train, exam)
    found = numbers(task.score(exam, task.teach(exam, still), {}), still)
    assert found["stored"] >= 1
    assert "log10 NC1 on them" in task.shortfall(found, good)


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(nursery: Nursery, tmp_path: Path) -> None:
    copy = tmp_path / "the_same.py"
    copy.write_text(Path(str(baseline.__file__)).read_text())
    entries = [catalog.find(name, TASK.name) for name in ("baseline", str(copy))]
    entries = [rounds.entered(TASK, entry) for entry in entries]
    with open_store(str(tmp_path / "trials.db")) as store:
        round = rounds.open_round(store, TASK, "standard", (0, 1, 2), entries)
        store.begin(round)
        for item in rounds.items(TASK, round, entries):
            store.append(trial.examine(item, nursery))
        measured = store.measurements(TASK.name, "standard", TASK.version)
    table = rank.standings(measured, TASK.metric, TASK.divisions, TASK.axes, counts=TASK.counts)
    (row,) = table[table["submission"] == "the_same"].to_dict("records")
    assert (row["status"], row["rank"]) == ("ranked", 1), row
    assert row["compression"] == 1
    # One interval of 95 % in twenty misses, by little where trials agree to a percent.
    assert row["score_low"] - 0.02 <= 1 <= row["score_high"] + 0.02
    assert row["score"] == pytest.approx(1, abs=0.05)
