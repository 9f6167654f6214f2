"""Networks for compositions: the exam, the score, what a network may be, the constructions."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import catalog, rank, trial
from harness import run as rounds
from harness.kernels import relu_net
from harness.kernels.kuhn_interpolation import kuhn_interpolation
from harness.kernels.sup_search import sup_search
from harness.sandbox import Nursery
from harness.store import open_store
from harness.vocabulary import Arrays, Context, Exam, Refused, Scores
from submissions.baselines.approximation import relu_composition as baseline
from submissions.references.approximation import (
    relu_composition_fitted,
    relu_composition_monolithic,
    relu_composition_trained,
)
from tasks._data.splines import tree
from tasks.approximation import relu_composition as task
from tasks.approximation.relu_composition import LADDERS, TASK, VARIABLES, Target

CELLS = ("r2_eps0.5", "r2_eps0.2")


class Direct:
    """A submission's `fit` without the wall."""

    division = "open"

    def __init__(self, function: Callable[[Arrays, Context], Arrays], exam: Exam) -> None:
        self.function, self.exam = function, exam
        self.chosen: Any = None
        self.notes: dict[str, float] = {}
        self.calls: list[tuple[Arrays, dict[str, Any]]] = []

    def __call__(self, train: Arrays, facts: Any = None, oracle: Any = None) -> Arrays:
        told = {**self.exam.facts, **(facts or {})}
        self.calls.append((train, told))
        return self.function(train, Context(0, 60.0, 1, "cpu", told, oracle))


def taught(exam: Exam, function: Callable[[Arrays, Context], Arrays]) -> Any:
    fit = Direct(function, exam)
    return task.teach(exam, fit), fit


def constant(value: float) -> Arrays:
    return relu_net.arrays([], np.zeros(VARIABLES["smoke"]), value)


def numbers(scores: Scores) -> dict[str, float]:
    own = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return own | dict(scores.extra)


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


@pytest.fixture(scope="module")
def artifact(exam: Exam) -> Arrays:
    """Have the baseline taught on the exam."""
    return taught(exam, baseline.fit)[0]


@pytest.fixture(scope="module")
def scores(exam: Exam, artifact: Arrays) -> Scores:
    return task.score(exam, artifact, {})


# ---------------------------------------------------------------------------------------------
# The exam


def test_an_exam_is_drawn_from_its_seed_and_from_nothing_else(exam):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    for part in ("train", "truth"):
        for name, array in getattr(exam, part).items():
            np.testing.assert_array_equal(array, getattr(again, part)[name])
            assert not np.array_equal(array, getattr(other, part)[name])
    assert exam.facts == again.facts == other.facts


@pytest.mark.parametrize("size", ["smoke", "standard"])
def test_an_exam_has_the_shapes_that_its_sheet_says(size):
    exam = task.make(2, size)
    d = VARIABLES[size]
    assert exam.inputs == {} and exam.facts["d"] == d
    for r in LADDERS[size]:
        assert exam.train[f"r{r:g}/tables"].shape == (d - 1, 257, 257)
        assert exam.train[f"r{r:g}/probe_x"].shape == (4096, d)
        assert exam.train[f"r{r:g}/probe_y"].shape == (4096,)
    assert np.abs(exam.train["r2/tables"]).max() <= 1
    assert np.shape(exam.facts["children"]) == (d - 1, 2)


def test_the_full_size_can_be_drawn_and_its_cells_are_told_apart():
    function = tree(np.random.default_rng(0), VARIABLES["full"], 1.0)
    x = np.random.default_rng(1).uniform(-1, 1, (10, 16))
    assert np.isfinite(Target(function)(x)).all()
    cells = task.ladder("full")
    assert len(cells) == 18 and cells["r1.5_eps0.1"] == (1.5, 0.1)


def test_the_target_is_the_function_that_was_drawn(exam):
    function = tree(np.random.default_rng([0, 0]), 4, 2.0)
    x = exam.train["r2/probe_x"]
    np.testing.assert_allclose(exam.train["r2/probe_y"], function(x), atol=1e-12)
    np.testing.assert_allclose(exam.train["r2/tables"], function.tables(), atol=1e-12)


def test_a_cell_is_told_its_accuracy_and_neither_seed_nor_coefficients(exam):
    _, fit = taught(exam, lambda train, context: constant(0.0))
    assert [facts["eps"] for _, facts in fit.calls] == [0.5, 0.2]
    for train, facts in fit.calls:
        assert train.keys() == {"tables", "probe_x", "probe_y"}
        assert facts.keys() == {"size", "d", "children", "r", "eps"}
    assert "seed" not in exam.train and "seed" not in exam.facts


