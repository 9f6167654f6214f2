"""Layer-wise training: the exam, the oracle, what a layer may be, the plan, the score."""

from __future__ import annotations

import dataclasses
import json
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from harness import arrays as named
from harness import catalog
from harness import run as rounds
from harness.kernels.simplex_etf import simplex_etf
from harness.sandbox import Limits, Nursery
from harness.trial import Examination, Item
from harness.vocabulary import Arrays, Context, Exam, Refused, Round
from submissions.baselines.optimization import layerwise as baseline
from tasks import _data
from tasks.optimization import layerwise
from tasks.optimization.layerwise import TASK, TRUNKS, driver
from tasks.optimization.layerwise.driver import Data, Oracle, Step, build, network_shapes
from tasks.optimization.layerwise.plan import Plan, read


class Direct:
    """A submission's `fit` without the wall: what a task sees, at the price of a function call."""

    def __init__(
        self,
        function: Callable[[Arrays, Context], Arrays],
        plan: Callable[[Any], Any] | None = None,
        division: str = "certified",
        facts: Any = None,
    ) -> None:
        self.function, self._plan, self.division = function, plan, division
        self.chosen: Any = None
        self.notes: dict[str, float] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.calls: list[tuple[Arrays, dict[str, Any]]] = []
        self._facts = {"effort": 0.125} if facts is None else facts

    def __call__(self, train: Arrays, facts: Any = None, oracle: Any = None) -> Arrays:
        told = {**self._facts, **(facts or {})}
        self.calls.append((train, told))
        return self.function(train, Context(0, 60.0, 1, "cpu", told, oracle))

    def plan(self, facts: Any) -> Any:
        return [{}] if self._plan is None else self._plan(facts)

    def record(self, series: str, **row: Any) -> None:
        self.rows.setdefault(series, []).append(row)


def drawn(train: Arrays, context: Context) -> Arrays:
    """Return a random layer of the right shapes, whatever the division and the head."""
    facts = context.facts
    rng = np.random.default_rng([facts["stage"], facts["sweep"], facts["layer"]])
    layer = baseline.start(facts["shapes"], rng)
    if facts["head"] == "ridge":
        del layer["A"]
    return layer


def trained(exam: Exam, fit: Direct) -> Arrays:
    """Choose and teach, as a trial does."""
    fit.chosen = layerwise.choose(exam, fit)
    return layerwise.teach(exam, fit)


def numbers(exam: Exam, artifact: Arrays) -> dict[str, float]:
    """Return what the target is asked with."""
    scores = layerwise.score(exam, artifact, {})
    found = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return found | dict(scores.extra)


@pytest.fixture(scope="module")
def exam() -> Exam:
    return layerwise.make(0, "smoke")


@pytest.fixture(scope="module")
def few() -> Data:
    """Forty strings."""
    X, y = _data.hierarchy(np.random.default_rng(0), 40)
    return Data("hierarchy", TRUNKS["hierarchy"], 8, torch.as_tensor(X), torch.as_tensor(y))


@pytest.fixture(scope="module")
def scans() -> Data:
    """Thirty handwritten digits, every class among them."""
    X, y = _data.digits_arrays()
    return Data("digits", TRUNKS["digits"], 10, torch.as_tensor(X[:30]), torch.as_tensor(y[:30]))


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    again, other = layerwise.make(0, "smoke"), layerwise.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    for part in ("train", "inputs", "truth"):
        first, second, third = (getattr(e, part) for e in (exam, again, other))
        assert first.keys() == second.keys() == third.keys()
        for name in first:
            assert first[name].tobytes() == second[name].tobytes()
            assert (first[name].shape, first[name].dtype) == (third[name].shape, third[name].dtype)
            assert first[name].tobytes() != third[name].tobytes(), name


def test_the_exam_does_not_depend_on_global_random_states(exam):
    np.random.seed(5)
    torch.manual_seed(5)
    again = layerwise.make(0, "smoke")
    assert again.train["main/X"].tobytes() == exam.train["main/X"].tobytes()


@pytest.mark.parametrize("size, n, n_heldout", [("smoke", 512, 512), ("standard", 2048, 4096)])
def test_the_sizes_are_those_of_the_sheet(size, n, n_heldout):
    exam = layerwise.make(2, size)
    assert exam.train["main/X"].shape == (n, 8, 1, 8)
    assert exam.truth["main/X"].shape == (n_heldout, 8, 1, 8)
    assert len(exam.train["sanity/y"]) == 900
    assert len(exam.truth["sanity/y"]) == 897


def test_nothing_of_the_truth_is_shown(exam):
    shown = {row.tobytes() for row in exam.train["main/X"]}
    assert len(shown) == len(exam.train["main/X"])
    assert not shown & {row.tobytes() for row in exam.truth["main/X"]}
    assert exam.inputs == {}
    assert all(isinstance(value, str | float) for value in exam.facts.values())
    # The sanity set is public; its split uses every scan once.
    parts = [*exam.train["sanity/X"], *exam.truth["sanity/X"]]
    everything = [row.tobytes() for row in _data.digits_arrays()[0]]
    assert sorted(row.tobytes() for row in parts) == sorted(everything)


