"""Cells are shuffled, learned and asked one by one, each in a call that knows no other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.vocabulary import Arrays, Exam, Refused
from tasks._data import ladder

SIZES = {"tree/8": 600, "tree/32": 500, "plain/8": 3}
"""Questions of a cell."""


def exam(seed: int = 0) -> Exam:
    rng = np.random.default_rng(0)
    drawn = {}
    for cell, m in SIZES.items():
        n = int(cell.split("/")[1])
        x = rng.random((m, 2))
        drawn[cell] = ({"x": rng.random((n, 2)), "y": rng.random(n)}, {"x": x}, {"f": x[:, 0]})
    return Exam(*ladder.lay(drawn, np.random.default_rng(seed)), {})


class Recording:
    """A submission's `fit` that keeps what it was called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Arrays, Any]] = []

    def __call__(self, train: Arrays, facts: Any = None, oracle: Any = None) -> Arrays:
        self.calls.append((train, facts))
        return {"n": np.array(len(train["y"]))}


def test_cells_come_in_a_drawn_order_and_whole() -> None:
    orders = {tuple(ladder.cells(exam(seed))) for seed in range(20)}
    assert len(orders) == 6 and all(set(order) == set(SIZES) for order in orders)
    one = exam()
    for cell, m in SIZES.items():
        assert one.train[f"{cell}/x"].shape == (int(cell.split("/")[1]), 2)
        np.testing.assert_array_equal(one.inputs[f"{cell}/x"][:, 0], one.truth[f"{cell}/f"])
        assert len(one.truth[f"{cell}/f"]) == m
    np.testing.assert_array_equal(one.truth["again"], exam().truth["again"])
    assert not np.array_equal(one.truth["again"], exam(1).truth["again"])


def test_a_cell_is_learned_alone_and_told_its_own_facts() -> None:
    one, fit = exam(), Recording()
    artifact = ladder.learn(one, fit, {"tree/8": {"depth": 3}})
    assert artifact == {f"{cell}/n": int(cell.split("/")[1]) for cell in SIZES}
    for cell, (train, facts) in zip(ladder.cells(one), fit.calls, strict=True):
        assert train.keys() == {"x", "y"}
        np.testing.assert_array_equal(train["y"], one.train[f"{cell}/y"])
        assert facts == ({"depth": 3} if cell == "tree/8" else None)


def test_a_cell_is_asked_in_one_call_and_some_questions_again() -> None:
    calls = []

    def predict(inputs: Arrays, part: str | None = None) -> Arrays:
        calls.append((part, len(inputs["x"])))
        return {"y": inputs["x"][:, 0]}

    one = exam()
    outputs = ladder.ask(one, {}, predict)
    again = {"tree/8": 256, "tree/32": 250, "plain/8": 1}
    assert calls == [
        c for cell in ladder.cells(one) for c in ((cell, SIZES[cell]), (cell, again[cell]))
    ]
    for cell in SIZES:
        np.testing.assert_array_equal(outputs.pop(f"{cell}/y"), one.truth[f"{cell}/f"])
    assert outputs == {}


def test_answers_that_depend_on_their_company_are_refused() -> None:
    def predict(inputs: Arrays, part: str | None = None) -> Arrays:
        return {"y": inputs["x"][:, 0] - inputs["x"][:, 0].mean()}

    with pytest.raises(Refused, match="must depend on its own question alone"):
        ladder.ask(exam(), {}, predict)


BROKEN = {
    "no array": ({}, "predict\\['y'\\] is missing"),
    "another array too": ({"y": (600,), "z": (1,)}, "predict\\['z'\\] is not wanted"),
    "a row too few": ({"y": (599,)}, "must have shape \\(600,\\), got \\(599,\\)"),
    "a column": ({"y": (600, 1)}, "got \\(600, 1\\)"),
    "an empty array": ({"y": (0,)}, "got \\(0,\\)"),
}


@pytest.mark.parametrize("shapes, message", BROKEN.values(), ids=BROKEN)
def test_answers_of_another_form_are_refused_in_words(shapes: Any, message: str) -> None:
    one = exam()
    alone = Exam({}, {"tree/8/x": one.inputs["tree/8/x"]}, one.truth, {})
    with pytest.raises(Refused, match=message):
        ladder.ask(alone, {}, lambda inputs, part: {n: np.zeros(s) for n, s in shapes.items()})


def test_cells_of_an_exam_without_questions_are_those_that_are_learned() -> None:
    one = exam()
    assert ladder.cells(Exam(one.train, {}, one.truth, {})) == ladder.cells(one)
