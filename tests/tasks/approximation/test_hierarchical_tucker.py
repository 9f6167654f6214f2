"""Tree decompositions: the exam, its functions, the oracle, what a tree may be, the score."""

from __future__ import annotations

import dataclasses
import importlib
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import catalog, rank, trial
from harness import run as rounds
from harness.kernels import tree_tensor
from harness.sandbox import Nursery
from harness.store import open_store
from harness.vocabulary import Arrays, Context, Exam, Refused, Scores
from submissions.baselines.approximation import hierarchical_tucker as baseline
from tasks.approximation import hierarchical_tucker as task
from tasks.approximation.hierarchical_tucker import SHAPES, TASK, Oracle
from tasks.approximation.hierarchical_tucker.functions import draw

FAMILIES = tuple(SHAPES["smoke"])


class Direct:
    """A submission's `fit` without the wall."""

    def __init__(
        self, function: Callable[[Arrays, Context], Arrays], exam: Exam, division: str = "open"
    ) -> None:
        self.function, self.exam, self.division = function, exam, division
        self.chosen: Any = None
        self.notes: dict[str, float] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.calls: list[tuple[Arrays, dict[str, Any]]] = []

    def __call__(self, train: Arrays, facts: Any = None, oracle: Any = None) -> Arrays:
        told = {**self.exam.facts, **(facts or {})}
        self.calls.append((train, told))
        return self.function(train, Context(0, 60.0, 1, "cpu", told, oracle))

    def record(self, series: str, **row: Any) -> None:
        self.rows.setdefault(series, []).append(row)


def taught(
    exam: Exam, function: Callable[[Arrays, Context], Arrays], division: str = "open"
) -> Any:
    fit = Direct(function, exam, division)
    return task.teach(exam, fit), fit


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
# The functions


def drawn(family: str, seed: int = 0, shape: tuple[int, ...] | None = None) -> Any:
    n, d = SHAPES["smoke"][family]
    return draw(family, shape or (n,) * d, np.random.default_rng(seed))


def everything(shape: tuple[int, ...]) -> np.ndarray:
    return np.indices(shape).reshape(len(shape), -1).T


@pytest.mark.parametrize("family", FAMILIES)
def test_a_function_is_one_of_its_index_alone(family):
    function = drawn(family)
    index = np.random.default_rng(1).integers(0, function.shape, (300, len(function.shape)))
    values = function(index)
    assert values.shape == (300,) and values.dtype == np.float64 and values.std() > 0
    np.testing.assert_array_equal(function(index[::-1].astype(np.uint8)), values[::-1])
    np.testing.assert_array_equal(drawn(family)(index), values)
    assert not np.array_equal(drawn(family, seed=1)(index), values)


@pytest.mark.parametrize("family", ["smooth_tree", "window"])
def test_a_smooth_function_is_near_standard_before_its_last_tanh(family):
    values = drawn(family)(everything((4,) * 8))
    z = np.arctanh(values)
    assert abs(z.mean()) < 0.1 and abs(z.std() - 1) < 0.1


def test_a_pair_multiplies_two_variables():
    function = drawn("pairs")
    index = np.random.default_rng(0).integers(0, 2, (50, 16))
    for row, value in zip(index, function(index), strict=True):
        total = sum(row[a] * row[b] for a, b in function.edges)
        assert value == (-1.0) ** total
    assert sorted(function.edges.ravel().tolist()) == list(range(16))


def test_the_graph_is_simple_and_cubic():
    for seed in range(20):
        edges = drawn("graph", seed).edges
        assert (np.bincount(edges.ravel(), minlength=12) == 3).all()
        assert len({frozenset(edge) for edge in edges.tolist()}) == 18
        assert all(a != b for a, b in edges.tolist())


def test_compare_orders_two_numbers_by_hidden_bits():
    function = drawn("compare")
    index = np.random.default_rng(0).integers(0, 2, (200, 16))
    for row, value in zip(index[:, function.order], function(index), strict=True):
        x, y = ("".join(map(str, row[start::2])) for start in (0, 1))
        assert value == (1.0 if int(x, 2) > int(y, 2) else -1.0)


def test_modsum_takes_five_values():
    function = drawn("modsum")
    assert len(np.unique(function(everything((4,) * 8)))) == 5