def test_full_size_offline_is_refused_at_once_and_says_what_to_do(monkeypatch):
    import datasets  # noqa: F401 - its import is not what is timed

    monkeypatch.delenv("HARNESS_ONLINE", raising=False)
    start = time.monotonic()
    with pytest.raises(Refused, match="size full needs the hub dataset uoft-cs/cifar10 .*--online"):
        layerwise.make(0, "full")
    assert time.monotonic() - start < 2


def test_full_size_shows_photographs_as_its_trunk_reads_them(monkeypatch):
    X = np.linspace(0, 1, 20 * 3 * 32 * 32, dtype=np.float32).reshape(20, 3, 32, 32)
    part = (X, np.arange(20) % 10)
    monkeypatch.setattr(_data, "cifar10", lambda: (part, part))
    exam = layerwise.make(0, "full")
    assert exam.train["main/X"].shape == (20, 3, 32, 32)
    np.testing.assert_array_equal(exam.truth["main/X"], X - 0.5)
    np.testing.assert_array_equal(exam.truth["main/y"], np.arange(20) % 10)


def test_full_size_draws_a_learning_curve_of_one_grammar(monkeypatch):
    X = np.random.default_rng(0).random((20, 3, 32, 32), np.float32)
    part = (X, np.arange(20) % 10)
    monkeypatch.setattr(_data, "cifar10", lambda: (part, part))
    exam = layerwise.make(0, "full")
    sizes = {"n512": 512, "n1024": 1024, "sanity": 2048, "n4096": 4096}
    longest = exam.train["n4096/X"]
    for role, n in sizes.items():
        np.testing.assert_array_equal(exam.train[f"{role}/X"], longest[:n])
        np.testing.assert_array_equal(exam.truth[f"{role}/X"], exam.truth["sanity/X"])
        assert exam.facts[role] == "hierarchy"
    few = {name: a[:40] if name.startswith("n4096") else a for name, a in exam.train.items()}
    exam = dataclasses.replace(exam, train=few)

    def plan(facts: Any) -> list[dict[str, Any]]:
        return [{"head": "ridge", "widths": [6, 7] if facts["data"] == "hierarchy" else [5]}]

    fit = Direct(drawn, plan=plan)
    artifact = trained(exam, fit)
    assert artifact["n512/0/1/W"].shape[0] == 7 and artifact["main/0/0/W"].shape[0] == 5
    assert fit.notes.keys() == {
        f"{name}_{what}"
        for name in ("cifar10", "hierarchy")
        for what in ("epochs", "sweep_gain", "stage_gain")
    }
    scores = layerwise.score(exam, artifact, {})
    strings = scores.series["strings"]
    assert strings["n"].tolist() == [40, 512, 1024, 2048]
    assert strings["heldout"][-1] == scores.extra["sanity"]
    assert strings["heldout"][1] > strings["heldout"][-1]
    assert set(scores.series["layers"]["data"]) == {"cifar10", "hierarchy"}
    smoke = layerwise.make(0, "smoke")
    scores = layerwise.score(smoke, trained(smoke, Direct(drawn, plan=lambda facts: [{}])), {})
    assert "strings" not in scores.series


# ---------------------------------------------------------------------------------------------
# The oracle


def naive_forward(X: Any, layers: list[Arrays], trunk: Any, F: Any) -> Any:
    """Return the output of a network, written down from the sheet with library calls alone."""
    for arrays, conv in zip(layers, trunk, strict=False):
        z = functional.conv2d(X, arrays["W"], arrays["b"], conv.stride, conv.padding)
        X = functional.relu(z)
        few_positions = X.shape[2] == 1 or X.shape[2] * X.shape[3] <= 4
        pooled = X if few_positions else functional.adaptive_avg_pool2d(X, 2)
        F = F + pooled.flatten(1) @ arrays["A"]
    return F


def frozen_network(data: Data, widths: tuple[int, ...], seed: int = 0) -> list[Arrays]:
    rng = np.random.default_rng(seed)
    shapes = network_shapes(data, Plan(widths))
    return [
        {
            name: rng.normal(0, 0.3, shapes[f"0/{index}/{name}"]).astype(np.float32)
            for name in ("W", "b", "A")
        }
        for index in range(len(widths))
    ]


def step_at(data: Data, plan: Plan, index: int, arrays: list[Arrays], sweep: int) -> Step:
    """Return the step of one layer amid frozen ones; without a sweep nothing is above it."""
    F = torch.full((len(data.y), data.n_classes), 0.1)
    convs = data.trunk
    layers = [
        driver.Layer(*(torch.as_tensor(own[n]) for n in ("W", "b", "A")), conv.stride, conv.padding)
        for own, conv in zip(arrays, convs, strict=False)
    ]
    H, below = driver._below(data.X, F, layers[:index])
    later = layers[index + 1 :] if sweep else []
    return Step(data, plan, 0, sweep, index, H, below, later, {})


