"""Pruning: the exam, who is shown what, budgets, the numbers of a network, the submissions."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import datasets
import numpy as np
import platformdirs
import pytest
import torch

from harness.kernels.binary_kl import binary_kl
from harness.kernels.code_length import code_bytes
from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.generalization import pruning as baseline
from submissions.references.generalization import (
    pruning_dense,
    pruning_imp,
    pruning_l1,
    pruning_one_shot,
    pruning_random_mask,
    pruning_removed,
)
from tasks._data import scans
from tasks.generalization import pruning
from tasks.generalization.pruning import TASK, Scale, network

WIDTHS = [24, 128, 64, 4]
COUNTED = (3000, 1900, 1300, 1000)


class Direct:
    """A submission's `fit` without the wall."""

    def __init__(self, exam: Exam, function: Any, division: str = "open") -> None:
        self.exam, self.function, self.division = exam, function, division
        self.chosen = None
        self.notes: dict[str, float] = {}
        self.calls: list[tuple[Arrays, dict[str, Any]]] = []

    def __call__(self, train: Arrays, facts: Any = None, oracle: Any = None) -> Arrays:
        told = {**self.exam.facts, **facts}
        self.calls.append((train, told))
        found: Arrays = self.function(dict(train), Context(0, 60.0, 1, "cpu", told))
        return found

    def plan(self, facts: Any) -> Any:
        raise AssertionError("nothing is planned")

    def record(self, series: str, **row: Any) -> None:
        raise AssertionError("nothing is recorded on the way")


@pytest.fixture(scope="module")
def exam() -> Exam:
    return pruning.make(0, "smoke")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (baseline, pruning_l1, pruning_imp, pruning_one_shot):
        monkeypatch.setattr(module, "EPOCHS", 2)
    for module in (baseline, pruning_l1):
        monkeypatch.setattr(module, "FINE_EPOCHS", 1)


def drawn(seed: int = 0, widths: list[int] = WIDTHS) -> Arrays:
    """Return a network with weights of all sizes and biases."""
    rng = np.random.default_rng(seed)
    net: Arrays = {}
    for k, (m, n) in enumerate(itertools.pairwise(widths)):
        net[f"W{k}"] = (rng.normal(size=(m, n)) / math.sqrt(m)).astype(np.float32)
        net[f"b{k}"] = rng.normal(size=n).astype(np.float32)
    return net


def halves(net: Arrays) -> Arrays:
    return {name: array.astype(np.float16) for name, array in net.items()}


def zeros() -> Arrays:
    return {name: np.zeros_like(array) for name, array in drawn().items()}


