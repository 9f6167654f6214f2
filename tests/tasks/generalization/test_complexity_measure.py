"""The exam of complexity_measure, who is asked about what, and what its references compute."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import platformdirs
import pytest
import torch

from harness import arrays as named
from harness.sandbox import Nursery
from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.generalization import complexity_measure as baseline
from submissions.references.generalization import complexity_measure_margin as margin
from tasks._data import zoo
from tasks._data.zoo import Shape
from tasks.generalization import complexity_measure as task
from tasks.generalization.complexity_measure import TASK, Scale
from tests import zoo as judge

REFERENCES = (
    "davies_bouldin", "ensemble", "learned", "margin", "n_parameters", "path_norm", "random",
    "sharpness", "shifts", "spectral_margin", "stable_rank",
)  # fmt: skip


def module(name: str) -> ModuleType:
    if name == "baseline":
        return baseline
    return importlib.import_module(
        f"submissions.references.generalization.complexity_measure_{name}"
    )


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(3, "smoke")


@pytest.fixture(scope="module")
def questions(exam: Exam) -> list[Arrays]:
    return [question(exam, i) for i in range(len(exam.truth["gap"]))]


def question(exam: Exam, i: int) -> Arrays:
    net = named.part(exam.inputs, f"net/{i}")
    return net | named.part(exam.inputs, f"data/{net.pop('data')}")


def context(exam: Exam) -> Context:
    return Context(0, 60.0, 1, "cpu", exam.facts)


class Predicts:
    """A `predict` without a wall, which may keep what it likes where the task asks in a row."""

    def __init__(self, answer: Callable[[Arrays, list[Arrays]], Any]) -> None:
        self.answer, self.seen, self.alone = answer, [], 0

    def __call__(self, inputs: Arrays, part: str | None = None) -> Arrays:
        self.alone += part is not None
        company = self.seen if part is None else []
        company.append(inputs)
        return {"score": self.answer(inputs, company)}


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = (str(tmp_path / str(k)) for k in range(10**6))  # nothing is found again
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: next(folders))
    monkeypatch.setitem(task.SCALES, "smoke", Scale(1, 1, 50, 1000, small=True, most_train=1.0))
    exam, again, other = (task.make(seed, "smoke") for seed in (3, 3, 4))
    assert again.truth.keys() == exam.truth.keys()
    for name in ("gap", "factors", "data", "again"):
        # Training makes much of how sums are rounded; on one machine it is the same.
        np.testing.assert_allclose(again.truth[name], exam.truth[name], atol=0.05, err_msg=name)
    np.testing.assert_array_equal(again.train["data/0/x"], exam.train["data/0/x"])
    assert not np.array_equal(other.train["data/0/x"], exam.train["data/0/x"])
    assert not np.array_equal(other.inputs["data/1/x"], exam.inputs["data/1/x"])


def test_hidden_networks_and_their_samples_are_not_shown(exam: Exam) -> None:
    assert "data/1/x" in exam.inputs and "data/1/x" not in exam.train
    n_shown = int(exam.truth["seen"].sum())
    assert n_shown == len(exam.train["gap"]) == len(exam.train["factors"])
    assert {int(exam.train[n]) for n in exam.train if n.endswith("/data")} == {0}
    shown = {exam.train[f"net/{i}/b0"].tobytes() for i in range(n_shown)}
    asked = {exam.inputs[n].tobytes() for n in exam.inputs if n.endswith("/b0")}
    assert shown < asked and len(asked) == len(exam.truth["gap"])


def test_a_question_tells_neither_gap_nor_hyperparameters_nor_its_number(
    questions: list[Arrays],
) -> None:
    for asked in questions:
        assert {name for name in asked if name[0] not in "WUVb"} == {"x", "y"}
        assert asked["x"].shape == (400, 24) and asked["y"].shape == (400,)
    assert len({asked["x"].tobytes() for asked in questions}) == 2


def test_networks_are_in_no_order_that_tells(exam: Exam) -> None:
    """Not even shown ones: neither data sets nor grids stand together."""
    for column in ("data", "grid"):
        changes = (np.diff(exam.truth[column]) != 0).sum()
        assert changes > 8
    assert (np.diff(exam.train["grid"]) != 0).sum() > 4


def test_gaps_are_those_of_the_networks_that_are_handed_out(
    exam: Exam, questions: list[Arrays]
) -> None:
    """A network's errors are measured again, in numpy, on its own and on the test samples."""
    scale = task.SCALES["smoke"]
    rng = np.random.default_rng(3)
    seeds = rng.integers(2**62, size=2).tolist()
    data = [zoo.draw(seed, scale.n_fresh) for seed in seeds]
    for i in range(0, len(questions), 5):
        own = data[int(exam.truth["data"][i])]
        np.testing.assert_array_equal(own.x, questions[i]["x"])
        train, test = (
            (margin.forward(questions[i], x)[-1].argmax(1) != y).mean()
            for x, y in ((own.x, own.y), (own.fresh_x, own.fresh_y))
        )
        assert exam.truth["test_error"][i] == pytest.approx(test, abs=0.0011)
        assert exam.truth["gap"][i] == pytest.approx(test - train, abs=0.004)
        assert train <= scale.most_train + 0.003


