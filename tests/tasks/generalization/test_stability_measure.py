"""The exam of stability_measure, its divisions, and what its references compute."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import platformdirs
import pytest
import torch

from harness.vocabulary import Arrays, Exam, Facts, Oracle, Refused
from tasks._data import zoo
from tasks.generalization import stability_measure as task
from tasks.generalization.stability_measure import TASK, Scale

LABEL_FREE = ("", "churn", "largest", "random", "relative", "retained")
LABELLED = ("labelled", "loo", "one_fold")


def module(name: str) -> ModuleType:
    folder = "baselines" if name in ("", "labelled") else "references"
    stem = "stability_measure" + (f"_{name}" if name else "")
    return importlib.import_module(f"submissions.{folder}.generalization.{stem}")


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(3, "smoke")


class Fits:
    """A `fit` without a wall."""

    def __init__(self, division: str, returns: Arrays | None = None) -> None:
        self.division, self.returns, self.trains = division, returns or {}, []

    def __call__(
        self, train: Arrays, facts: Facts | None = None, oracle: Oracle | None = None
    ) -> Arrays:
        self.trains.append(train)
        return dict(self.returns)


class Predicts:
    """A `predict` without a wall."""

    def __init__(self, answer: Callable[[Arrays], np.ndarray]) -> None:
        self.answer, self.asked = answer, []

    def __call__(self, inputs: Arrays, part: str | None = None) -> Arrays:
        self.asked.append((inputs, part))
        return {"score": self.answer(inputs)}


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = (str(tmp_path / str(k)) for k in range(10**6))  # nothing is found again
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: next(folders))
    small = Scale(1, 1, 40, 2, 500, small=True, most_train=1.0)
    monkeypatch.setitem(task.SCALES, "smoke", small)
    exam, again, other = (task.make(seed, "smoke") for seed in (3, 3, 4))
    assert len(exam.truth["gap"]) == 54
    for name in ("gap", "factors", "data", "again"):
        np.testing.assert_allclose(again.truth[name], exam.truth[name], atol=0.05, err_msg=name)
    np.testing.assert_array_equal(again.inputs["y"], exam.inputs["y"])
    assert not np.array_equal(other.inputs["y"], exam.inputs["y"])
    assert not np.allclose(other.inputs["full"], exam.inputs["full"], atol=0.1)


def test_hidden_recipes_are_not_shown_and_questions_tell_no_truth(exam: Exam) -> None:
    n, n_shown = len(exam.truth["gap"]), int(exam.truth["seen"].sum())
    assert 0 < n_shown < n
    assert exam.inputs.keys() == {"full", "reps", "fold", "y"}
    assert {len(values) for values in exam.inputs.values()} == {n}
    assert {len(values) for values in exam.train.values()} == {n_shown}
    shown = {row.tobytes() for row in exam.train["full"]}
    seen = [row.tobytes() in shown for row in exam.inputs["full"]]
    np.testing.assert_array_equal(seen, exam.truth["seen"])
    assert set(exam.train["data"]) == {0}


def test_recipes_are_in_no_order_that_tells(exam: Exam) -> None:
    for column in ("data", "grid"):
        assert (np.diff(exam.truth[column]) != 0).sum() > 8


def test_outputs_labels_and_gaps_belong_together(exam: Exam) -> None:
    """The training error is that of the outputs, and the gap what the test error leaves."""
    wrong = (exam.inputs["full"].argmax(2) != exam.inputs["y"]).mean(1)
    np.testing.assert_allclose(exam.truth["test_error"] - wrong, exam.truth["gap"], atol=1e-6)
    assert wrong.max() <= task.SCALES["smoke"].most_train
    # Errors at missing samples are nearer to the test error than those at retained ones.
    missing = module("labelled").predict({}, exam.inputs)["score"]
    assert np.abs(missing - exam.truth["test_error"]).mean() < 0.5 * exam.truth["gap"].mean()


def test_the_whole_grid_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def trained(shapes: list[zoo.Shape], *rest: object) -> list[Arrays]:
        asked.append([shape.width for shape in shapes])
        raise StopIteration

    monkeypatch.setattr(zoo, "trained", trained)
    for size in ("standard", "full"):
        with pytest.raises(StopIteration):
            task.make(0, size)
    assert asked[0] == asked[1]
    assert set(asked[0]) == {32, 128} and len(asked[0]) == 24


# ---------------------------------------------------------------------------------------------
# Divisions and questions


@pytest.mark.parametrize("division", TASK.divisions)
def test_labels_are_told_in_their_division_alone(exam: Exam, division: str) -> None:
    fit, predict = Fits(division), Predicts(lambda inputs: inputs["full"].max((1, 2)))
    artifact = task.teach(exam, fit)
    task.ask(exam, artifact, predict)
    has = division == "labelled"
    assert [("y" in train) for train in fit.trains] == [has]
    assert [("y" in inputs) for inputs, _ in predict.asked] == [has, has]
    assert "gap" in fit.trains[0] and "factors" in fit.trains[0]


def test_nobody_else_may_say_that_labels_are_due(exam: Exam) -> None:
    with pytest.raises(Refused, match="is the examiner's own"):
        task.teach(exam, Fits("label_free", {"labelled": np.array(True)}))


def test_a_part_is_asked_again_by_a_process_that_has_not_seen_the_rest(exam: Exam) -> None:
    predict = Predicts(lambda inputs: inputs["full"].max((1, 2)))
    task.ask(exam, {}, predict)
    (all_, first), (some, second) = predict.asked
    assert (first, second) == (None, "")
    assert len(some["full"]) == len(all_["full"]) // 2
    with pytest.raises(Refused, match="must depend on its own question alone"):
        task.ask(exam, {}, Predicts(lambda inputs: np.linspace(0, 1, len(inputs["full"]))))


@pytest.mark.parametrize("shape", [(0,), (1,), (5, 1)])
def test_what_is_no_row_of_numbers_is_refused(exam: Exam, shape: tuple[int, ...]) -> None:
    with pytest.raises(Refused, match="must have shape"):
        task.ask(exam, {}, Predicts(lambda inputs: np.zeros(shape)))


def test_the_truth_has_no_error_a_constant_one_and_the_order_does_not_matter(exam: Exam) -> None:
    perfect = task.score(exam, {}, {"score": exam.truth["gap"].copy()})
    assert perfect.visible == perfect.heldout == perfect.quality == 0
    constant = task.score(exam, {}, {"score": np.full(len(exam.truth["gap"]), 0.5)})
    assert constant.visible == constant.heldout == 1
    assert task.score(exam, {}, {"score": -exam.truth["gap"]}).heldout == 2
    for chart in TASK.charts:
        assert {chart.x, chart.y, chart.facet} <= perfect.series[chart.series].keys()
    shares = perfect.series["changes"]["share"]
    assert shares.sum() == pytest.approx(2)  # of two recipes


# ---------------------------------------------------------------------------------------------
# Submissions, against loops over a small case


def small() -> Arrays:
    rng = np.random.default_rng(0)
    return {
        "full": rng.standard_normal((3, 10, 4)).astype(np.float32),
        "reps": rng.standard_normal((3, 2, 10, 4)).astype(np.float32),
        "fold": np.stack([rng.permutation(10) % 2 for _ in range(3)]),
        "y": rng.integers(4, size=(3, 10)),
    }


def pairs(case: Arrays, r: int) -> list[tuple[torch.Tensor, torch.Tensor, int]]:
    """Return the outputs of both networks at every sample that one was not taught, and labels."""
    found = []
    for i in range(10):
        rep = case["reps"][r, case["fold"][r, i], i]
        found.append((torch.tensor(case["full"][r, i]), torch.tensor(rep), int(case["y"][r, i])))
    return found


def cross_entropy(z: torch.Tensor, y: int) -> float:
    return float(torch.nn.functional.cross_entropy(z[None], torch.tensor([y])))


EACH: dict[str, Callable[[list[tuple[torch.Tensor, torch.Tensor, int]]], float]] = {
    "": lambda p: np.mean([float((a.softmax(0) - b.softmax(0)).abs().sum()) for a, b, _ in p]),
    "churn": lambda p: np.mean([int(a.argmax()) != int(b.argmax()) for a, b, _ in p]),
    "largest": lambda p: max(float((a - b).abs().max()) for a, b, _ in p),
    "relative": lambda p: float(
        torch.stack([a - b for a, b, _ in p]).norm() / torch.stack([a for a, _, _ in p]).norm()
    ),
    "labelled": lambda p: np.mean([int(b.argmax()) != y for _, b, y in p]),
    "loo": lambda p: np.mean([cross_entropy(b, y) - cross_entropy(a, y) for a, b, y in p]),
}


@pytest.mark.parametrize("name", EACH)
def test_a_measure_is_a_loop_over_missing_samples(name: str) -> None:
    case = small()
    found = module(name).predict({}, case)["score"]
    expected = [EACH[name](pairs(case, r)) for r in range(3)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_retained_churn_looks_at_all_other_samples_and_one_fold_at_its_own() -> None:
    case = small()
    retained, one = (module(name).predict({}, case)["score"] for name in ("retained", "one_fold"))
    for r in range(3):
        kept = [(k, i) for k in range(2) for i in range(10) if case["fold"][r, i] != k]
        changed = [case["reps"][r, k, i].argmax() != case["full"][r, i].argmax() for k, i in kept]
        assert retained[r] == pytest.approx(np.mean(changed))
        first = [i for i in range(10) if case["fold"][r, i] == 0]
        wrong = [case["reps"][r, 0, i].argmax() != case["y"][r, i] for i in first]
        assert one[r] == pytest.approx(np.mean(wrong))


@pytest.mark.parametrize("name", (*LABEL_FREE, *LABELLED))
def test_a_measure_says_the_same_in_other_company(name: str, exam: Exam) -> None:
    inputs = exam.inputs if name in LABELLED else {n: exam.inputs[n] for n in task.ASKED}
    one = module(name)
    assert getattr(one, "DIVISION", "label_free") == ("labelled" if name in LABELLED
                                                      else "label_free")  # fmt: skip
    all_ = one.predict({}, inputs)["score"]
    rows = np.arange(len(all_))[::-5]
    some = one.predict({}, {n: a[rows] for n, a in inputs.items()})["score"]
    np.testing.assert_allclose(some, all_[rows], rtol=1e-5)
    assert all_.dtype.kind == "f" and np.isfinite(all_).all() and len(set(all_)) > 3