def says(net: Arrays, X: np.ndarray) -> np.ndarray:
    """Run a network sample by sample, in double precision."""
    said = []
    for x in X.astype(np.float64):
        for k in range(len(net) // 2):
            x = x @ net[f"W{k}"].astype(np.float64) + net[f"b{k}"]
            x = np.maximum(x, 0) if k < len(net) // 2 - 1 else x
        said.append(x)
    return np.array(said)


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    np.random.seed(5)
    again, other = pruning.make(0, "smoke"), pruning.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    json.dumps(exam.facts)
    for part in ("train", "truth"):
        first, second, third = (getattr(e, part) for e in (exam, again, other))
        for name in first:
            assert first[name].tobytes() == second[name].tobytes() != third[name].tobytes()
            assert (first[name].shape, first[name].dtype) == (third[name].shape, third[name].dtype)


@pytest.mark.parametrize("size, n, n_fresh", [("smoke", 300, 5000), ("standard", 1000, 20_000)])
def test_what_is_fresh_is_not_shown(size, n, n_fresh):
    exam = pruning.make(3, size)
    assert exam.train["X"].shape == (n, 24) and exam.truth["X"].shape == (n_fresh, 24)
    shown = {row.tobytes() for row in exam.train["X"]}
    assert not shown & {row.tobytes() for row in exam.truth["X"]}
    assert exam.inputs == {}
    assert exam.facts == {
        "widths": WIDTHS, "n_samples": n, "budgets": [13_000, 3000, 1900, 1300, 1000],
    }  # fmt: skip


def test_the_examiner_s_own_network_errs_about_as_a_good_dense_one():
    exam = pruning.make(3, "standard")
    fit = Direct(exam, baseline.fit)
    net = network.keep(fit(exam.train, {"stage": "dense"}), WIDTHS, "fit")
    error = float(np.mean(network.said(net, exam.truth["X"]).argmax(1) != exam.truth["y"]))
    assert error == pytest.approx(float(exam.truth["yardstick"]), abs=0.01)


CARD = """---
configs:
- config_name: mnist
  data_files:
  - split: train
    path: train.parquet
  - split: test
    path: test.parquet
---
"""


def test_full_pools_the_scans_in_a_drawn_order_with_their_pixels_in_another(tmp_path, monkeypatch):
    folder = tmp_path / "repository"
    folder.mkdir()
    folder.joinpath("README.md").write_text(CARD)
    kinds = datasets.Features(
        image=datasets.Image(), label=datasets.ClassLabel(names=[str(k) for k in range(10)])
    )
    rng = np.random.default_rng(0)
    pictures = rng.integers(256, size=(90, 28, 28), dtype=np.uint8)
    labels = rng.integers(10, size=90)
    for split, rows in (("train", slice(60)), ("test", slice(60, None))):
        table = {"image": list(pictures[rows]), "label": list(labels[rows])}
        datasets.Dataset.from_dict(table, features=kinds).to_parquet(folder / f"{split}.parquet")
    monkeypatch.setattr(pruning, "MNIST", (folder, None))
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    monkeypatch.setitem(pruning.SCALES, "full", Scale(70, 20, (784, 300, 100, 10)))
    exam = pruning.make(0, "full")
    X, y = (np.concatenate([exam.train[name], exam.truth[name]]) for name in "Xy")
    assert exam.train["X"].shape == (70, 784) and X.dtype == np.float32
    # Which picture is which: its pixels in any order, less the mean.
    flat = pictures.reshape(90, -1) / 255
    centred = np.sort((flat - flat.mean(0)) / (flat - flat.mean(0)).std(), axis=1)
    found = [int(np.abs(centred - row).max(1).argmin()) for row in np.sort(X, axis=1)]
    assert sorted(found) == list(range(90)) != found
    np.testing.assert_array_equal(y, labels[found])
    assert np.abs(X - ((flat - flat.mean(0)) / (flat - flat.mean(0)).std())[found]).max() > 0.1
    n_weights = 784 * 300 + 300 + 300 * 100 + 100 + 100 * 10 + 10
    assert exam.facts["budgets"][1] == round(3000 * n_weights / 11_716)


def test_full_size_offline_is_refused_and_says_what_to_do(monkeypatch):
    monkeypatch.delenv("HARNESS_ONLINE", raising=False)
    assert scans.MNIST[0] == pruning.MNIST[0] == "ylecun/mnist"
    with pytest.raises(Refused, match="size full needs the hub dataset ylecun/mnist .*--online"):
        pruning.make(0, "full")


# ---------------------------------------------------------------------------------------------
# Who is shown what


def test_the_dense_network_is_handed_back_with_each_budget_as_it_was_rounded(exam):
    fit = Direct(exam, lambda train, context: zeros() if "dense/W0" in train else drawn())
    artifact = pruning.teach(exam, fit)
    assert [facts["stage"] for _, facts in fit.calls] == ["dense"] + ["pruned"] * 5
    assert [facts.get("budget") for _, facts in fit.calls] == [None, *exam.facts["budgets"]]
    assert set(fit.calls[0][0]) == {"X", "y"}
    for shown, told in fit.calls[1:]:
        assert set(shown) == {"X", "y"} | {f"dense/{name}" for name in drawn()}
        assert "threshold" not in told
        for name, array in drawn().items():
            assert shown[f"dense/{name}"].dtype == np.float32
            np.testing.assert_array_equal(shown[f"dense/{name}"], array.astype(np.float16))
        json.dumps(told)
    assert {name.partition("/")[0] for name in artifact} == {
        "dense", "13000", "3000", "1900", "1300", "1000",
    }  # fmt: skip
    assert {array.dtype for array in artifact.values()} == {np.dtype(np.float16)}


def filled(kept: int) -> Arrays:
    net = zeros()
    net["W1"].flat[:kept] = np.random.default_rng(1).normal(size=kept)
    return net


@pytest.mark.parametrize("more", [0, 1])
def test_a_network_may_have_the_bytes_of_its_budget_and_no_more(more, exam):
    most = {}
    for budget in exam.facts["budgets"]:
        low, high = 0, 8192
        while high - low > 1:
            middle = (low + high) // 2
            fits = code_bytes(halves(filled(middle)).values()) <= budget
            low, high = (middle, high) if fits else (low, middle)
        most[budget] = low

    def fit(train: Arrays, context: Context) -> Arrays:
        budget = context.facts.get("budget")
        return filled(most[budget] + (more if budget == 1000 else 0)) if budget else zeros()

    if more:
        with pytest.raises(Refused, match=r"fit \(1000 bytes\) must fit .* has 100\d bytes; set"):
            pruning.teach(exam, Direct(exam, fit))
    else:
        pruning.teach(exam, Direct(exam, fit))


def test_few_distinct_values_cost_little(exam):
    """Two bits a weight, and all of them stay."""

    def fit(train: Arrays, context: Context) -> Arrays:
        net = {n: a if n[0] == "W" else np.zeros_like(a) for n, a in drawn().items()}
        return {name: (0.1 * np.sign(array)).astype(np.float32) for name, array in net.items()}

    artifact = pruning.teach(exam, Direct(exam, fit, "line"))
    net = {name: artifact[f"3000/{name}"] for name in drawn()}
    assert network.n_bytes(net) < 1600


def test_a_line_keeps_to_no_budget_and_is_told_what_hardly_matters(exam):
    fit = Direct(exam, lambda train, context: drawn(), "line")
    artifact = pruning.teach(exam, fit)
    assert network.n_bytes({name: artifact[f"1000/{name}"] for name in drawn()}) == 23_456
    found = network.support(list(network.thinnings(halves(drawn()), exam.truth["X"])))
    assert {facts["threshold"] for _, facts in fit.calls[1:]} == {found.threshold}


BROKEN: dict[str, tuple[Any, str]] = {
    "nothing": ({}, r"\['W0'\] is missing; got nothing"),
    "no biases": ({"b1": None}, r"\['b1'\] is missing"),
    "a note": ({"note": np.zeros(3)}, r"\['note'\] is not wanted"),
    "another shape": ({"W1": np.zeros((64, 128))}, r"\['W1'\] must have shape \(128, 64\)"),
    "empty": ({"W2": np.zeros((0, 4))}, r"\['W2'\] must have shape \(64, 4\)"),
    "integers": ({"b0": np.zeros(128, int)}, r"\['b0'\] must be float, got int64"),
    "nan": ({"b2": np.full(4, np.nan)}, r"\['b2'\] must be at most 10000 .* got nan"),
    "infinity": ({"b2": np.full(4, np.inf)}, r"\['b2'\] must be at most 10000"),
    "huge": ({"W2": np.full((64, 4), -1.1e4)}, r"\['W2'\] must be at most 10000"),
}


@pytest.mark.parametrize("change, message", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("stage", ["dense", "1300 bytes"])
def test_what_is_no_network_is_refused(stage, change, message, exam):
    def fit(train: Arrays, context: Context) -> Arrays:
        now = "dense" if context.facts["stage"] == "dense" else f"{context.facts['budget']} bytes"
        if now != stage:
            return zeros()
        net = {**zeros(), **change} if change else {}
        return {name: array for name, array in net.items() if array is not None}

    with pytest.raises(Refused, match=rf"fit \({stage}\)" + message):
        pruning.teach(exam, Direct(exam, fit))


# ---------------------------------------------------------------------------------------------
# A network's numbers


def test_it_says_what_a_loop_says(exam):
    net, X = halves(drawn()), exam.truth["X"][:40]
    np.testing.assert_allclose(network.said(net, X), says(net, X), rtol=1e-4, atol=1e-4)


def test_a_dense_network_costs_two_bytes_a_value_and_four_an_array():
    assert network.n_bytes(halves(drawn())) == 2 * 11_716 + 4 * 6


def test_the_thinnest_network_that_keeps_to_the_predictions_is_found_by_removing_one_by_one():
    """Of one layer of few weights, where every number of weights can be tried."""
    rng = np.random.default_rng(0)
    net = {
        "W0": (10.0 ** rng.uniform(-4, 0, (10, 10))).astype(np.float16),
        "b0": np.zeros(10, np.float16),
    }
    X = rng.normal(size=(500, 10)).astype(np.float32)
    found = list(network.thinnings(net, X))
    calls = says(net, X).argmax(1)
    agreements = {}
    for kept in range(1, 101):
        threshold = np.sort(net["W0"].ravel())[-kept]
        thin = {**net, "W0": np.where(net["W0"] >= threshold, net["W0"], 0)}
        agreements[kept] = float(np.mean(says(thin, X).argmax(1) == calls))
    for one in found:
        assert one.agreement == pytest.approx(agreements[round(100 * one.share)], abs=0.005)
    tried = sorted({round(100 * one.share) for one in found}, reverse=True)
    good = list(itertools.takewhile(lambda kept: agreements[kept] >= 0.99, tried))
    assert round(100 * network.support(found).share) == good[-1] < 100


def test_zeros_are_not_kept_whatever_the_threshold(exam):
    net = halves(drawn())
    net["W0"][:, 10:] = 0
    found = list(network.thinnings(net, exam.truth["X"][:200]))
    n = 11_520
    assert found[0].share == pytest.approx((n - 24 * 118) / n)
    assert found[0].agreement == 1
    assert all(a.share >= b.share for a, b in itertools.pairwise(found))
    np.testing.assert_array_equal(network.thinned(net, found[0].threshold)["W0"], net["W0"])


def test_a_network_that_disagrees_at_a_larger_share_is_not_kept_for_agreeing_at_a_smaller():
    rows = [
        network.Thinning(0.1 * k, 1 - 0.1 * k, agreement, np.zeros(1))
        for k, agreement in enumerate([1, 0.995, 0.98, 0.999])
    ]
    assert network.support(rows) is rows[1]


@pytest.mark.parametrize("share", [0.9, 0.3, 0.0])
def test_a_perturbation_stays_within_its_bound_for_every_network(share):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 24)).astype(np.float32)
    for seed in range(5):
        net = halves(drawn(seed))
        threshold = float(np.quantile(network.sizes(net), 1 - share))
        distance, bound = network.moved(net, network.thinned(net, threshold), X)
        assert 0 < distance <= bound
    assert network.moved(net, net, X) == (0, 0)