@pytest.mark.parametrize("kind", zoo.KINDS)
def test_submissions_run_networks_as_the_task_does(kind: str) -> None:
    shape = Shape(kind, 6, 3, 2 if kind == "dense" else 0, 16)
    net = zoo.start(shape, np.random.default_rng(0))
    x = np.random.default_rng(1).standard_normal((9, 24)).astype(np.float32)
    ours = zoo.forward({n: v[None] for n, v in net.items()}, torch.from_numpy(x)[None])[0]
    theirs = margin.forward({n: v.numpy() for n, v in net.items()}, x)[-1]
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-4, atol=1e-5)


# ---------------------------------------------------------------------------------------------
# Asking


def test_every_network_is_asked_once_and_a_few_again_alone(exam: Exam) -> None:
    predict = Predicts(lambda inputs, company: np.array(float(inputs["b0"].sum())))
    outputs = task.ask(exam, {}, predict)
    assert len(predict.seen) == len(exam.truth["gap"]) == len(outputs["score"])
    assert predict.alone == task.N_AGAIN


@pytest.mark.parametrize(
    "answer",
    [
        lambda inputs, company: np.array(float(len(company))),
        lambda inputs, company: np.array(
            float(inputs["b0"].sum()) - np.mean([float(one["b0"].sum()) for one in company])
        ),
    ],
    ids=["the place", "the company"],
)
def test_an_answer_that_depends_on_other_questions_is_refused(exam: Exam, answer: Any) -> None:
    with pytest.raises(Refused, match="depend on the network that is asked about alone"):
        task.ask(exam, {}, Predicts(answer))


@pytest.mark.parametrize(
    "value, message",
    [
        (np.zeros(1), r"shape \(\), got \(1,\)"),
        (np.zeros(0), r"shape \(\), got \(0,\)"),
        (np.array(3), "must be float, got int64"),
    ],
)
def test_what_is_no_number_is_refused(exam: Exam, value: np.ndarray, message: str) -> None:
    with pytest.raises(Refused, match=message):
        task.ask(exam, {}, Predicts(lambda inputs, company: value))


def test_the_truth_has_no_error_and_a_constant_an_error_of_one(exam: Exam) -> None:
    perfect = task.score(exam, {}, {"score": exam.truth["gap"].copy()})
    assert perfect.visible == perfect.heldout == perfect.quality == 0
    constant = task.score(exam, {}, {"score": np.full(len(exam.truth["gap"]), 0.5)})
    assert constant.visible == constant.heldout == 1 and constant.stderr == 0
    wrong = task.score(exam, {}, {"score": -exam.truth["gap"]})
    assert wrong.heldout == 2 and wrong.extra["cmi"] == pytest.approx(-100)
    for chart in TASK.charts:
        assert {chart.x, chart.y, chart.facet} <= perfect.series[chart.series].keys()


# ---------------------------------------------------------------------------------------------
# Submissions


