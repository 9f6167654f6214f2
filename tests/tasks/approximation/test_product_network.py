"""Products: the exam, what a track allows, the textbook's sizes, the score, the submissions."""

from __future__ import annotations

import dataclasses
import importlib
import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import arrays as named
from harness import catalog, rank, trial
from harness import run as rounds
from harness.kernels import relu_net
from harness.kernels.sup_search import sup_search
from harness.sandbox import Nursery
from harness.store import open_store
from harness.vocabulary import Arrays, Context, Exam, Refused, Scores
from submissions.baselines.approximation import product_network as baseline
from submissions.references.approximation import product_network_fold1 as fold1
from submissions.references.approximation import product_network_fold2 as fold2
from submissions.references.approximation import product_network_halves as halves
from submissions.references.approximation import product_network_lbfgs as lbfgs
from submissions.references.approximation import product_network_trained as trained
from submissions.references.approximation import product_network_two_squares as two_squares
from tasks.approximation import product_network as task
from tasks.approximation.product_network import HIDDEN, PUBLIC, TASK, Cell, textbook

Answer = Callable[[Arrays, Context], Arrays]
PRODUCTS = {
    "three_squares": (baseline.three_squares, 2),
    "two_squares": (two_squares.two_squares, 1),
    "fold1": (fold1.fold1, 1),
    "fold2": (fold2.fold2, 1),
}
"""How a product is made, and how many times 4^-(m + 1) it errs at most."""


class Direct:
    """A submission's `fit` without the wall."""

    division = "open"

    def __init__(self, answer: Answer, exam: Exam) -> None:
        self.answer, self.exam = answer, exam
        self.calls: list[tuple[Arrays, dict[str, Any]]] = []

    def __call__(self, train: Arrays, facts: Any = None, oracle: Any = None) -> Arrays:
        told = {**self.exam.facts, **(facts or {})}
        self.calls.append((train, told))
        return self.answer(train, Context(0, 60.0, 1, "cpu", told, oracle))


def taught(exam: Exam, answer: Answer) -> Arrays:
    return task.teach(exam, Direct(answer, exam))  # type: ignore[arg-type]


def numbers(scores: Scores) -> dict[str, float]:
    own = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return own | dict(scores.extra)


def decline(train: Arrays, context: Context) -> Arrays:
    return {}


def say_zero(train: Arrays, context: Context) -> Arrays:
    return baseline.network([], {}, "relu")