def test_the_bound_is_sharp_where_nothing_can_be_lost():
    """One unit a layer, positive weights: f = 2 * 3 x, and the second weight becomes 1."""
    net = {"W0": [[2]], "b0": [0], "W1": [[3]], "b1": [0]}
    one = {name: np.array(a, np.float16) for name, a in net.items()}
    other = {**one, "W1": np.ones((1, 1), np.float16)}
    X = np.array([[1], [2]], np.float32)
    distance, bound = network.moved(one, other, X)
    assert distance == pytest.approx(2 / 3) and bound == pytest.approx(2 / 3)


# ---------------------------------------------------------------------------------------------
# The score


def made(exam: Exam, nets: dict[str, Arrays]) -> Arrays:
    """Return the artifact of these networks; whichever is missing is the dense one."""
    names = ["dense", *map(str, exam.facts["budgets"])]
    return {
        f"{name}/{part}": array
        for name in names
        for part, array in halves(nets.get(name, nets["dense"])).items()
    }


def test_errors_are_means_over_the_budgets_that_count(exam):
    nets = {"dense": drawn(0), "13000": zeros()} | {
        str(budget): drawn(k + 1) for k, budget in enumerate(COUNTED)
    }
    scores = pruning.score(exam, made(exam, nets), {})
    for data, mean in ((exam.train, scores.visible), (exam.truth, scores.heldout)):
        wrong = np.array([
            says(halves(nets[str(b)]), data["X"]).argmax(1) != data["y"] for b in COUNTED
        ])  # fmt: skip
        assert mean == pytest.approx(wrong.mean(), abs=1e-3)
    assert scores.stderr == pytest.approx(wrong.mean(0).std() / math.sqrt(5000), rel=0.02)
    assert scores.quality == scores.heldout
    dense = float(
        np.mean(says(halves(nets["dense"]), exam.truth["X"]).argmax(1) != exam.truth["y"])
    )
    assert scores.extra["dense_error"] == pytest.approx(dense, abs=1e-3)
    rows = scores.series["budgets"]
    lenient = Exam(exam.train, {}, {**exam.truth, "yardstick": np.array(dense)}, exam.facts)
    again = pruning.score(lenient, made(exam, nets), {})
    assert again.extra["benefit"] == pytest.approx(rows["dense"][1] - rows["heldout"][1])
    assert scores.extra["error_tightest"] == rows["heldout"][-1]
    np.testing.assert_allclose(rows["gap"], rows["heldout"] - rows["visible"])


