"""Exams of searches: who is handed what, and what is refused."""

import numpy as np
import pytest

from harness.kernels.two_layer import Net
from harness.vocabulary import Exam, Refused
from tasks._data import searches
from tasks._data.landscapes import Landscape


def drawn():
    """Draw an exam of two kinds with two problems each, the first of a kind with an answer."""
    rng = np.random.default_rng(0)
    train, problems = {}, {}
    for kind in ("weak", "strong"):
        for number in (0, 1):
            net = Net(rng.normal(size=(5, 2)), rng.normal(size=(5, 1)), 3, "tanh")
            own = Landscape(net, np.full(9, 0.1), "additive", 0.2)
            cell = f"{kind}/{number}"
            train |= {f"{cell}/{name}": array for name, array in own.arrays().items()}
            problems[cell] = searches.told(own)
            if number == 0:
                train[f"{cell}/points"] = rng.normal(size=(4, 9))
    return Exam(train, {}, {}, {"problems": problems})


def test_a_call_gets_its_problem_without_an_answer_and_the_visible_one_of_its_kind_with_it():
    exam = drawn()
    calls = []

    def fit(train, facts):
        calls.append((train, facts))
        return {"points": np.full((1, 9), float(len(calls)))}

    checked = []
    artifact = searches.teach(exam, fit, lambda *answer: checked.append(answer[2]))
    assert checked == list(exam.facts["problems"]) == ["weak/0", "weak/1", "strong/0", "strong/1"]
    for number, ((train, facts), cell) in enumerate(zip(calls, checked, strict=True)):
        kind = cell.split("/")[0]
        np.testing.assert_array_equal(train["X"], exam.train[f"{cell}/X"])
        np.testing.assert_array_equal(train["seen/0/points"], exam.train[f"{kind}/0/points"])
        assert "points" not in train and facts["hidden"] == 3
        assert artifact[f"{cell}/points"][0, 0] == number + 1


def test_a_landscape_is_read_from_the_exam():
    exam = drawn()
    own = searches.landscape_of(exam, "strong/1")
    np.testing.assert_array_equal(own.net.Y, exam.train["strong/1/Y"])
    assert (own.regularizer, own.weight, own.net.hidden) == ("additive", 0.2, 3)
    assert [searches.is_seen(cell) for cell in exam.facts["problems"]] == [True, False] * 2


def test_answers_are_told_apart_by_problem_and_strange_ones_refused():
    exam = drawn()
    found = searches.answers(exam, {"weak/1/points": np.ones((2, 9))})
    assert {cell: list(arrays) for cell, arrays in found.items()} == {
        "weak/0": [], "weak/1": ["points"], "strong/0": [], "strong/1": [],
    }  # fmt: skip
    for name in ("weak/2/points", "points", "weak/points"):
        with pytest.raises(Refused, match="no array of any problem"):
            searches.answers(exam, {name: np.ones(1)})


def test_points_are_widened_and_bounded():
    found = searches.points({"points": np.ones((2, 9), np.float16)}, "weak/0", 2)
    assert found.dtype == np.float64 and found.shape == (2, 9)
    assert searches.points({"points": np.ones((0, 9))}, "weak/0", 2).shape == (0, 9)
    with pytest.raises(Refused, match=r"fit \(weak/0\)\['points'\] may hold at most 1, got 2"):
        searches.points({"points": np.ones((2, 9))}, "weak/0", 1)
    with pytest.raises(Refused, match="must be within 1000"):
        searches.points({"points": np.full((1, 9), -1e4)}, "weak/0", 1)