@pytest.mark.parametrize("name", ["hierarchy", "digits"])
@pytest.mark.parametrize("sweep", [0, 1], ids=["nothing above", "layers above"])
@pytest.mark.parametrize("head", ["learned", "etf"])
@pytest.mark.parametrize("loss", ["mse", "ce"])
def test_the_oracle_answers_with_the_gradient_of_the_whole_network(
    name, sweep, head, loss, few, scans
):
    data = few if name == "hierarchy" else scans
    widths = (6, 5, 8) if name == "hierarchy" else (6, 5, 4, 9)
    plan = Plan(widths, sweeps=sweep, head=head, loss=loss)
    arrays = frozen_network(data, widths)
    rows = np.array([3, 0, 7, 7])
    for index in range(len(widths)):
        step = step_at(data, plan, index, arrays, sweep)
        mine = dict(arrays[index])
        if head == "etf":
            mine["scale"] = np.array(0.7, np.float32)
            del mine["A"]
        answer = Oracle(step, lambda epochs, value: None)({**mine, "rows": rows})

        leaves = {n: torch.tensor(a, requires_grad=True) for n, a in mine.items()}
        own = dict(leaves)
        if head == "etf":
            E = torch.as_tensor(simplex_etf(step.pooled, data.n_classes, index)).float()
            own["A"] = own.pop("scale") * E
        whole = [{n: torch.as_tensor(a) for n, a in layer.items()} for layer in arrays]
        whole[index] = own
        whole = whole if sweep else whole[: index + 1]
        F = naive_forward(data.X[rows], whole, data.trunk, torch.full((4, data.n_classes), 0.1))
        y = data.y[rows]
        if loss == "ce":
            value = -torch.log_softmax(F, 1)[torch.arange(4), y].mean()
        else:
            value = ((F - torch.eye(data.n_classes)[y]) ** 2).sum() / 8
        value.backward()

        assert answer.keys() == {*mine, "loss"}
        assert float(answer["loss"]) == pytest.approx(value.item(), rel=1e-5)
        for parameter, leaf in leaves.items():
            assert answer[parameter].dtype == np.float32
            assert answer[parameter].shape == mine[parameter].shape
            np.testing.assert_allclose(
                answer[parameter], leaf.grad.numpy(), rtol=2e-4, atol=1e-5, err_msg=parameter
            )


def test_a_layer_too_large_for_its_closed_form_has_the_same_gradient(scans, monkeypatch):
    plan = Plan((6, 5, 4, 3))
    arrays = frozen_network(scans, plan.widths)
    question = {**arrays[1], "rows": np.arange(10)}
    by_hand = Oracle(step_at(scans, plan, 1, arrays, 0), lambda *_: None)(question)
    monkeypatch.setattr(driver, "MOST_WINDOWS", 0)
    by_graph = Oracle(step_at(scans, plan, 1, arrays, 0), lambda *_: None)(question)
    for name, gradient in by_hand.items():
        np.testing.assert_allclose(gradient, by_graph[name], rtol=2e-4, atol=1e-5, err_msg=name)


WRONG_QUESTIONS = {
    "no rows": ({"rows": None}, r"oracle\['rows'\] must be 1 to 40 integers .* got nothing"),
    "empty rows": ({"rows": np.array([], np.int64)}, r"oracle\['rows'\] must be 1 to 40 integers"),
    "two axes": ({"rows": np.zeros((2, 2), np.int64)}, r"got int64 of shape \(2, 2\)"),
    "real rows": ({"rows": np.zeros(3)}, r"got float64 of shape \(3,\)"),
    "a mask": ({"rows": np.ones(40, bool)}, r"got bool of shape \(40,\)"),
    "more rows than there are": ({"rows": np.zeros(41, np.int64)}, r"must be 1 to 40 integers"),
    "a row past the end": ({"rows": np.array([0, 40])}, r"must lie from 0 to 39, got 0\.\.40"),
    "a negative row": ({"rows": np.array([-1, 3])}, r"must lie from 0 to 39, got -1\.\.3"),
    "the largest row": ({"rows": np.array([2**64 - 1], np.uint64)}, r"must lie from 0 to 39"),
    "another layer": ({"1/W": np.zeros(3)}, r"oracle\['1/W'\] is not wanted"),
    "a missing array": ({"b": None}, r"oracle\['b'\] is missing"),
    "a wrong shape": ({"b": np.zeros(7)}, r"oracle\['b'\] must have shape \(6,\), got \(7,\)"),
    "whole numbers": ({"b": np.zeros(6, np.int32)}, r"oracle\['b'\] must be float, got int32"),
}


@pytest.mark.parametrize("change, message", WRONG_QUESTIONS.values(), ids=WRONG_QUESTIONS)
def test_the_oracle_refuses_a_wrong_question(change, message, few):
    arrays = frozen_network(few, (6, 5, 4))
    oracle = Oracle(step_at(few, Plan((6, 5, 4)), 0, arrays, 0), lambda *_: None)
    question = {**arrays[0], "rows": np.arange(3), **change}
    with pytest.raises(Refused, match=message):
        oracle({name: array for name, array in question.items() if array is not None})


def test_the_oracle_answers_as_often_as_allowed_and_then_refuses(few, monkeypatch):
    monkeypatch.setattr(driver, "EPOCHS", 2)
    arrays = frozen_network(few, (6, 5, 4))
    oracle = Oracle(step_at(few, Plan((6, 5, 4)), 0, arrays, 0), lambda *_: None)
    for _ in range(4):
        oracle({**arrays[0], "rows": np.arange(20)})
    with pytest.raises(Refused, match="one fit may ask for 2 gradients a sample and no more"):
        oracle({**arrays[0], "rows": np.arange(1)})