def test_a_score_does_not_depend_on_the_order_of_samples(exam):
    artifact = made(exam, {"dense": drawn(0), "1000": zeros()})
    order = np.random.default_rng(0).permutation(5000)
    truth = {name: exam.truth[name][order] for name in "Xy"}
    other = Exam(exam.train, {}, {**exam.truth, **truth}, exam.facts)
    first, second = (pruning.score(e, artifact, {}) for e in (exam, other))
    assert first.quality == pytest.approx(second.quality)
    assert first.extra == pytest.approx(second.extra, nan_ok=True)


def test_a_benefit_has_the_error_of_paired_samples():
    wrong = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], bool)
    less = np.array([1, 0, 0, 1, 0, 0, 0, 0, 0, 0], bool)
    benefit, stderr = pruning._benefit(wrong, less)
    # Two mended, one broken: McNemar's variance ((2 + 1) - (2 - 1)^2 / n) / n^2.
    assert benefit == pytest.approx(0.1)
    assert stderr == pytest.approx(math.sqrt((3 - 1 / 10) / 100))
    assert pruning._benefit(wrong, wrong) == (0, 0)


def test_bytes_are_those_of_the_smallest_network_that_errs_about_as_the_best(exam):
    good = pruning.teach(exam, Direct(exam, pruning_l1.fit))
    scores = pruning.score(exam, good, {})
    rows = scores.series["budgets"]
    errors = [*rows["heldout"], scores.extra["dense_error"]]
    lengths = [*rows["bytes"], scores.extra["dense_bytes"]]
    best = min(errors) + 0.01
    wanted = min(size for size, error in zip(lengths, errors, strict=True) if error <= best)
    assert scores.extra["bytes_needed"] == wanted < 23_456
    assert scores.extra["error_bytes"] == pytest.approx(scores.heldout * wanted)
    assert scores.extra["same_sign"] > 0.9
    # A dense network that says nothing makes no other one look as good.
    spoiled = {**good, **{f"dense/{name}": a for name, a in halves(zeros()).items()}}
    again = pruning.score(exam, spoiled, {})
    assert again.extra["bytes_needed"] >= wanted
    assert again.heldout == scores.heldout
    assert abs(scores.extra["benefit"]) < 0.1 and math.isnan(again.extra["benefit"])
    assert np.isnan(again.series["budgets"]["high"]).all()