@pytest.mark.parametrize("family", ["pairs", "graph"])
def test_the_rank_of_a_cut_is_a_power_of_two_that_the_edges_tell(family):
    function = drawn(family, shape=(2,) * 8)
    A = function(everything((2,) * 8)).reshape((2,) * 8)
    for k in (1, 2, 3, 4):
        for modes in itertools.combinations(range(8), k):
            others = [mode for mode in range(8) if mode not in modes]
            M = A.transpose(*modes, *others).reshape(2**k, -1)
            s = np.linalg.svd(M, compute_uv=False)
            rank_found = int((s > 1e-9 * s[0]).sum())
            assert rank_found == 2 ** function.cut_rank(modes)
            np.testing.assert_allclose(s[:rank_found], s[0])  # truncation does not help


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another(exam):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    for part in ("train", "truth"):
        first, second, third = (getattr(e, part) for e in (exam, again, other))
        assert first.keys() == second.keys() == third.keys()
        for name in first:
            assert first[name].tobytes() == second[name].tobytes()
            assert first[name].tobytes() != third[name].tobytes(), name


def test_the_exam_does_not_depend_on_global_random_states(exam):
    np.random.seed(5)
    assert task.make(0, "smoke").train["3/value"].tobytes() == exam.train["3/value"].tobytes()


@pytest.mark.parametrize(
    "size, n, budget", [("smoke", 2000, 200_000), ("standard", 20_000, 4_000_000)]
)
def test_the_sizes_are_those_of_the_sheet(size, n, budget):
    exam = task.make(2, size)
    assert exam.facts["budget"] == budget and exam.inputs == {}
    found = []
    for cell, function in enumerate(task.functions(2, size)):
        for part in (exam.train, exam.truth):
            assert part[f"{cell}/index"].shape == (n, len(function.shape))
            assert part[f"{cell}/value"].shape == (n,)
        found.append((function.family, function.shape))
    assert dict(found) == {f: (k,) * d for f, (k, d) in SHAPES[size].items()}


def test_the_full_size_evaluates_indices_of_its_shapes():
    for family, (n, d) in SHAPES["full"].items():
        function = drawn(family, shape=(n,) * d)
        index = np.random.default_rng(0).integers(0, n, (50, d), dtype=np.uint8)
        assert np.isfinite(function(index)).all() and function(index).std() > 0


def test_the_cells_come_in_another_order_in_every_exam():
    orders = {tuple(f.family for f in task.functions(seed, "smoke")) for seed in range(6)}
    assert len(orders) > 4


def test_nothing_of_the_truth_is_shown(exam):
    """Fresh entries, no seed and no names; a cell is told its shape and nothing else."""
    _, fit = taught(exam, lambda train, context: baseline.constant(context.facts["shape"], 0.0))
    assert "seed" not in exam.train and "seed" not in exam.facts
    for cell, (train, facts) in enumerate(fit.calls):
        assert train.keys() == {"index", "value"}
        assert facts.keys() == {"size", "eps", "budget", "n_cells", "shape"}
        assert not np.array_equal(train["index"], exam.truth[f"{cell}/index"])
        assert not any(family in str(facts) for family in FAMILIES)


def test_a_line_alone_is_told_the_order(exam):
    def told(train: Arrays, context: Context) -> Arrays:
        assert sorted(train["order"].tolist()) == list(range(len(context.facts["shape"])))
        return baseline.constant(context.facts["shape"], 0.0)

    taught(exam, told, "line")
    with pytest.raises(KeyError, match="order"):
        taught(exam, told)


# ---------------------------------------------------------------------------------------------
# The oracle


def test_the_oracle_answers_with_the_values_of_the_cell_and_counts(exam):
    function = task.functions(0, "smoke")[2]
    oracle = Oracle(function, 2500)
    answer = oracle({"index": exam.train["2/index"]})
    np.testing.assert_array_equal(answer["value"], exam.train["2/value"])
    assert oracle.n_asked == 2000
    assert oracle({"index": exam.train["2/index"][:500].astype(np.int64)})["value"].shape == (500,)
    with pytest.raises(Refused, match="one fit may ask for 2,500 entries"):
        oracle({"index": exam.train["2/index"][:1]})


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({}, "must be {'index': integers of shape .any, 8.}, got nothing"),
        ({"index": np.zeros((3, 7), np.uint8)}, r"got 'index' uint8 \(3, 7\)"),
        ({"index": np.zeros(8, np.uint8)}, r"got 'index' uint8 \(8,\)"),
        ({"index": np.zeros((3, 8))}, r"got 'index' float64"),
        ({"index": np.zeros((3, 8), np.uint8), "more": np.zeros(1)}, "'more' float64"),
        ({"index": np.full((1, 8), 4)}, r"must lie inside a tensor of shape \(4, 4"),
        ({"index": np.full((1, 8), -1)}, "must lie inside a tensor"),
    ],
)
def test_a_question_that_is_none_is_refused(question, message):
    with pytest.raises(Refused, match=message):
        Oracle(drawn("modsum"), 100)(question)