@pytest.fixture(scope="module", autouse=True)
def one_search() -> Iterator[None]:
    """Search once instead of four times: these networks are far from the border."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(task, "sup_search", partial(sup_search, restarts=1))
        yield


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


@pytest.fixture(scope="module")
def artifact(exam: Exam) -> Arrays:
    """Have the baseline taught on the exam."""
    return taught(exam, baseline.fit)


@pytest.fixture(scope="module")
def scores(exam: Exam, artifact: Arrays) -> Scores:
    return task.score(exam, artifact, {})


def probes(q: int, n: int = 1000) -> np.ndarray:
    return np.random.default_rng(1).uniform(-1, 1, (n, q))


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another(exam):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    for part in ("train", "truth"):
        first, second = (getattr(e, part) for e in (exam, again))
        assert {n: a.tobytes() for n, a in first.items()} == {
            n: a.tobytes() for n, a in second.items()
        }
    for name, x in exam.train.items():
        assert x.shape == other.train[name].shape and not np.array_equal(x, other.train[name])


def test_an_exam_draws_the_accuracies_of_the_hidden_cells_and_no_others(exam):
    other = task.make(1, "smoke")
    for mine, theirs in zip(task.cells(exam), task.cells(other), strict=True):
        assert mine[:2] == theirs[:2] and mine.public == theirs.public
        assert (mine.eps == theirs.eps) == mine.public


@pytest.mark.parametrize("size, n_public, n_hidden", [("smoke", 6, 2), ("standard", 16, 5)])
def test_the_cells_are_those_of_the_sheet(size, n_public, n_hidden):
    drawn = task.cells(task.make(3, size))
    assert [cell.public for cell in drawn] == [True] * n_public + [False] * n_hidden
    for cell in drawn:
        of_track = (PUBLIC if cell.public else HIDDEN)[size][cell.track]
        (near,) = (e for e in of_track[cell.q] if abs(math.log10(e / cell.eps)) <= 0.25)
        assert cell.eps == near or not cell.public


def test_a_call_of_fit_is_told_its_cell_and_nothing_of_the_truth(exam):
    fit = Direct(decline, exam)
    assert task.teach(exam, fit) == {}  # type: ignore[arg-type]
    for cell, (train, facts) in zip(task.cells(exam), fit.calls, strict=True):
        assert train.keys() == {"x"} and train["x"].shape == (4096, cell.q)
        assert facts.keys() == {"size", "n_cells", "track", "q", "eps"}
    assert exam.inputs == {} and task.ask(exam, {}, None) == {}


def test_the_search_is_another_in_every_exam_and_cell(exam, monkeypatch):
    seen = []

    def search(error: Any, d: int, rng: np.random.Generator) -> tuple[float, None]:
        seen.append(float(rng.random()))
        return 0.0, None

    monkeypatch.setattr(task, "sup_search", search)
    for one in (exam, exam, task.make(1, "smoke")):
        task.score(one, taught(one, say_zero_relu_or_tanh), {})
    first, again, other = np.split(np.array(seen), 3)
    np.testing.assert_array_equal(first, again)
    assert len(np.unique(np.concatenate([first, other]))) == 2 * len(first)


def say_zero_relu_or_tanh(train: Arrays, context: Context) -> Arrays:
    return baseline.network([], {}, "relu" if context.facts["track"] == "deep" else "tanh")


# ---------------------------------------------------------------------------------------------
# The textbook


@pytest.mark.parametrize("q", [2, 3, 4, 5, 6, 7, 8, 12])
@pytest.mark.parametrize("eps", [0.1, 3e-3])
def test_the_textbooks_weights_are_those_of_the_network_that_it_builds(q, eps):
    arrays = baseline.tree(q, baseline.levels(q, eps), baseline.three_squares)
    net = relu_net.read(arrays, q)
    assert net.weights == textbook("deep", q, eps)
    points = np.concatenate([probes(q), np.ones((1, q)), -np.ones((1, q))])
    assert np.abs(relu_net.values(net, points) - points.prod(axis=1)).max() <= eps


@pytest.mark.parametrize("q", [2, 3, 4, 5])
def test_the_textbooks_neurons_are_those_of_the_layer_that_it_builds(q):
    net = relu_net.read(baseline.signs(q, probes(q)), q)
    assert (net.neurons, net.depth) == (textbook("shallow", q, 0.1), 1) == (2**q, 1)
    points = probes(q)[::-1]
    for kind in (np.float64, np.float32):
        assert np.abs(relu_net.values(net, points, kind) - points.prod(axis=1)).max() < 0.01


def test_the_sizes_of_the_prototype_come_out_again():
    sizes = {(2, 1e-2): 131, (4, 1e-2): 527, (8, 1e-3): 1823}
    sizes |= {(3, 3e-2): 267, (6, 3e-3): 1091, (12, 1e-2): 2405}
    assert {cell: textbook("deep", *cell) for cell in sizes} == sizes


# ---------------------------------------------------------------------------------------------
# The score


def test_the_baseline_solves_every_cell_at_the_textbooks_size(scores):
    cells = scores.series["cells"]
    assert (scores.quality, scores.extra["wrong"], scores.extra["solved_hidden"]) == (1, 0, 1)
    np.testing.assert_array_equal(cells["size"], cells["textbook"])
    assert 0 < scores.visible < scores.heldout < 0.01
    shown = cells["hidden"] == 0
    assert scores.extra["size"] == pytest.approx(np.exp(np.log(cells["size"][shown]).mean()))
    deep = shown & (cells["track"] == "deep")
    assert scores.extra["log2_size_deep"] == pytest.approx(np.log2(cells["size"][deep]).mean())
    assert scores.extra["log2_odd"] == 3


def test_a_declined_cell_is_charged_what_the_baseline_has(exam, scores):
    own = task.score(exam, taught(exam, decline), {})
    assert own.extra["size"] == scores.extra["size"]
    assert (own.quality, own.extra["wrong"], own.visible, own.heldout) == (0, 0, 1, 1)
    assert set(own.series["cells"]["status"]) == {"declined"}
    assert {len(column) for column in own.series["deep"].values()} == {0}


def test_a_wrong_cell_is_charged_the_textbooks_size_and_its_error_counts(exam, scores):
    own = task.score(exam, taught(exam, say_zero_relu_or_tanh), {})
    assert own.extra["size"] == scores.extra["size"]
    assert (own.quality, own.extra["wrong"], own.heldout) == (0, 1, 1.0)
    assert own.visible < 1  # no probe lies at a corner


def test_errors_are_those_of_float32_where_it_is_worse():
    net = relu_net.read(baseline.signs(3, probes(3)), 3)
    x = probes(3)
    found = task._error(net, x)
    double, single = (
        np.abs(relu_net.values(net, x, kind) - x.prod(axis=1)) for kind in (np.float64, np.float32)
    )
    np.testing.assert_array_equal(found, np.maximum(double, single))
    assert (single > double).any()


def test_the_order_of_arrays_and_probes_does_not_matter(exam, artifact, scores):
    turned = {name: x[::-1] for name, x in exam.train.items()}
    mixed = dataclasses.replace(exam, train=turned)
    again = task.score(mixed, dict(reversed(artifact.items())), {})
    assert numbers(again) == pytest.approx(numbers(scores), rel=1e-12)


def test_an_array_of_no_cell_is_refused(exam):
    with pytest.raises(Refused, match=r"fit\['8/act'\] is no array of any cell from 0 to 7"):
        task.score(exam, {"8/act": np.zeros(1, np.uint8)}, {})


BROKEN = {
    "nan": ({"out.bias": np.array([np.nan], np.float32)}, "must be finite"),
    "shape": ({"out.bias": np.zeros(2, np.float32)}, r"must be float32 of shape \(1,\)"),
    "empty": ({"act": np.zeros(0, np.uint8)}, "'act' must hold one of"),
    "name": ({"more": np.zeros(1)}, "'more' is no array of a network"),
    "smooth": ({"act": np.array([1], np.uint8)}, "the deep track wants relu, got tanh"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_network_of_the_track_is_refused_where_it_is_taught(name, exam):
    changes, message = BROKEN[name]
    fit = Direct(lambda train, context: say_zero(train, context) | changes, exam)
    with pytest.raises(Refused, match=r"fit \(deep, q = 2, eps = 0.1\): .*" + message):
        task.teach(exam, fit)  # type: ignore[arg-type]
    assert len(fit.calls) == 1


def test_one_hidden_layer_may_come_in_parts():
    W = np.zeros((1, 3))
    W[0, 0] = 1
    layers = [(W[:, :2], np.zeros(1)), (W, np.zeros(1))]
    net = relu_net.arrays(layers, np.array([0, 0, 1.0, 1.0]), activation="tanh")
    assert task._network(net, Cell("shallow", 2, 0.1, True)).neurons == 2


# ---------------------------------------------------------------------------------------------
# The target


def test_the_target_wants_no_cell_wrong_and_one_track_at_least():
    assert TASK.metric.shortfall({"wrong": 0.0, "quality": 7 / 16}, {}) == ""
    assert TASK.metric.shortfall({"wrong": 0.0, "quality": 6 / 16}, {}) == (
        "0.375 of the public cells solved, wanted at least 0.4"
    )
    assert TASK.metric.shortfall({"wrong": 0.01, "quality": 0.9}, {}).startswith(
        "0.01 of the public cells answered with an error above eps"
    )


@pytest.mark.parametrize("answer", [decline, say_zero_relu_or_tanh])
def test_who_declines_everything_or_says_zero_is_not_ranked(answer, exam, scores):
    own = numbers(task.score(exam, taught(exam, answer), {}))
    assert TASK.metric.shortfall(own, numbers(scores))


def test_a_copy_of_the_baseline_scores_the_same(exam, scores):
    assert numbers(task.score(exam, taught(exam, baseline.fit), {})) == numbers(scores)


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(nursery: Nursery, tmp_path: Path) -> None:
    copy = tmp_path / "the_same.py"
    copy.write_text(Path(str(baseline.__file__)).read_text())
    entries = [catalog.find(name, TASK.name) for name in ("baseline", str(copy))]
    entries = [rounds.entered(TASK, entry) for entry in entries]
    with open_store(str(tmp_path / "trials.db")) as store:
        round = rounds.open_round(store, TASK, "standard", (0, 1), entries)
        store.begin(round)
        for item in rounds.items(TASK, round, entries):
            store.append(trial.examine(item, nursery))
        measured = store.measurements(TASK.name, "standard", TASK.version)
    table = rank.standings(
        measured, TASK.metric, TASK.divisions, TASK.axes, TASK.needs, TASK.counts
    )
    (row,) = table[table["submission"] == "the_same"].to_dict("records")
    assert (row["status"], row["rank"]) == ("ranked", 1), row
    assert row["compression"] == row["score"] == 1
    assert row["score_low"] <= 1 <= row["score_high"]


# ---------------------------------------------------------------------------------------------
# The submissions


@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize("m", [1, 4])
def test_a_product_of_two_errs_by_what_it_says(name, m):
    product, factor = PRODUCTS[name]
    net = relu_net.read(baseline.tree(2, m, product), 2)
    axis = np.arange(-(2 ** (m + 2)), 2 ** (m + 2) + 1) / 2 ** (m + 2)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    error = np.abs(relu_net.values(net, grid) - grid.prod(axis=1)).max()
    assert error == pytest.approx(factor / 4 ** (m + 1), rel=1e-9)  # its sup lies on this grid


def test_the_counts_of_the_folds_are_those_of_the_prototype():
    """Of fold1 the prototype had one weight more: an input that its output read twice."""
    counts = {}
    for name, (product, _) in PRODUCTS.items():
        for q, m in ((2, 3), (4, 3), (8, 6)):
            net = relu_net.read(baseline.tree(q, m, product), q)
            counts[name, q] = net.weights, net.neurons
    assert counts["two_squares", 2] == (90, 22) and counts["two_squares", 8] == (1230, 286)
    assert counts["two_squares", 4] == (274, 68)
    assert counts["fold2", 2] == (42, 10) and counts["fold2", 8] == (642, 118)
    assert counts["fold2", 4] == (130, 32)
    assert counts["fold1", 2] == (43, 8) and counts["fold1", 8] == (689, 104)
    assert counts["fold1", 4] == (133, 26)


def test_the_search_of_a_submission_sees_what_the_exam_would_see():
    """At q = 4, m = 3 the error of folded products is just above 1e-2."""
    net = baseline.tree(4, 3, fold2.fold2)
    assert two_squares.worst(net, 4) == pytest.approx(0.0100118, rel=0.05)
    x = probes(4)
    expected = relu_net.values(relu_net.read(net, 4), x)
    np.testing.assert_allclose(two_squares.values(net, x), expected, atol=1e-12)
    chosen = relu_net.read(two_squares.fewest_levels(1e-2, 4, fold2.fold2), 4)
    assert chosen.weights == 172


@pytest.mark.parametrize("q", [2, 3, 4, 5, 6])
def test_half_of_the_signs_reach_any_accuracy_until_float32_ends_it(q):
    x = baseline.hard_points(probes(q))
    errors = []
    for scale in (0.2, 0.1):
        S = halves.half_of_signs(q)
        W, b, out, shift = halves.scaled(S, scale, "tanh" if q % 2 else "softplus", x)
        values = baseline.ACTIVATE["tanh" if q % 2 else "softplus"](x @ W.T + b) @ out + shift
        errors.append(np.abs(values - x.prod(axis=1)).max())
        assert len(W) == (2 ** (q - 1) if q > 2 else 3)
    assert 3 < errors[0] / errors[1] < 5  # of order lambda^2


def test_the_pairs_that_are_halved_cancel_their_straight_part():
    for q in (4, 6):
        S = halves.half_of_signs(q)
        assert len({tuple(s) for s in np.concatenate([S, -S])}) == 2**q
        assert not (S.prod(axis=1) @ S).any()


def test_the_gradient_of_the_trained_layer_is_that_of_differences():
    rng = np.random.default_rng(0)
    flat, x = rng.standard_normal(5 * 5), probes(3, 50)
    for power in (2, 8):
        _, gradient = lbfgs.loss(flat, x, power)
        step = 1e-6 * np.eye(len(flat))
        differences = [
            (lbfgs.loss(flat + s, x, power)[0] - lbfgs.loss(flat - s, x, power)[0]) / 2e-6
            for s in step
        ]
        np.testing.assert_allclose(gradient, differences, rtol=1e-4, atol=1e-7)


def test_three_neurons_are_trained_to_multiply_two_numbers():
    context = Context(0, 60.0, 1, "cpu", {"track": "shallow", "q": 2, "eps": 0.1})
    net = relu_net.read(lbfgs.fit({"x": probes(2, 4096)}, context), 2)
    x = probes(2)
    assert net.neurons == 3
    assert np.abs(relu_net.values(net, x) - x.prod(axis=1)).max() < 0.1


def test_the_trained_network_is_the_one_that_torch_trained(monkeypatch):
    monkeypatch.setattr(trained, "STEPS", 300)
    context = Context(0, 60.0, 1, "cpu", {"track": "deep", "q": 2, "eps": 0.1})
    net = relu_net.read(trained.fit({}, context), 2)
    assert (net.neurons, net.depth) == (96, 2)
    x = probes(2)
    assert np.abs(relu_net.values(net, x) - x.prod(axis=1)).mean() < 0.1


@pytest.mark.parametrize("name", ["fold1", "fold2", "halves", "two_squares"])
def test_a_reference_answers_without_a_wrong_cell(name, exam, scores):
    module = importlib.import_module(f"submissions.references.approximation.product_network_{name}")
    artifact = taught(exam, module.fit)
    own = task.score(exam, artifact, {})
    assert TASK.metric.shortfall(numbers(own), numbers(scores)) == ""
    assert own.extra["size"] < scores.extra["size"] and own.extra["wrong_hidden"] == 0
    assert named.check(artifact, "fit").keys() == artifact.keys()