def test_a_certificate_is_the_relative_entropy_that_the_bits_allow(exam):
    artifact = made(exam, {"dense": zeros()})
    scores = pruning.score(exam, artifact, {})
    n, bits = 300, 8 * 24
    visible = scores.visible
    spent = (bits * math.log(2) + math.log(6 / 0.05)) / n
    assert binary_kl(visible, scores.extra["certificate"]) == pytest.approx(spent, rel=1e-6)


def test_who_removes_nothing_has_no_benefit_and_no_distance(exam):
    exam = Exam(exam.train, {}, {**exam.truth, "yardstick": np.array(0.9)}, exam.facts)
    scores = pruning.score(exam, made(exam, {"dense": zeros()}), {})
    for name in ("benefit", "benefit_stderr", "support_benefit", "support_distance", "hoyer"):
        assert scores.extra[name] == 0
    assert all(np.isfinite(value) for value in scores.extra.values())


def test_every_chart_has_its_columns_and_every_series_is_short(exam):
    scores = pruning.score(exam, made(exam, {"dense": drawn()}), {})
    for chart in TASK.charts:
        columns = scores.series[chart.series]
        assert {chart.x, chart.y, chart.guide} - {None} <= set(columns)
        assert len({len(column) for column in columns.values()}) == 1
    assert all(len(next(iter(columns.values()))) <= 101 for columns in scores.series.values())
    assert {claim.contrast.number for claim in TASK.claims} <= {"heldout", "gap", *scores.extra}