def test_no_entries_may_be_asked_for():
    assert Oracle(drawn("modsum"), 0)({"index": np.zeros((0, 8), np.uint8)})["value"].size == 0


# ---------------------------------------------------------------------------------------------
# The score


def test_the_baseline_solves_what_has_a_tree_and_its_ranks_are_those_of_the_cuts(exam, scores):
    cells = scores.series["cells"]
    by_family = dict(zip(cells["family"], cells["solved"], strict=True))
    assert by_family["pairs"] == by_family["modsum"] == by_family["smooth_tree"] == 1
    assert scores.quality == np.mean(cells["solved"])
    nodes = scores.series["nodes"]
    pairs = nodes["family"] == "pairs"
    np.testing.assert_array_equal(nodes["rank"][pairs], nodes["exact_rank"][pairs])


def test_errors_are_those_of_a_naive_contraction(exam, artifact, scores):
    for cell, function in enumerate(task.functions(0, "smoke")):
        prefix = f"{cell}/"
        own = {n.removeprefix(prefix): a for n, a in artifact.items() if n.startswith(prefix)}
        values: list[np.ndarray] = []
        index, wanted = exam.truth[prefix + "index"], exam.truth[prefix + "value"]
        for t, ((left, right), mode) in enumerate(zip(own["child"], own["mode"], strict=True)):
            data = own[f"node{t}.data"]
            values.append(
                data[index[:, mode]]
                if mode >= 0
                else np.einsum("na,nb,abc->nc", values[left], values[right], data)
            )
        error = np.sqrt(np.mean((values[-1][:, 0] - wanted) ** 2)) / np.std(wanted)
        assert scores.extra[f"error_{function.family}"] == pytest.approx(error, abs=1e-9)


def test_a_cell_that_is_not_solved_is_charged_the_table_and_counts_at_most_one(exam):
    far = taught(exam, lambda train, context: baseline.constant(context.facts["shape"], 50.0))[0]
    scores = task.score(exam, far, {})
    assert scores.quality == scores.extra["solved_visible"] == 0
    assert scores.visible == scores.heldout == 1
    cells = scores.series["cells"]
    np.testing.assert_array_equal(cells["entries"], 2000 * (1 + cells["d"] / 8))
    assert scores.extra["entries"] == pytest.approx(np.exp(np.log(cells["entries"]).mean()))


def test_a_solved_cell_is_charged_its_entries_and_never_more_than_the_table(exam, scores):
    cells = scores.series["cells"]
    solved = cells["solved"] == 1
    table = 2000 * (1 + cells["d"] / 8)
    wanted = np.where(solved, np.minimum(cells["stored"], table), table)
    np.testing.assert_array_equal(cells["entries"], wanted)


def test_the_graph_is_left_out_of_the_gap(exam, scores):
    cells = scores.series["cells"]
    others = cells["family"] != "graph"
    for name in ("visible", "heldout"):
        wanted = np.minimum(cells[name][others], 1).mean()
        assert getattr(scores, name) == pytest.approx(wanted)


def test_the_order_of_the_entries_does_not_matter(exam, artifact, scores):
    def turned(part: Arrays) -> Arrays:
        return {name: array[::-1] if array.ndim else array for name, array in part.items()}

    mixed = dataclasses.replace(exam, train=turned(exam.train), truth=turned(exam.truth))
    again = numbers(task.score(mixed, dict(reversed(artifact.items())), {}))
    assert again == pytest.approx(numbers(scores), abs=1e-9)