def test_two_exams_of_one_function_are_searched_from_different_points(exam, artifact, scores):
    elsewhere = dataclasses.replace(exam, truth=exam.truth | {"seed": np.array(99)})
    other = task.score(elsewhere, artifact, {})
    assert other.visible == scores.visible and other.heldout != scores.heldout
    assert other.heldout == pytest.approx(scores.heldout, rel=0.3)


# ---------------------------------------------------------------------------------------------
# The score


def test_the_baseline_reaches_its_cells_and_the_points_handed_out_flatter_it(scores):
    assert scores.quality == 1
    assert 0 < scores.visible < scores.heldout <= 1
    assert scores.extra["weights_r2_eps0.5"] < scores.extra["weights_r2_eps0.2"]
    assert scores.extra["exponent_r2"] < 0 and scores.extra["rms_exponent_r2"] < 0


def test_errors_are_those_of_the_arrays_evaluated_one_neuron_at_a_time(exam, artifact, scores):
    x, y = exam.train["r2/probe_x"][:20], exam.train["r2/probe_y"][:20]
    cell = {n.split("/")[1]: a for n, a in artifact.items() if n.startswith("r2_eps0.5/")}
    for point, wanted in zip(x, y, strict=True):
        z = list(point)
        for layer in range(sum(name.endswith("indptr") for name in cell)):
            indptr, indices, data, bias = (
                cell[f"l{layer}.{part}"] for part in ("indptr", "indices", "data", "bias")
            )
            z += [
                max(0.0, b + sum(data[k] * z[indices[k]] for k in range(start, stop)))
                for start, stop, b in zip(indptr, indptr[1:], bias, strict=False)
            ]
        value = sum(cell["out.data"] * np.array(z)[cell["out.indices"]]) + cell["out.bias"][0]
        net = relu_net.read(cell, 4)
        got = task.error(net, point[None], np.array([wanted]))
        assert got[0] == pytest.approx(abs(value - wanted), abs=1e-6)
    cells = scores.series["cells"]
    n_weights = sum(np.count_nonzero(cell[n]) for n in cell if n.endswith(("data", "bias")))
    assert cells["weights"][0] == n_weights == scores.extra["weights_r2_eps0.5"]


def test_an_error_of_the_held_out_cube_is_never_below_that_of_the_probes(scores):
    cells = scores.series["cells"]
    assert (cells["sup"] >= cells["probe_sup"]).all()
    assert (cells["probe_sup"] >= cells["rms"]).all()


def test_a_cell_that_is_not_reached_is_charged_its_tables_and_counts_at_most_one(exam):
    far = task.score(exam, taught(exam, lambda train, context: constant(50.0))[0], {})
    assert far.quality == 0
    np.testing.assert_array_equal(far.series["cells"]["charged"], 3 * 257**2)
    assert far.extra["weights"] == pytest.approx(3 * 257**2)
    assert far.visible == far.heldout == pytest.approx((1 / 0.5 + 1 / 0.2) / 2)
    assert "exponent_r2" not in far.extra  # of one size there is none


def test_the_size_that_is_ranked_is_the_geometric_mean_over_the_cells(scores):
    weights = scores.series["cells"]["weights"].astype(float)
    assert scores.extra["weights"] == pytest.approx(np.prod(weights) ** (1 / len(weights)))
    assert TASK.counts == "weights"


def test_the_plain_construction_is_as_efficient_as_itself(scores):
    assert scores.extra["efficiency"] == pytest.approx(1, abs=0.25)


def test_the_order_of_the_probes_and_of_the_arrays_does_not_matter(exam, artifact, scores):
    turned = {n: a[::-1] if "probe" in n else a for n, a in exam.train.items()}
    mixed = dataclasses.replace(exam, train=turned)
    again = task.score(mixed, dict(reversed(artifact.items())), {})
    assert numbers(again) == pytest.approx(numbers(scores), abs=1e-9)


