"""rho at margin 1: the exam, what a network may be, its measure, the target, the references."""

from __future__ import annotations

import dataclasses
import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness import catalog, rank, trial
from harness import run as rounds
from harness.sandbox import Nursery
from harness.store import open_store
from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.optimization import min_rho as baseline
from submissions.references.optimization import min_rho_kernel, min_rho_lazy
from tasks import _data
from tasks.optimization import min_rho as task
from tasks.optimization.min_rho import TASK


def told(exam: Exam, effort: float | None = None) -> Context:
    facts = dict(exam.facts) if effort is None else {**exam.facts, "effort": effort}
    return Context(0, 60.0, 1, "cpu", facts)


def numbers(exam: Exam, artifact: Arrays) -> dict[str, float]:
    scores = task.score(exam, artifact, {})
    own = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return own | dict(scores.extra)


def drawn(seed: int = 0, d: int = 64, m: int = 7, k: int = 5) -> Arrays:
    rng = np.random.default_rng(seed)
    shapes = {"W0": (d, m), "W1": (m, k), "W2": (k, 1)}
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


@pytest.fixture(scope="module")
def trained(exam: Exam) -> Arrays:
    """Have the baseline trained."""
    return baseline.fit(exam.train, told(exam))


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    np.random.seed(5)
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    for part in ("train", "truth"):
        first, second, third = (getattr(e, part) for e in (exam, again, other))
        for name in ("X", "y"):
            assert first[name].tobytes() == second[name].tobytes()
            assert (first[name].shape, first[name].dtype) == (third[name].shape, np.float32)
            assert first[name].tobytes() != third[name].tobytes()


@pytest.mark.parametrize("size, n", [("smoke", 200), ("standard", 600)])
def test_every_digit_is_in_one_part_and_the_turn_changes_no_inner_product(size, n):
    exam = task.make(3, size)
    assert (len(exam.train["X"]), len(exam.truth["X"])) == (n, 1797 - n)
    order = np.random.default_rng(3).permutation(1797)
    X, digit = _data.digits_arrays()
    X = X.reshape(1797, 64)[order].astype(float)
    X -= X[:n].mean(0)
    X /= np.linalg.norm(X, axis=1)[:, None]
    turned = np.concatenate([exam.train["X"], exam.truth["X"]]).astype(float)
    np.testing.assert_allclose(turned @ turned.T, X @ X.T, atol=2e-6)
    assert np.abs(turned - X).max() > 0.3
    y = np.concatenate([exam.train["y"], exam.truth["y"]])
    np.testing.assert_array_equal(y, np.where(digit[order] < 5, 1, -1))


def test_nothing_of_the_truth_is_shown(exam):
    shown = {row.tobytes() for row in exam.train["X"]}
    assert not shown & {row.tobytes() for row in exam.truth["X"]}
    assert exam.inputs == {}
    assert set(exam.facts) == {"cap", "effort"}