@pytest.mark.parametrize("size", [1e18, 1e30, 1e200])
@pytest.mark.parametrize("sweep", [0, 1], ids=["nothing above", "layers above"])
def test_a_diverged_layer_is_told_so_in_words_about_its_own_step(size, sweep, few):
    arrays = frozen_network(few, (6, 5, 4))
    oracle = Oracle(step_at(few, Plan((6, 5, 4), sweep), 0, arrays, sweep), lambda *_: None)
    diverged = {name: array.astype(np.float64) * size for name, array in arrays[0].items()}
    with pytest.raises(Refused, match=r"oracle: .* not finite .* smaller steps"):
        oracle({**diverged, "rows": np.arange(3)})


def test_the_objective_is_noted_once_an_epoch_with_its_mean(few):
    losses = []

    def asks(train: Arrays, context: Context) -> Arrays:
        layer = drawn(train, context)
        if context.facts["layer"] == 0:
            for part in np.split(np.arange(40), 4):
                answer = context.oracle({**layer, "rows": part})  # type: ignore[misc]
                losses.append(float(answer["loss"]))
        return layer

    fit = Direct(asks)
    build(few, Plan((6, 5, 4)), fit, few)
    (row,) = fit.rows["objective"]
    place = {"data": "hierarchy", "stage": 0, "sweep": 0, "layer": 0, "epochs": 1.0}
    assert row == place | {"loss": pytest.approx(np.mean(losses), rel=1e-6), "begins": 0.0}
    gains = {"hierarchy_sweep_gain": 0.0, "hierarchy_stage_gain": 0.0}
    assert fit.notes == {"hierarchy_epochs": 1.0} | gains


def asks_once(train: Arrays, context: Context) -> Arrays:
    """Ask for two epochs in the first layer and one in the others, and return a fresh draw."""
    layer = drawn(train, context)
    n = context.facts["n_samples"]
    for _ in range(2 if context.facts["layer"] == 0 else 1):
        context.oracle({**layer, "rows": np.arange(n)})  # type: ignore[misc]
    return layer


@pytest.mark.parametrize("widths", [(6,), (6, 5, 4)])
def test_a_call_leaves_its_epochs_and_the_errors_of_all_that_stands(widths, few):
    fit = Direct(asks_once)
    unseen = few.rows(torch.arange(25))
    network = build(few, Plan(widths, sweeps=2, stages=2), fit, unseen)
    n = len(widths)
    calls = fit.rows["calls"]
    order = [(stage, sweep, i) for stage in (0, 1) for sweep in (0, 1, 2) for i in range(n)]
    assert [(row["stage"], row["sweep"], row["layer"]) for row in calls] == order
    assert [row["passes"] for row in calls] == [(k + 1) / n for k in range(6 * n)]
    assert [row["epochs"] for row in calls] == [2.0, *[1.0] * (n - 1)] * 6
    # A pass begins at one row each, but for the very first.
    begins = [
        (row["stage"], row["sweep"], row["layer"], row["epochs"])
        for row in fit.rows["objective"]
        if row["begins"]
    ]
    per_pass = float(n + 1)
    assert begins == [
        (stage, sweep, 0, (3 * stage + sweep) * per_pass + 1)
        for stage in (0, 1)
        for sweep in (0, 1, 2)
        if stage or sweep
    ]
    F = torch.as_tensor(network["F0"])
    for stage in (0, 1):
        layers = [
            {name: torch.as_tensor(network[f"{stage}/{i}/{name}"]) for name in ("W", "b", "A")}
            for i in range(n)
        ]
        F = naive_forward(few.X, layers, few.trunk, F)
        last = calls[3 * n * (stage + 1) - 1]
        for part, rows in (("visible", 40), ("heldout", 25)):
            wrong = (F[:rows].argmax(1) != few.y[:rows]).double().mean()
            assert last[part] == pytest.approx(100 * float(wrong))
    ends = [calls[n - 1]["heldout"], calls[3 * n - 1]["heldout"], calls[-1]["heldout"]]
    assert fit.notes["hierarchy_sweep_gain"] == pytest.approx(ends[0] - ends[1])
    assert fit.notes["hierarchy_stage_gain"] == pytest.approx(ends[1] - ends[2])
    assert len(set(ends)) > 1


def test_nothing_is_recorded_without_held_out_rows(few):
    fit = Direct(asks_once)
    build(few, Plan((6, 5, 4), sweeps=1), fit)
    assert fit.rows == {} and fit.notes == {}


# ---------------------------------------------------------------------------------------------
# One layer after another


def test_a_certified_fit_sees_no_data_and_an_open_one_sees_features_and_no_held_out(few):
    certified, opened = Direct(drawn), Direct(drawn, division="open")
    plan = Plan((6, 5, 4), sweeps=1)
    build(few, plan, certified)
    build(few, plan, opened)
    order = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    for calls in (certified.calls, opened.calls):
        assert [(facts["sweep"], facts["layer"]) for _, facts in calls] == order
    for train, facts in certified.calls:
        assert set(train) == ({"W", "b", "A"} if facts["sweep"] else set())
    for train, facts in opened.calls:
        assert train["H"].shape[0] == train["F"].shape[0] == len(train["y"]) == 40
        above = range(facts["layer"] + 1, 3) if facts["sweep"] else ()
        later = {f"{k}/{name}" for k in above for name in ("W", "b", "A")}
        own = {"W", "b", "A"} if facts["sweep"] else set()
        assert set(train) == {"H", "F", "y"} | own | later