@pytest.mark.parametrize("name", ["baseline", *REFERENCES])
def test_a_measure_is_a_finite_number_and_the_same_again(
    name: str, exam: Exam, questions: list[Arrays], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = module(name)
    if name == "ensemble":
        monkeypatch.setattr(one, "STEPS", 30)
        monkeypatch.setattr(one, "KNOWN", {})
    artifact = one.fit(exam.train, context(exam))
    some = questions[::6]
    first = [one.predict(artifact, dict(asked))["score"] for asked in some]
    again = [one.predict(artifact, dict(asked))["score"] for asked in some[::-1]][::-1]
    assert all(np.ndim(value) == 0 and np.isfinite(value) for value in first)
    assert first == again
    assert len(set(map(float, first))) > 2


def test_rho_is_the_product_of_the_norms_of_the_layers_as_they_act(questions: list[Arrays]) -> None:
    net = {"U0": np.ones((3, 1)), "V0": np.ones((1, 2)), "b0": np.zeros(2), "W1": 2 * np.eye(2),
           "b1": np.zeros(2)}  # fmt: skip
    expected = np.log(np.sqrt(6) * np.sqrt(8))
    assert float(baseline.predict({}, net)["score"]) == pytest.approx(expected)


def test_scale_that_moves_between_layers_changes_rho_over_the_margin_by_nothing(
    questions: list[Arrays],
) -> None:
    asked = next(q for q in questions if "W1" in q and margin.margin(q) > 0.01)
    last = max(name for name in asked if name[0] == "W")
    large = asked | {last: 3 * asked[last], "b" + last[1]: 3 * asked["b" + last[1]]}
    for name in ("margin", "spectral_margin"):
        found = [float(module(name).predict({}, q)["score"]) for q in (asked, large)]
        assert found[0] == pytest.approx(found[1], rel=1e-5)


def test_the_path_norm_is_a_sum_over_paths() -> None:
    rng = np.random.default_rng(0)
    W, V = rng.standard_normal((24, 3)), rng.standard_normal((3, 4))
    net = {"W0": W, "W1": V, "b0": np.ones(3), "b1": np.ones(4), "x": np.ones((1, 24))}
    paths = sum((W[i, j] * V[j, k]) ** 2 for i in range(24) for j in range(3) for k in range(4))
    assert float(module("path_norm").predict({}, net)["score"]) == pytest.approx(np.log(paths))


def test_the_stable_rank_and_the_number_of_parameters_count() -> None:
    net = {"W0": np.eye(24, 6), "b0": np.zeros(6), "W1": np.ones((6, 4)), "b1": np.zeros(4),
           "x": np.ones((2, 24)), "y": np.zeros(2)}  # fmt: skip
    assert float(module("stable_rank").predict({}, net)["score"]) == pytest.approx(7)
    assert float(module("n_parameters").predict({}, net)["score"]) == 144 + 6 + 24 + 4


def test_a_sharper_minimum_is_one_of_larger_sharpness(questions: list[Arrays]) -> None:
    asked = next(q for q in questions if "W1" in q and margin.margin(q) > 0.01)
    sharp = module("sharpness")
    noisy = asked | {"W0": (asked["W0"] + 0.2 * np.random.default_rng(0).standard_normal(
        asked["W0"].shape)).astype(np.float32)}  # fmt: skip
    assert float(sharp.predict({}, noisy)["score"]) > float(sharp.predict({}, asked)["score"])


def test_shifts_find_a_network_that_knows_places_and_pass_one_that_does_not(
    exam: Exam, questions: list[Arrays]
) -> None:
    score = module("shifts").predict
    by_kind: dict[float, list[float]] = {}
    for i, asked in enumerate(questions):
        by_kind.setdefault(exam.truth["factors"][i, 0], []).append(float(score({}, asked)["score"]))
    assert np.mean(by_kind[2]) < np.mean(by_kind[1]) < np.mean(by_kind[0])


def test_what_is_learned_is_a_number_a_measure(exam: Exam, questions: list[Arrays]) -> None:
    learned = module("learned")
    artifact = learned.fit(exam.train, context(exam))
    assert artifact["w"].shape == (12,) and named.weigh(artifact) <= 300
    mu = np.array([float(learned.predict(artifact, q)["score"]) for q in questions])
    assert task.score(exam, artifact, {"score": mu}).visible < 0.5


def test_the_naive_measure_is_chance() -> None:
    rng = np.random.default_rng(0)
    draws = [float(module("random").predict({}, {"b0": rng.standard_normal(9)})["score"])
             for _ in range(400)]  # fmt: skip
    assert min(draws) >= 0 and max(draws) <= 1
    assert np.mean(draws) == pytest.approx(0.5, abs=0.06)


# ---------------------------------------------------------------------------------------------
# The board


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(task.SCALES, "standard", Scale(1, 1, 800, 4000))
    row = judge.boards(TASK, [], nursery, tmp_path, (0, 1, 2))["copied"]
    assert (row["status"], row["gap_difference"], row["compression"]) == ("ranked", 0, 1), row
    assert row["score_low"] - 0.02 <= 1 <= row["score_high"] + 0.02
    assert row["score"] == pytest.approx(1, abs=0.05)