BROKEN = {
    "nothing": ({}, r"fit \(cell 0\): 'child' must be an integer array with 2 axes, got nothing"),
    "another cell": ({"9/child": np.zeros(2)}, r"no array of any cell"),
    "not a number": ({"0/node0.data": np.full((4, 1), np.nan)}, "finite floats|must have shape"),
    "empty": ({"0/node0.data": np.empty((0, 0))}, r"'node0.data' must have shape"),
    "a node too many": ({"0/node99.data": np.ones((1, 1))}, "'node99.data' is no array of a tree"),
    "too large": ({"0/node0.data": np.ones((1 << 20, 1))}, "at most 4 MiB"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_tree_is_refused(name, exam, artifact):
    changes, message = BROKEN[name]
    broken = artifact | changes if changes else {}
    with pytest.raises(Refused, match=message):
        task.score(exam, broken, {})


def test_a_tree_is_refused_before_the_next_cell_is_taught(exam):
    fit = Direct(lambda train, context: {"child": np.zeros((1, 2), int)}, exam)
    with pytest.raises(Refused, match=r"fit \(cell 0\): 'mode' must be an integer array"):
        task.teach(exam, fit)
    assert len(fit.calls) == 1


def test_numbers_that_overflow_are_refused(exam):
    def large(train: Arrays, context: Context) -> Arrays:
        tree = baseline.constant(context.facts["shape"], 1e300)
        return tree | {"node0.data": 1e300 * tree["node0.data"]}

    with pytest.raises(Refused, match="not finite or too large"):
        task.score(exam, taught(exam, large)[0], {})


# ---------------------------------------------------------------------------------------------
# The target


def test_the_target_is_a_share_of_the_baselines_on_both_sides():
    base = {"quality": 0.5, "solved_visible": 0.5}
    assert TASK.metric.shortfall(base, base) == ""
    assert TASK.metric.shortfall({"quality": 0.35, "solved_visible": 0.35}, base) == ""
    one = TASK.metric.shortfall({"quality": 0.3, "solved_visible": 0.5}, base)
    assert one == "0.3 of the functions solved on held-out entries, wanted at least 0.35"
    other = TASK.metric.shortfall({"quality": 0.5, "solved_visible": 0.3}, base)
    assert other.startswith("0.3 of the functions solved on the entries handed out")


def test_a_constant_is_not_ranked(exam, scores):
    mean = taught(
        exam, lambda t, context: baseline.constant(context.facts["shape"], t["value"].mean())
    )[0]
    own = numbers(task.score(exam, mean, {}))
    assert own["heldout"] == pytest.approx(1, abs=0.01)
    assert TASK.metric.shortfall(own, numbers(scores))


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
    # One interval in twenty misses, by little: a percent or two is no fault.
    assert row["score_low"] - 0.02 <= 1 <= row["score_high"] + 0.02
    assert row["score"] == pytest.approx(1, abs=0.05)


# ---------------------------------------------------------------------------------------------
# The submissions


@pytest.mark.parametrize("method", ["natural", "repaired", "told"])
def test_a_reference_returns_trees_and_keeps_to_its_budget(method, exam):
    module = importlib.import_module(
        f"submissions.references.approximation.hierarchical_tucker_{method}"
    )
    division = getattr(module, "DIVISION", "open")
    artifact, fit = taught(exam, module.fit, division)
    assert set(task.score(exam, artifact, {}).extra) >= {"entries", "cut_ranks"}
    assert all(row["entries_asked"] <= 200_000 for row in fit.rows["queries"])
    assert fit.notes["queries"] == sum(row["entries_asked"] for row in fit.rows["queries"])


def test_a_spent_budget_leaves_a_constant(exam):
    poor = dataclasses.replace(exam, facts={**exam.facts, "budget": 10})
    artifact, fit = taught(poor, baseline.fit)
    assert fit.notes["queries"] == 0
    for cell in range(6):
        shape = task.functions(0, "smoke")[cell].shape
        own = {n[2:]: a for n, a in artifact.items() if n.startswith(f"{cell}/")}
        tree = tree_tensor.read(own, shape)
        got = tree_tensor.entries(tree, exam.train[f"{cell}/index"][:5])
        np.testing.assert_allclose(got, exam.train[f"{cell}/value"].mean())


def test_a_skeleton_interpolates_a_matrix_of_low_rank_from_its_rows():
    rng = np.random.default_rng(0)
    M = rng.normal(size=(30, 4)) @ rng.normal(size=(4, 20))
    rows, X = baseline.skeleton(M, 1e-9)
    assert len(rows) == 4
    np.testing.assert_allclose(X @ M[rows], M, atol=1e-10)
    np.testing.assert_array_equal(X[rows], np.eye(4))
    assert len(baseline.skeleton(M, 1e-9, most=2)[0]) == 2
    rows, X = baseline.skeleton(np.zeros((3, 5)), 1e-3)
    assert len(rows) == 1 and np.isfinite(X).all()