def test_the_open_view_holds_what_enters_the_layer_and_the_output_below_it(few):
    fit = Direct(drawn, division="open")
    network = build(few, Plan((6, 5, 4)), fit)
    layers = [{n: torch.as_tensor(network[f"0/{i}/{n}"]) for n in ("W", "b", "A")} for i in (0, 1)]
    F0 = torch.as_tensor(network["F0"])
    for index in range(3):
        expected = naive_forward(few.X, layers[:index], few.trunk, F0.expand(40, -1))
        np.testing.assert_allclose(fit.calls[index][0]["F"], expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(fit.calls[0][0]["H"], few.X)
    np.testing.assert_allclose(network["F0"], np.bincount(few.y, minlength=8) / 40)


WRONG_LAYERS = {
    "other layers": (
        lambda a: a | {"1/W": a["W"]},
        r"fit \(layer 1 of hierarchy\)\['1/W'\] is not",
    ),
    "a whole network": (
        lambda a: {f"0/{i}/{n}": v for i in range(3) for n, v in a.items()},
        r"\['W'\] is missing; got '0/0/W'",
    ),
    "no bias": (lambda a: {n: v for n, v in a.items() if n != "b"}, r"\['b'\] is missing"),
    "nothing": (lambda a: {}, r"\['W'\] is missing; got nothing"),
    "a wrong shape": (
        lambda a: a | {"W": a["W"][:-1]},
        r"\['W'\] must have shape \(6, 8, 1, 2\), got \(5, 8, 1, 2\)",
    ),
    "whole numbers": (lambda a: a | {"b": np.zeros(6, int)}, r"\['b'\] must be float, got int64"),
    "a huge weight": (
        lambda a: a | {"b": np.full(6, -1.1e4)},
        r"\['b'\] must stay within 10000 in absolute value",
    ),
}


@pytest.mark.parametrize("spoil, message", WRONG_LAYERS.values(), ids=WRONG_LAYERS)
@pytest.mark.parametrize("division", ["certified", "open"])
def test_a_wrong_layer_is_refused(spoil, message, division, few):
    fit = Direct(lambda train, context: spoil(drawn(train, context)), division=division)
    with pytest.raises(Refused, match=message):
        build(few, Plan((6, 5, 4)), fit)


def test_a_layer_too_narrow_for_a_fixed_head_is_refused(few):
    with pytest.raises(Refused, match="needs 7 features, layer 3 of hierarchy hands it 6: take a"):
        build(few, Plan((6, 5, 6), head="etf"), Direct(drawn))


@pytest.mark.parametrize("head", ["ridge", "etf"])
def test_a_head_that_the_task_owns_may_not_be_returned(head, few):
    fit = Direct(lambda train, context: drawn(train, context) | {"A": np.zeros((48, 8))})
    with pytest.raises(Refused, match=r"\['A'\] is not wanted"):
        build(few, Plan((6, 5, 4), head=head), fit)


def test_double_precision_is_taken_and_stored_as_single(few):
    fit = Direct(lambda t, c: {n: a.astype(np.float64) for n, a in drawn(t, c).items()})
    network = build(few, Plan((6, 5, 4)), fit)
    assert {array.dtype.name for array in network.values()} == {"float32"}


@pytest.mark.parametrize("head, own", [("etf", {"W", "b", "scale"}), ("ridge", {"W", "b", "A"})])
def test_a_fixed_head_is_not_stored_and_a_solved_one_is(head, own, few):
    network = build(few, Plan((6, 5, 7), head=head), Direct(drawn))
    assert set(network) == {"F0"} | {f"0/{index}/{name}" for index in range(3) for name in own}


def test_the_ridge_head_is_the_closed_form_on_what_is_left_over(few):
    network = build(few, Plan((6, 5, 4), head="ridge"), Direct(drawn))
    h = few.X.double().numpy()
    F = np.tile(network["F0"].astype(np.float64), (40, 1))
    for index in range(3):
        W, b, A = (network[f"0/{index}/{name}"].astype(np.float64) for name in ("W", "b", "A"))
        windows = np.stack([h[:, :, 0, 0::2], h[:, :, 0, 1::2]], -1)  # (n, c, positions, 2)
        h = np.maximum(np.einsum("ncpk,oczk->nop", windows, W) + b[:, None], 0)[:, :, None]
        features = h.reshape(40, -1)
        residual = np.eye(8)[few.y] - F
        gram = features.T @ features / 40 + driver.RIDGE * np.eye(features.shape[1])
        np.testing.assert_allclose(
            A, np.linalg.solve(gram, features.T @ residual / 40), rtol=1e-3, atol=1e-4
        )
        F = F + features @ A


def test_features_that_no_ridge_can_settle_are_refused_and_no_fault(few):
    def collinear(train: Arrays, context: Context) -> Arrays:
        shapes = context.facts["shapes"]
        return {"W": np.full(shapes["W"], 1e4), "b": np.full(shapes["b"], 1e4)}

    with pytest.raises(
        Refused, match=r"least-squares head of layer . of .* cannot be solved: make W"
    ):
        build(few, Plan((6, 5, 4), head="ridge"), Direct(collinear))


PLANS = {
    "greedy": Plan((6, 5, 4)),
    "two layers": Plan((6, 5)),
    "fixed heads": Plan((6, 5, 7), head="etf"),
    "solved heads": Plan((6, 5, 4), head="ridge"),
    "a second network": Plan((6, 5, 4), stages=2),
    "a second network with fixed heads": Plan((6, 5, 7), stages=2, head="etf"),
    "a sweep": Plan((6, 5, 4), sweeps=1),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_the_arrays_alone_give_the_output_back(plan, few):
    network = build(few, plan, Direct(drawn))
    read_off = driver.plan_of(network, few.trunk)
    assert (read_off.widths, read_off.stages) == (plan.widths, plan.stages)
    F = torch.as_tensor(network["F0"]).expand(40, -1)
    for stage in range(plan.stages):
        layers = []
        for index in range(len(plan.widths)):
            prefix = f"{stage}/{index}/"
            own = {
                name.removeprefix(prefix): torch.as_tensor(array)
                for name, array in network.items()
                if name.startswith(prefix)
            }
            if plan.head == "etf":
                p = plan.widths[index] * (4, 2, 1)[index]
                own["A"] = own["scale"] * torch.as_tensor(
                    simplex_etf(p, 8, 100 * stage + index)
                ).to(torch.float32)
            layers.append(own)
        F = naive_forward(few.X, layers, few.trunk, F)
    logits = layerwise._logits(network, few)
    assert [len(stage) for stage in logits] == [len(plan.widths)] * plan.stages
    np.testing.assert_allclose(logits[-1][-1], F, rtol=1e-5, atol=1e-5)


def loss_of(network: Arrays, data: Data) -> float:
    return float(driver.objective(Plan(()), layerwise._logits(network, data)[-1][-1], data.y))


def test_sweeps_and_a_second_network_lower_the_training_objective(exam):
    data = layerwise._of(exam.train, exam, "main")
    hyper = baseline.SETTINGS["hierarchy"]
    plan = Plan((32, 32, 32), hyper=hyper)
    once, swept, twice = (
        build(data, dataclasses.replace(plan, **change), Direct(baseline.fit))
        for change in ({}, {"sweeps": 1}, {"stages": 2})
    )
    assert swept.keys() == once.keys()
    assert twice.keys() == once.keys() | {
        name.replace("0/", "1/", 1) for name in once if name != "F0"
    }
    for name, array in once.items():  # the second network leaves the first as it is
        np.testing.assert_array_equal(twice[name], array)
    greedy = loss_of(once, data)
    assert loss_of(swept, data) < 0.95 * greedy
    assert loss_of(twice, data) < 0.95 * greedy


# ---------------------------------------------------------------------------------------------
# The plan

WRONG_PLANS = {
    "an unknown key": ({"depth": 3}, "unknown key 'depth'; known are widths, sweeps"),
    "a width of 0": ({"widths": [64, 0]}, "widths must be whole numbers from 1 to 64, got 0"),
    "a width above the cap": (
        {"widths": [65]},
        "widths must be whole numbers from 1 to 64, got 65",
    ),
    "a broken width": ({"widths": [1.5]}, "widths must be whole numbers from 1 to 64, got 1.5"),
    "a true width": ({"widths": [True]}, "widths must be whole numbers from 1 to 64, got True"),
    "no widths": ({"widths": []}, r"widths must be a list of 1 to 3 numbers, got \[\]"),
    "too many widths": ({"widths": [8] * 4}, "widths must be a list of 1 to 3 numbers"),
    "one width": ({"widths": 8}, "widths must be a list of 1 to 3 numbers, got 8"),
    "too many sweeps": ({"sweeps": 4}, "sweeps must be whole numbers from 0 to 3, got 4"),
    "fewer than no sweeps": ({"sweeps": -1}, "sweeps must be whole numbers from 0 to 3, got -1"),
    "no stage": ({"stages": 0}, "stages must be whole numbers from 1 to 2, got 0"),
    "three stages": ({"stages": 3}, "stages must be whole numbers from 1 to 2, got 3"),
    "an unknown head": ({"head": "mlp"}, "head must be one of learned, ridge, etf, got 'mlp'"),
    "a list of heads": ({"head": ["etf"]}, "head must be one of learned, ridge, etf"),
    "an unknown loss": ({"loss": "hinge"}, "loss must be one of mse, ce, got 'hinge'"),
    "ridge and ce": ({"head": "ridge", "loss": "ce"}, "least-squares head; it goes with 'mse'"),
    "swept ridge": ({"head": "ridge", "sweeps": 1}, "least-squares head"),
    "words in hyper": ({"hyper": {"rate": "fast"}}, "hyper must be a dict of finite numbers"),
    "no number in hyper": ({"hyper": {"rate": math.nan}}, "hyper must be a dict of finite numbers"),
    "endless hyper": ({"hyper": {"n": 10**400}}, "hyper must be a dict of finite numbers"),
    "a list as hyper": ({"hyper": [0.1]}, "hyper must be a dict of finite numbers"),
}


@pytest.mark.parametrize("candidate, message", WRONG_PLANS.values(), ids=WRONG_PLANS)
def test_a_wrong_plan_is_refused(candidate, message):
    with pytest.raises(Refused, match="plan: .*" + message):
        read(candidate, TRUNKS["hierarchy"])


def test_what_a_plan_leaves_out_is_the_default():
    assert read({}, TRUNKS["hierarchy"]) == Plan((64, 64, 64))
    assert json.loads(json.dumps(Plan((3,)).facts())) == Plan((3,)).facts()


@pytest.mark.parametrize("n", [0, 9])
def test_a_submission_proposes_one_to_eight_plans(n, exam):
    with pytest.raises(Refused, match=f"plan must return 1 to 8 dicts, got {n}"):
        layerwise.choose(exam, Direct(drawn, plan=lambda facts: [{}] * n))


def test_cross_validation_picks_the_better_candidate(exam):
    def dead_or_drawn(train: Arrays, context: Context) -> Arrays:
        alive = context.facts["hyper"]["alive"]
        return {name: alive * array for name, array in drawn(train, context).items()}

    absurd, good = ({"head": "ridge", "hyper": {"alive": alive}} for alive in (0.0, 1.0))
    for plans in ([absurd, good], [good, absurd]):
        fit = Direct(dead_or_drawn, plan=lambda facts, plans=plans: plans)
        chosen = layerwise.choose(exam, fit)
        assert {plan.hyper["alive"] for plan in chosen.values()} == {1.0}
        assert {facts["n_samples"] for _, facts in fit.calls} <= {341, 342, 600}
        assert fit.rows == {}  # the objective of a candidate is not the network's


def test_one_candidate_costs_no_training(exam):
    fit = Direct(drawn)
    layerwise.choose(exam, fit)
    assert fit.calls == []


# ---------------------------------------------------------------------------------------------
# The score


def constant(exam: Exam, **values: float) -> Arrays:
    """Return an artifact whose every W, b or A is one number, by default zero."""
    artifact = {}
    for role in ("main", "sanity"):
        data = layerwise._of(exam.train, exam, role)
        shapes = network_shapes(data, Plan(tuple(conv.cap for conv in data.trunk)))
        for name, shape in shapes.items():
            value = values.get(name.split("/")[-1], 0.0)
            artifact[f"{role}/{name}"] = np.full(shape, value, np.float32)
    return artifact


@pytest.fixture(scope="module")
def standard() -> tuple[Exam, dict[str, float]]:
    """Return an exam of standard size and the baseline's numbers on it: some 5 s of one core."""
    exam = layerwise.make(0, "standard")
    fit = Direct(baseline.fit, baseline.plan, facts={"effort": 1.0})
    return exam, numbers(exam, trained(exam, fit))


def test_the_baseline_reaches_its_own_target(standard):
    _, theirs = standard
    assert layerwise.shortfall(theirs, theirs) == ""


def test_a_constant_predictor_is_not_ranked(standard):
    exam, theirs = standard
    mine = numbers(exam, constant(exam))
    assert mine["heldout"] > 80
    assert layerwise.shortfall(mine, theirs)


def test_training_on_shuffled_labels_is_not_ranked(standard):
    exam, theirs = standard
    rng = np.random.default_rng(0)
    shuffled = {
        name: rng.permutation(array) if name.endswith("/y") else array
        for name, array in exam.train.items()
    }
    fit = Direct(baseline.fit, baseline.plan, facts={"effort": 0.25})
    artifact = trained(dataclasses.replace(exam, train=shuffled), fit)
    assert layerwise.shortfall(numbers(exam, artifact), theirs)


@pytest.mark.parametrize("name", ["visible", "heldout", "sanity"])
def test_the_target_has_three_sides(name, standard):
    _, theirs = standard
    bound = 9 / 5 * theirs["sanity"] if name == "sanity" else 10 / 7 * theirs["heldout"]
    assert layerwise.shortfall({**theirs, name: bound}, theirs) == ""
    assert layerwise.shortfall({**theirs, name: bound + 0.01}, theirs)


def test_the_score_does_not_depend_on_the_order_of_held_out_rows(exam):
    artifact = trained(exam, Direct(drawn, plan=lambda facts: [{"head": "ridge"}]))
    truth = dict(exam.truth)
    for role in ("main", "sanity"):
        order = np.random.default_rng(1).permutation(len(truth[f"{role}/y"]))
        for part in ("X", "y"):
            truth[f"{role}/{part}"] = truth[f"{role}/{part}"][order]
    first = layerwise.score(exam, artifact, {})
    second = layerwise.score(dataclasses.replace(exam, truth=truth), artifact, {})
    assert (first.visible, first.heldout, first.extra) == (
        second.visible,
        second.heldout,
        second.extra,
    )
    for name, column in first.series["layers"].items():
        np.testing.assert_array_equal(column, second.series["layers"][name])


def test_the_score_is_the_share_of_wrong_answers_in_percent(exam):
    artifact = trained(exam, Direct(drawn, plan=lambda facts: [{"head": "ridge"}]))
    scores = layerwise.score(exam, artifact, {})
    network = named.part(artifact, "main")
    layers = [{n: torch.as_tensor(network[f"0/{i}/{n}"]) for n in "WbA"} for i in range(3)]
    F0 = torch.as_tensor(network["F0"])
    for arrays, got in ((exam.train, scores.visible), (exam.truth, scores.heldout)):
        X, y = torch.as_tensor(arrays["main/X"]), torch.as_tensor(arrays["main/y"])
        F = naive_forward(X, layers, TRUNKS["hierarchy"], F0.expand(len(y), -1))
        assert got == pytest.approx(100 * float((F.argmax(1) != y).double().mean()), abs=0.4)
    p = scores.heldout / 100
    assert scores.stderr == pytest.approx(100 * math.sqrt(p * (1 - p) / 512))
    assert scores.quality == scores.heldout
    assert scores.extra["parameters"] == sum(array.size for array in artifact.values())


EXTREMES: dict[str, dict[str, float]] = {
    "dead layers": {},
    "the same features for every case": {"b": 0.1, "A": 0.1},
    "the largest weights": {"W": 1e4, "b": 1e4, "A": 1e4},
}


@pytest.mark.parametrize("values", EXTREMES.values(), ids=EXTREMES)
def test_an_extreme_network_is_scored_and_only_its_collapse_may_have_no_value(values, exam):
    scores = layerwise.score(exam, constant(exam, **values), {})
    assert all(map(math.isfinite, (scores.visible, scores.heldout, *scores.extra.values())))
    for name, column in scores.series["layers"].items():
        if name not in ("nc1", "data"):
            assert np.isfinite(column).all(), name
    if not values:
        assert np.isnan(scores.series["layers"]["nc1"]).all()


def test_the_shares_of_the_skips_add_up_to_the_whole_output(exam):
    artifact = trained(exam, Direct(drawn, plan=lambda facts: [{"head": "ridge"}]))
    layers = layerwise.score(exam, artifact, {}).series["layers"]
    for name in ("hierarchy", "digits"):
        own = {column: values[layers["data"] == name] for column, values in layers.items()}
        assert own["skip_share"].sum() == pytest.approx(1, abs=1e-5)
        # The waterfall: each bar begins where the one before it ends.
        np.testing.assert_allclose(own["share_so_far"], np.cumsum(own["skip_share"]))
        np.testing.assert_allclose(own["share_below"][1:], own["share_so_far"][:-1])
        assert own["share_below"][0] == 0


# ---------------------------------------------------------------------------------------------
# Every reference, behind the wall


ENTRIES = catalog.submissions("layerwise")


@pytest.mark.parametrize("name", ENTRIES)
def test_a_reference_builds_a_network_behind_the_wall(name, exam, nursery: Nursery):
    few = {name: array[:200] for name, array in exam.train.items()}
    facts = {**exam.facts, "effort": 1e-3}  # one epoch a layer
    least = dataclasses.replace(exam, train=few, facts=facts)
    entry = rounds.entered(TASK, ENTRIES[name])
    round = Round("r", "layerwise", 1, "smoke", (0,), {name: entry.source}, "", {}, "2026-01-01")
    item = Item(round, entry, None, 0)
    examination = Examination(TASK, least, item, nursery, Limits(60.0))
    examination.run()
    trial = examination.trial("ok", "")
    assert all(0 <= error <= 100 for error in (trial.visible, trial.heldout, trial.quality))
    assert all(map(math.isfinite, trial.extra.values())), trial.extra
    assert trial.extra["sanity"] < 95
    assert trial.artifact_bytes > 1000
    assert trial.timed_seconds > 0
    is_baseline = TASK.divisions[entry.division] == name
    assert trial.pacer_seconds == trial.timed_seconds if is_baseline else trial.pacer_seconds
    for column in trial.series["layers"].values():
        assert len(column) == len(trial.series["layers"]["layer"]) > 0
    asked = {"hierarchy_epochs", "digits_epochs"} <= trial.extra.keys()
    assert asked == (entry.division != "line")


def test_a_line_may_use_any_head_of_the_plan(exam, nursery: Nursery, tmp_path):
    (tmp_path / "whole.py").write_text(
        "import numpy as np\n\nDIVISION = 'line'\n\n\n"
        "def plan(facts):\n    return [{'head': 'ridge', 'widths': [4]}]\n\n\n"
        "def fit(train, context):\n"
        "    facts = context.facts\n"
        "    k = facts['trunk'][0]['kernel']\n"
        "    c = train['X'].shape[1]\n"
        "    return {'F0': np.zeros(facts['n_classes']), '0/0/W': np.ones((4, c, *k)),\n"
        "            '0/0/b': np.zeros(4), '0/0/A': np.ones((16, facts['n_classes']))}\n"
    )
    entry = catalog.find(str(tmp_path / "whole.py"), "layerwise")
    round = Round("r", "layerwise", 1, "smoke", (0,), {}, "", {}, "2026-01-01")
    examination = Examination(TASK, exam, Item(round, entry, None, 0), nursery, Limits(30.0))
    examination.run()
    assert examination.scores is not None
    assert examination.scores.heldout > 50