BROKEN = {
    "nothing": ({}, r"fit \(cell r2_eps0.5\): 'act' must be an integer array"),
    "another cell": ({"r9_eps1/act": np.zeros(1, np.uint8)}, r"no array of any cell: r2_eps0.5"),
    "not a number": (
        {"r2_eps0.5/out.bias": np.array([np.nan], np.float32)},
        "'out.bias' must be finite",
    ),
    "empty": ({"r2_eps0.5/out.bias": np.empty(0, np.float32)}, r"'out.bias' must be float32 of sh"),
    "another shape": ({"r2_eps0.2/l0.bias": np.zeros(3, np.float32)}, r"cell r2_eps0.2\): 'l0.bi"),
    "another name": ({"r2_eps0.2/more": np.zeros(3)}, "'more' is no array of a network"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_network_is_refused(name, exam, artifact):
    changes, message = BROKEN[name]
    with pytest.raises(Refused, match=message):
        task.score(exam, artifact | changes if changes else {}, {})


def test_a_network_is_refused_before_the_next_cell_is_taught(exam):
    fit = Direct(lambda train, context: {}, exam)
    with pytest.raises(Refused, match=r"fit \(cell r2_eps0.5\)"):
        task.teach(exam, fit)
    assert len(fit.calls) == 1


def test_values_that_overflow_are_refused(exam):
    net = relu_net.arrays(
        [(np.eye(1, 4 + k, 3 + k) * 1e4, np.ones(1)) for k in range(90)], np.eye(94)[-1]
    )
    with pytest.raises(Refused, match="values must be finite and below 1e30"):
        task.score(exam, {f"{cell}/{n}": a for cell in CELLS for n, a in net.items()}, {})


def test_the_worse_of_two_precisions_counts(exam):
    """1e8 is added and taken away: float64 has room for the rest, float32 has not."""
    large = [
        (np.zeros((1, 4)), np.array([1e4])),
        (np.array([[1.0, 0, 0, 0, 1e4]]), np.zeros(1)),
    ]
    net = relu_net.read(relu_net.arrays(large, np.array([0, 0, 0, 0, -1e4, 1.0])), 4)
    x = exam.train["r2/probe_x"]
    assert task.error(net, x, x[:, 0], np.float64).max() < 1e-6
    assert task.error(net, x, x[:, 0], np.float32).max() > 0.5


# ---------------------------------------------------------------------------------------------
# The target


def test_the_target_is_what_the_baseline_reaches():
    base = {"quality": 1.0}
    assert TASK.metric.shortfall(base, base) == ""
    lacks = TASK.metric.shortfall({"quality": 2 / 3}, base)
    assert lacks == "0.667 of the cells reached, wanted at least the baseline's 1"
    assert TASK.metric.shortfall({"quality": 2 / 3}, {"quality": 2 / 3}) == ""
    assert TASK.metric.shortfall({"quality": 1.0}, {"quality": 2 / 3}) == ""


def test_a_constant_is_not_ranked(exam, scores):
    def middle(train: Arrays, context: Context) -> Arrays:
        return constant((train["probe_y"].min() + train["probe_y"].max()) / 2)

    own = numbers(task.score(exam, taught(exam, middle)[0], {}))
    assert own["quality"] == 0 and TASK.metric.shortfall(own, numbers(scores))


def test_a_copy_of_the_baseline_scores_the_same(exam, scores):
    again = task.score(exam, taught(exam, baseline.fit)[0], {})
    assert numbers(again) == numbers(scores)


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
    assert row["score"] == pytest.approx(1)


# ---------------------------------------------------------------------------------------------
# The constructions


def function_and_target(d: int = 8, r: float = 2.0, seed: int = 0) -> Any:
    function = tree(np.random.default_rng(seed), d, r)
    return function, baseline.Target(function.tables(), function.children.tolist())


def test_the_splines_through_the_tables_are_the_function():
    function, target = function_and_target()
    x = np.random.default_rng(1).uniform(-1, 1, (2000, 8))
    np.testing.assert_allclose(target(x), function(x), atol=1e-9)


@pytest.mark.parametrize("G", [3, 9, 13])
@pytest.mark.parametrize("d", [2, 4, 8])
def test_the_plain_network_is_the_composition_of_interpolants(d, G):
    _, target = function_and_target(d)
    nodes = target.nodes(G)
    net = relu_net.read(baseline.network(nodes, target.children), d)
    x = np.random.default_rng(1).uniform(-1, 1, (500, d))
    x[:50] = np.sign(x[:50])
    values = list(x.T)
    for V, (left, right) in zip(nodes, target.children, strict=True):
        values.append(kuhn_interpolation(V, np.stack([values[left], values[right]], axis=1)))
    np.testing.assert_allclose(relu_net.values(net, x), values[-1], atol=1e-5)  # float32 weights
    np.testing.assert_allclose(baseline.compose(nodes, target.children, x), values[-1], atol=1e-12)
    assert net.depth == 4 * int(np.log2(d)) - 1
    at_most = (d - 1) * (10 * G**2 + 6 * (2 * G - 1) + 3)
    assert 0.9 * at_most < net.weights <= at_most


def test_the_plain_network_of_nine_points_has_the_size_of_the_prototype():
    _, target = function_and_target()
    net = relu_net.read(baseline.network(target.nodes(9), target.children), 8)
    assert net.weights == pytest.approx(6251, abs=10)
    assert (net.neurons, net.depth, net.largest) == (1945, 11, 8)


def test_a_network_that_passes_holds_against_another_search():
    function, target = function_and_target(4)
    nodes = baseline.plain(target, 0.27, np.random.default_rng(0))

    def error(x: np.ndarray) -> np.ndarray:
        return baseline.compose(nodes, target.children, x) - function(x)

    assert sup_search(error, 4, np.random.default_rng(1))[0] <= 0.3
    coarser = target.nodes(baseline.GRIDS[baseline.GRIDS.index(nodes.shape[1]) - 1])

    def answer(x: np.ndarray) -> np.ndarray:
        return baseline.compose(coarser, target.children, x)

    assert not baseline.passes(answer, target, 0.27, np.random.default_rng(2))


def test_fitted_values_have_a_smaller_error_and_stay_near_the_plain_ones():
    function, target = function_and_target(4)
    rng = np.random.default_rng(0)
    nodes = target.nodes(7)
    reach = np.array(
        [
            relu_composition_fitted.farthest(V, table)
            for V, table in zip(nodes, function.tables(), strict=True)
        ]
    )
    x = baseline.points(rng, 50_000, 4)
    fitted = relu_composition_fitted.fitted(nodes, reach, target.children, x, target(x), rng)
    assert (np.abs(fitted - nodes) <= reach[:, None, None] + 1e-6).all()
    assert np.abs(fitted).max() <= 1
    fresh = baseline.points(rng, 20_000, 4)
    errors = [
        np.abs(baseline.compose(V, target.children, fresh) - target(fresh)).max()
        for V in (nodes, fitted)
    ]
    assert errors[1] < 0.85 * errors[0]


def test_trained_nodes_make_the_network_that_was_trained():
    import torch

    torch.manual_seed(0)
    n, H = 7, 6
    shapes = [(n, 2, H), (n, 1, H), (n, H, H), (n, 1, H), (n, H, 1), (n, 1, 1)]
    nodes = [torch.randn(shape) for shape in shapes]
    children = function_and_target()[0].children.tolist()
    arrays = relu_composition_trained.network([p.numpy() for p in nodes], children)
    net = relu_net.read(arrays, 8)
    x = np.random.default_rng(0).uniform(-1, 1, (300, 8))
    wanted = relu_composition_trained.answering(nodes, children)(x)
    np.testing.assert_allclose(relu_net.values(net, x), wanted, rtol=1e-4, atol=1e-4)
    assert net.weights <= n * (H**2 + 5 * H + 4)


def test_the_monolithic_network_has_the_weights_of_the_prototype():
    sizes = [8, 128, 128, 128, 1]
    rng = np.random.default_rng(0)
    layers = [
        [rng.normal(size=(b, a)) / a, rng.normal(size=b)]
        for a, b in zip(sizes, sizes[1:], strict=False)
    ]
    net = relu_net.read(relu_composition_monolithic.arrays(layers), 8)
    x = rng.uniform(-1, 1, (50, 8))
    z = x.T
    for k, (W, b) in enumerate(layers):
        z = W @ z + b[:, None]
        z = np.maximum(z, 0) if k < 3 else z
    np.testing.assert_allclose(relu_net.values(net, x), z[0], rtol=1e-4, atol=1e-5)
    assert (net.weights, net.neurons, net.depth) == (34305, 384, 3)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fitted", "trained", "monolithic"])
def test_a_reference_reaches_every_cell_if_it_is_told_the_graph(method, exam):
    module = importlib.import_module(
        f"submissions.references.approximation.relu_composition_{method}"
    )
    own = task.score(exam, taught(exam, module.fit)[0], {})
    cells = own.series["cells"]
    np.testing.assert_array_equal(cells["reached"], cells["sup"] <= cells["eps"])
    if method == "monolithic":
        assert not cells["reached"].all() and set(cells["weights"]) == {33793}
    else:
        assert cells["reached"].all()


@pytest.mark.slow
@pytest.mark.parametrize(("r", "rms", "sup"), [(1.0, -0.5, -0.3), (2.0, -1.0, -1.0)])
def test_the_plain_networks_errors_fall_as_the_theory_says(r, rms, sup):
    slopes = exponents(r, seed=0)
    assert slopes["rms"] == pytest.approx(rms, abs=0.1)
    assert slopes["sup"] == pytest.approx(sup, abs=0.2)


def exponents(r: float, seed: int) -> dict[str, float]:
    """Return the slopes of log error on log weights of the baseline's networks, G from 9 to 49."""
    function, target = function_and_target(8, r, seed)
    x = np.random.default_rng(1).uniform(-1, 1, (20_000, 8))
    weights, errors = [], []
    for G in (9, 13, 17, 25, 33, 49):
        nodes = target.nodes(G)

        def error(x: np.ndarray, nodes: np.ndarray = nodes) -> np.ndarray:
            return baseline.compose(nodes, target.children, x) - function(x)

        weights.append(relu_net.read(baseline.network(nodes, target.children), 8).weights)
        rms = float(np.sqrt(np.mean(error(x) ** 2)))
        errors.append((rms, sup_search(error, 8, np.random.default_rng(2))[0]))
    slope = np.polyfit(np.log(weights), np.log(errors), 1)[0]
    return {"rms": slope[0], "sup": slope[1]}