def test_full_size_shows_two_classes_of_photographs(monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.random((40, 3, 32, 32), dtype=np.float32)
    y = np.arange(40) % 10
    monkeypatch.setattr(_data, "cifar10", lambda: ((X, y), (X[:20], y[:20])))
    monkeypatch.setattr(_data, "turn", lambda rng, d: np.eye(d))  # the real one takes seconds
    exam = task.make(0, "full")
    assert (exam.train["X"].shape, exam.truth["X"].shape) == ((8, 3072), (4, 3072))
    np.testing.assert_allclose(np.linalg.norm(exam.train["X"], axis=1), 1, rtol=1e-6)
    two = X[y < 2].reshape(8, -1)
    unit = two - two.mean(0)
    unit /= np.linalg.norm(unit, axis=1)[:, None]
    for row, label in zip(unit, np.where(y[y < 2] == 0, 1, -1), strict=True):
        (place,) = np.flatnonzero(np.abs(exam.train["X"] - row).max(1) < 1e-5)
        assert exam.train["y"][place] == label
    assert exam.truth["y"].tolist() == [1, -1, 1, -1]


def test_full_size_offline_is_refused_and_says_what_to_do(monkeypatch):
    monkeypatch.delenv("HARNESS_ONLINE", raising=False)
    with pytest.raises(Refused, match="size full needs the hub dataset uoft-cs/cifar10 .*--online"):
        task.make(0, "full")


# ---------------------------------------------------------------------------------------------
# The measure


def of(X: Any, y: Any) -> Exam:
    part = {"X": np.asarray(X, np.float32), "y": np.asarray(y, np.float32)}
    return Exam(part, {}, part, {})


CROSS = {"W0": np.eye(2), "W1": np.eye(2), "W2": np.array([[1.0], [-1.0]])}
"""f = relu(x_1) - relu(x_2); its two paths are of equal length, so it is its own gauge."""


def test_a_network_whose_measure_is_known_in_closed_form():
    found = numbers(of(np.eye(2), [1, -1]), CROSS)
    assert found["quality"] == pytest.approx(1.5 * math.log10(2))
    assert found["log10_rho"] == pytest.approx(1.5 * math.log10(2))
    assert found["rho_at_margin_1"] == pytest.approx(2**1.5)
    assert (found["visible"], found["heldout"], found["margin"]) == (0, 0, 1)
    assert found["median_margin"] == pytest.approx(2**-1.5)
    assert (found["units"], found["stable_rank_0"], found["stable_rank_1"]) == (4, 2, 2)


def test_half_the_margin_is_twice_the_quotient():
    found = numbers(of([[1, 0], [0, 0.5]], [1, -1]), CROSS)
    assert found["margin"] == 0.5
    assert found["quality"] == pytest.approx(1.5 * math.log10(2) + math.log10(2))


@pytest.mark.parametrize("y", [[1, 1], [-1, 1]], ids=["one wrong", "both wrong"])
def test_who_fails_a_case_has_no_margin(y):
    found = numbers(of(np.eye(2), y), CROSS)
    assert found["quality"] == task.WORST
    assert found["visible"] == 100 * np.mean(np.not_equal(y, [1, -1]))
    assert found["margin"] == -1


def test_an_output_of_zero_is_an_error():
    found = numbers(of([[1, 0], [-1, -1]], [1, 1]), CROSS)
    assert (found["visible"], found["margin"], found["quality"]) == (50, 0, task.WORST)


def test_a_network_of_zeros_is_measured_and_fails(exam):
    zeros = {name: 0 * W for name, W in drawn().items()}
    found = numbers(exam, zeros)
    assert (found["visible"], found["heldout"], found["quality"]) == (100, 100, task.WORST)
    assert math.isnan(found["log10_rho"])


def naive(exam: Exam, artifact: Arrays) -> float:
    """Return log10(rho / margin), the product of norms minimized by sweeps over single units."""
    W = [artifact[f"W{k}"].astype(float) for k in range(3)]
    f = exam.train["X"].astype(float)
    for k in range(3):
        f = f @ W[k]
        f = np.maximum(f, 0) if k < 2 else f
    for _ in range(200):
        for k in (0, 1):
            for j in range(W[k].shape[1]):
                c = np.linalg.norm(W[k + 1][j]) / np.linalg.norm(W[k][:, j])
                c *= np.linalg.norm(W[k]) / np.linalg.norm(W[k + 1])
                W[k][:, j] *= np.sqrt(c)
                W[k + 1][j] /= np.sqrt(c)
    margin = (exam.train["y"] * f[:, 0]).min()
    return float(np.log10(np.prod([np.linalg.norm(w) for w in W]) / margin))


def test_the_measure_is_that_of_a_naive_loop(exam, trained):
    few = {"W0": trained["W0"][:, :9], "W1": trained["W1"][:9, :8], "W2": trained["W2"][:8]}
    easy = exam.train["X"][:1]
    signed = task._signed(task._network(few, 64, 128), {"X": easy, "y": np.ones(1)})
    one = of(easy, [np.sign(signed[0])])
    assert numbers(one, few)["quality"] == pytest.approx(naive(one, few), abs=1e-8)


def test_the_measure_does_not_change_with_scale_units_or_their_order(exam, trained):
    found = numbers(exam, trained)
    rng = np.random.default_rng(1)
    c, order = rng.uniform(0.1, 10, 64), rng.permutation(64)
    W0, W1, W2 = (trained[name].astype(float) for name in ("W0", "W1", "W2"))
    others = {
        "scaled": {"W0": W0 * 3, "W1": W1 / 50, "W2": W2 * 7},
        "rescaled": {"W0": W0 * c, "W1": W1 / c[:, None], "W2": W2},
        "permuted": {"W0": W0[:, order], "W1": W1[order], "W2": W2},
        "doubled": {"W0": np.hstack([W0, W0]), "W1": np.vstack([W1, W1]) / 2, "W2": W2},
    }
    for name, network in others.items():
        again = numbers(exam, network)
        assert again["quality"] == pytest.approx(found["quality"], abs=1e-9), name
        assert again["visible"] == found["visible"]
        assert again["heldout"] == found["heldout"]


def test_the_score_does_not_depend_on_the_order_of_the_cases(exam, trained):
    rng = np.random.default_rng(2)
    parts = []
    for part in (exam.train, exam.truth):
        order = rng.permutation(len(part["y"]))
        parts.append({name: array[order] for name, array in part.items()})
    other = dataclasses.replace(exam, train=parts[0], truth=parts[1])
    first, second = numbers(exam, trained), numbers(other, trained)
    assert first == pytest.approx(second, rel=1e-9)


def test_the_series_are_tidy(exam, trained):
    series = task.score(exam, trained, {}).series
    assert {chart.series for chart in TASK.charts} == set(series)
    for chart in TASK.charts:
        assert {chart.x, chart.y, chart.facet} - {None} <= set(series[chart.series])
    for table in series.values():
        assert len({len(column) for column in table.values()}) == 1
    margins = series["margins"]
    seen = margins["margin"][margins["part"] == "visible"]
    found = numbers(exam, trained)
    assert seen[0] * 10 ** found["log10_rho"] == pytest.approx(found["margin"])
    assert (np.diff(seen) >= 0).all()


# ---------------------------------------------------------------------------------------------
# The format


WRONG = {
    "a missing layer": (lambda a: a.pop("W1"), r"fit\['W1'\] is missing"),
    "a bias": (lambda a: a.update(b0=np.zeros(7)), r"fit\['b0'\] is not wanted"),
    "a wrong first shape": (
        lambda a: a.update(W0=np.zeros((63, 7))),
        r"fit\['W0'\] must have shape \(64, any\), got \(63, 7\)",
    ),
    "two outputs": (
        lambda a: a.update(W2=np.zeros((5, 2))),
        r"fit\['W2'\] must have shape \(any, 1\), got \(5, 2\)",
    ),
    "layers that do not fit": (lambda a: a.update(W1=np.zeros((7, 4))), "must share m and k"),
    "empty layers": (
        lambda a: a.update(W0=np.zeros((64, 0)), W1=np.zeros((0, 5))),
        r"must have 1 to 128 units, got \(0, 5\)",
    ),
    "too many units": (
        lambda a: a.update(W1=np.zeros((7, 129)), W2=np.zeros((129, 1))),
        r"must have 1 to 128 units, got \(7, 129\)",
    ),
    "whole numbers": (lambda a: a.update(W2=np.ones((5, 1), int)), "must be float, got int64"),
}


class Returns:
    """A `fit` of a division that returns what it is given."""

    def __init__(self, artifact: Arrays, division: str = "open") -> None:
        self.artifact, self.division = artifact, division

    def __call__(self, train: Arrays) -> Arrays:
        return self.artifact


@pytest.mark.parametrize("spoil, message", WRONG.values(), ids=WRONG)
def test_what_is_no_network_of_the_format_is_refused(spoil, message, exam):
    artifact = drawn()
    assert task.teach(exam, Returns(artifact)) is artifact
    spoil(artifact)
    with pytest.raises(Refused, match=message):
        task.teach(exam, Returns(artifact))


def test_a_line_may_be_wider_and_only_a_line(exam):
    wide = drawn(m=200, k=2048)
    assert task.teach(exam, Returns(wide, "line")) is wide
    with pytest.raises(Refused, match="1 to 128 units"):
        task.teach(exam, Returns(wide))
    with pytest.raises(Refused, match="1 to 2048 units"):
        task.teach(exam, Returns(drawn(m=2049), "line"))


def test_outputs_that_are_not_finite_are_refused(exam):
    with pytest.raises(Refused, match="not finite: scale its weights down"):
        task.score(exam, {n: 1e200 * W.astype(float) for n, W in drawn().items()}, {})


# ---------------------------------------------------------------------------------------------
# The target


BASELINE = {"visible": 0.0, "quality": 2.6, "heldout": 1.5}


@pytest.mark.parametrize(
    "mine, lacks",
    [
        ({}, ""),
        ({"quality": 2.6 + math.log10(1.5), "heldout": 3.0}, ""),
        ({"quality": 2.6 + math.log10(1.51)}, "log10(rho*/margin): 2.78, wanted at most 2.78"),
        ({"heldout": 3.1}, "percent of held-out error: 3.1, wanted at most 3"),
        ({"visible": 0.1}, "percent of error on the handed-out cases: 0.1, wanted at most 0"),
    ],
)
def test_the_target_is_held_on_both_sides(mine, lacks):
    assert task.shortfall(BASELINE | mine, BASELINE) == lacks


# ---------------------------------------------------------------------------------------------
# The submissions


def output(weights: list[torch.Tensor], X: torch.Tensor) -> torch.Tensor:
    return torch.relu(torch.relu(X @ weights[0]) @ weights[1]) @ weights[2]


def tensors(weights: list[np.ndarray]) -> list[torch.Tensor]:
    return [torch.tensor(W, dtype=torch.float64, requires_grad=True) for W in weights]


def test_the_slopes_are_those_of_automatic_differentiation(exam):
    X, Y = exam.train["X"][:20].astype(float), exam.train["y"][:20, None].astype(float)
    weights = [W.astype(float) for W in drawn().values()]
    leaves = tensors(weights)
    loss = (output(leaves, torch.tensor(X)) - torch.tensor(Y)).square().mean() / 2
    loss.backward()
    for slope, leaf in zip(baseline.slopes(weights, X, Y), leaves, strict=True):
        np.testing.assert_allclose(slope, leaf.grad, rtol=1e-10, atol=1e-12)


def test_the_start_is_of_he_and_the_pair_begins_at_zero(exam):
    weights = baseline.start(exam.train, told(exam), 2.0)
    for W in weights[:2]:
        assert W.std() == pytest.approx(2 * np.sqrt(2 / 64), rel=0.05)
    f = output(tensors(min_rho_lazy.pair(weights)), torch.tensor(exam.train["X"]).double())
    assert f.abs().max() < 1e-14


def test_the_kernel_solution_is_that_of_the_linearized_pair(exam):
    few = {"X": exam.train["X"][:6], "y": exam.train["y"][:6]}
    weights = [W.astype(float) for W in drawn().values()]
    found = min_rho_kernel.solve(weights, few)
    start = min_rho_lazy.pair(weights)
    leaves = tensors(start)
    f = output(leaves, torch.tensor(few["X"]).double())[:, 0]
    rows = [torch.autograd.grad(one, leaves, retain_graph=True) for one in f]
    # The pair of two networks, whose weights between the two are not weights of it.
    mask = [np.ones_like(W) for W in start]
    mask[1] = min_rho_lazy.pair([np.ones_like(W) for W in weights])[1]
    J = np.array(
        [
            np.concatenate([(g.numpy() * m).ravel() for g, m in zip(r, mask, strict=True)])
            for r in rows
        ]
    )
    moved = J.T @ np.linalg.solve(J @ J.T, few["y"].astype(float))
    got = np.concatenate([(found[f"W{k}"] - W).ravel() for k, W in enumerate(start)])
    np.testing.assert_allclose(got, moved, atol=1e-5)


def test_updates_and_samples_are_matched_as_the_names_say(exam, monkeypatch):
    seen: dict[str, list[int]] = {}
    slopes = baseline.slopes

    def count(weights: Any, x: Any, y: Any) -> Any:
        seen[name].append(len(x))
        return slopes(weights, x, y)

    monkeypatch.setattr(baseline, "slopes", count)
    for name, entry in catalog.submissions("min_rho").items():
        if name in ("kernel", "wide_kernel"):
            continue
        seen[name] = []
        where = "baselines" if name == "baseline" else "references"
        module = importlib.import_module(f"submissions.{where}.optimization.{entry.module}")
        module.fit(exam.train, told(exam, 0.005))
    updates = {name: len(batches) for name, batches in seen.items()}
    assert updates.pop("gd_samples") == 16
    assert set(updates.values()) == {100}
    samples = {name: sum(batches) for name, batches in seen.items()}
    for name in ("lazy", "small", "decay", "weak_decay", "gd_samples"):
        assert samples[name] == samples["baseline"] == 3200
    for name in ("gd", "gd_decay", "lazy_gd"):
        assert samples[name] == 100 * 200


def test_the_baseline_interpolates_and_keeps_to_the_form(exam, trained):
    found = numbers(exam, task.teach(exam, Returns(trained)))
    assert found["visible"] == 0
    assert task.shortfall(found, found) == ""
    lazy = numbers(exam, min_rho_kernel.fit(exam.train, told(exam)))
    assert "log10(rho*/margin)" in task.shortfall(lazy, found)


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
    assert row["gap_difference"] == 0 and row["compression"] == 1
    # One interval of 95 % in twenty misses, by little where trials agree to a percent.
    assert row["score_low"] - 0.02 <= 1 <= row["score_high"] + 0.02
    assert row["score"] == pytest.approx(1, abs=0.05)