@pytest.mark.parametrize(
    "mine, lacks",
    [(0.1, ""), (0.2, ""), (0.2001, "held-out error: 0.2001, wanted at most 0.2000"),
     (math.nan, "held-out error: nan")],
)  # fmt: skip
def test_the_target_is_the_baseline_s_error(mine, lacks):
    found = pruning.shortfall({"quality": mine}, {"quality": 0.2})
    assert found.startswith(lacks) if lacks else found == ""


# ---------------------------------------------------------------------------------------------
# The submissions


def told(**facts: Any) -> Context:
    return Context(0, 60.0, 1, "cpu", {"widths": WIDTHS, **facts})


def test_their_price_is_that_of_the_task():
    for share in (0, 0.002, 0.05, 0.6, 1):
        net = drawn()
        for array in net.values():
            array[np.random.default_rng(0).random(array.shape) >= share] = 0
        bits = sum(baseline.bits(a.size, int(np.count_nonzero(a))) for a in halves(net).values())
        # Halves that are equal may make a table shorter; the price is never too low.
        assert network.n_bytes(halves(net)) <= -(-bits // 8) <= 1.01 * network.n_bytes(halves(net))


@pytest.mark.parametrize("budget", [13_000, 3000, 1000])
def test_masks_fill_the_budget_with_the_largest_weights(budget):
    net = baseline.start(told())
    masks = baseline.largest([W.abs() for W in net[::2]], net[1::2], budget)
    ones = [np.full(b.shape, 0.5) for b in net[1::2]]
    rng = np.random.default_rng(0)
    kept = {}
    for k, (W, mask, b) in enumerate(zip(net[::2], masks, ones, strict=True)):
        kept[f"W{k}"] = (W * mask).numpy().astype(np.float16)
        kept[f"b{k}"] = rng.normal(size=b.shape).astype(np.float16)
    assert budget - 5 <= network.n_bytes(kept) <= budget
    left = torch.cat([W[mask].abs() for W, mask in zip(net[::2], masks, strict=True)])
    gone = torch.cat([W[~mask].abs() for W, mask in zip(net[::2], masks, strict=True)])
    assert left.min() >= gone.max()


def test_its_network_is_that_of_the_task(exam):
    net = [torch.from_numpy(a) for a in drawn().values()]
    mine = baseline.forward(net, torch.from_numpy(exam.train["X"])).numpy()
    rounded = network.said(halves(drawn()), exam.train["X"])
    np.testing.assert_allclose(mine, rounded, atol=0.02)


def test_what_is_masked_stays_zero_and_l1_makes_zeros(exam, quick):
    net = baseline.start(told())
    masks = [torch.rand(W.shape) < 0.1 for W in net[::2]]
    found = baseline.descend(net, exam.train, told(), 1, masks, decay=1e-3)
    assert all(not W[~mask].any() for W, mask in zip(found[::2], masks, strict=True))
    sparse = baseline.descend(net, exam.train, told(), 3, sparsity=0.2)
    small = baseline.descend(net, exam.train, told(), 3, decay=0.2)
    zero = [sum(int((W == 0).sum()) for W in n[::2]) for n in (sparse, small)]
    assert zero[0] > 1000 and zero[1] == 0


def test_the_same_seed_trains_the_same_network(exam, quick):
    first, second = (baseline.fit(exam.train, told(stage="dense")) for _ in range(2))
    assert all(first[name].tobytes() == second[name].tobytes() for name in first)


@pytest.mark.parametrize("module", [baseline, pruning_l1, pruning_imp, pruning_random_mask])
def test_they_keep_to_their_budgets(module, exam, quick):
    artifact = pruning.teach(exam, Direct(exam, module.fit))
    for budget in exam.facts["budgets"]:
        size = network.n_bytes({name: artifact[f"{budget}/{name}"] for name in drawn()})
        # The biases of units that died at once are zero and cost nothing.
        assert budget - 400 < size <= budget


def test_iterative_pruning_goes_back_to_the_start(exam, monkeypatch):
    begun, kept = [], []

    def descend(net: Any, train: Any, context: Any, epochs: int, masks: Any, decay: float) -> Any:
        begun.append(torch.cat([W.ravel() for W in net[::2]]))
        kept.append(sum(int(mask.sum()) for mask in masks))
        return [a if k % 2 else a * masks[k // 2] for k, a in enumerate(net)]

    monkeypatch.setattr(pruning_imp, "descend", descend)
    train = {**exam.train, **{f"dense/{n}": a for n, a in drawn().items()}}
    pruning_imp.fit(train, told(stage="pruned", budget=1000))
    start = torch.cat([W.ravel() for W in baseline.start(told())[::2]])
    assert all(torch.equal(w, start) for w in begun)
    assert kept[0] == int(0.6 * 11_520)
    assert all(b == int(0.6 * a) for a, b in itertools.pairwise(kept[:-1]))
    assert kept[-1] < 400 and kept[-1] / kept[-2] > 0.6


def test_the_lines_return_the_dense_network_and_what_of_it_matters(exam, quick):
    dense = pruning.teach(exam, Direct(exam, pruning_dense.fit, "line"))
    removed = pruning.teach(exam, Direct(exam, pruning_removed.fit, "line"))
    threshold = network.support(
        list(network.thinnings({n: dense[f"dense/{n}"] for n in drawn()}, exam.truth["X"]))
    ).threshold
    thin = network.thinned({n: dense[f"dense/{n}"] for n in drawn()}, threshold)
    for name in drawn():
        np.testing.assert_array_equal(dense[f"1000/{name}"], dense[f"dense/{name}"])
        np.testing.assert_array_equal(removed[f"1000/{name}"], thin[name])
    lenient = Exam(exam.train, {}, {**exam.truth, "yardstick": np.array(1.0)}, exam.facts)
    scores = pruning.score(lenient, removed, {})
    assert scores.extra["benefit"] == scores.extra["support_benefit"]


def test_weights_at_random_are_not_ranked(exam):
    def quality(fit: Any) -> float:
        return pruning.score(exam, pruning.teach(exam, Direct(exam, fit)), {}).quality

    honest = {"quality": quality(baseline.fit)}
    assert pruning.shortfall({"quality": quality(pruning_random_mask.fit)}, honest)
    assert not pruning.shortfall({"quality": quality(pruning_l1.fit)}, honest)
