"""Compressed scores: the exam, what is decoded, what is lost, the submissions."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from harness import arrays as named
from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.transformers import qk_sparsity as baseline
from submissions.references.transformers import (
    qk_sparsity_activation,
    qk_sparsity_magnitude,
    qk_sparsity_rounded,
    qk_sparsity_zero,
)
from tasks._data import decoders
from tasks._data.dense import restored
from tasks.transformers import qk_sparsity as task
from tasks.transformers.qk_sparsity import TASK

CODES = {
    "baseline": baseline,
    "activation": qk_sparsity_activation,
    "magnitude": qk_sparsity_magnitude,
    "rounded": qk_sparsity_rounded,
    "zero": qk_sparsity_zero,
}


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


def examined(exam: Exam, code: Any) -> tuple[Arrays, Arrays]:
    """Return what a submission learns and answers, without the wall."""

    def fit(train: Arrays, facts: Any) -> Arrays:
        found: Arrays = code.fit(train, Context(0, 60.0, 1, "cpu", {**exam.facts, **facts}))
        return found

    def predict(inputs: Arrays, part: str) -> Arrays:
        answers: Arrays = code.predict(named.part(artifact, part), inputs)
        return answers

    artifact = task.teach(exam, fit)  # type: ignore[arg-type]
    return artifact, task.ask(exam, artifact, predict)  # type: ignore[arg-type]


def own(exam: Exam) -> Arrays:
    return {k: v for k, v in exam.train.items() if k[0] != "x"}


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    json.dumps(exam.facts)
    for part in ("train", "inputs", "truth"):
        first, second, third = (getattr(e, part) for e in (exam, again, other))
        assert first.keys() == second.keys() == third.keys()
        for name in first:
            assert first[name].tobytes() == second[name].tobytes()
            assert (first[name].shape, first[name].dtype) == (third[name].shape, third[name].dtype)
    assert all(exam.train[name].tobytes() != other.train[name].tobytes() for name in exam.train)


def test_half_of_the_sequences_is_shown_and_no_token_is(exam):
    assert set(exam.train) == {f"{of}{n}" for of in ("q", "k", "bq", "bk", "x") for n in "01"}
    assert exam.train["x0"].shape == (16, 32, 32)
    assert exam.truth["tokens"].shape == (32, 32)
    assert exam.inputs["shape"].tolist() == [2, 2, 16, 32]


def test_the_models_own_weights_lose_nothing_and_zeros_are_uniform_attention(exam):
    dense = restored(exam.truth)
    lost = task.divergences(dense.model, dense.tokens, own(exam))
    np.testing.assert_allclose(lost, 0, atol=1e-6)

    def uniform(seen: decoders.Seen) -> torch.Tensor:
        n = seen.value.shape[2]
        A = torch.ones(n, n).tril() / torch.arange(1, n + 1)[:, None]
        return A @ seen.value

    zeros = {name: np.zeros_like(of) for name, of in own(exam).items()}
    wanted = decoders.divergence(
        decoders.logits(dense.model, dense.tokens),
        decoders.logits(dense.model, dense.tokens, uniform),
    ).mean(1)
    found = task.divergences(dense.model, dense.tokens, zeros)
    np.testing.assert_allclose(found, wanted, rtol=1e-3)


def test_a_change_of_basis_of_a_head_changes_nothing(exam):
    dense = restored(exam.truth)
    R = np.eye(16) + 0.3 * np.random.default_rng(0).normal(size=(16, 16)) / 4
    turned = own(exam)
    for layer in "01":
        turned[f"q{layer}"] = (R.T @ turned[f"q{layer}"]).astype(np.float32)
        turned[f"bq{layer}"] = (turned[f"bq{layer}"] @ R).astype(np.float32)
        turned[f"k{layer}"] = np.linalg.solve(R, turned[f"k{layer}"]).astype(np.float32)
        turned[f"bk{layer}"] = np.linalg.solve(R, turned[f"bk{layer}"].T).T.astype(np.float32)
    lost = task.divergences(dense.model, dense.tokens, turned)
    np.testing.assert_allclose(lost, 0, atol=1e-5)
    assert task.distances(exam.train, turned)[0] < 1e-4


def test_fewer_rows_are_filled_with_zeros_and_uneven_ones_refused():
    shape = np.array([1, 2, 3, 4])
    found = {"q0": np.ones((2, 2, 4)), "k0": np.ones((2, 2, 4))}
    found |= {"bq0": np.ones((2, 2)), "bk0": np.ones((2, 2))}
    filled = task.whole(found, shape)
    assert filled["q0"].shape == (2, 3, 4) and filled["bk0"].shape == (2, 3)
    assert filled["q0"].dtype == np.float32
    assert (filled["q0"][:, 2] == 0).all() and (filled["bk0"][:, :2] == 1).all()
    with pytest.raises(Refused, match="at most 3, of all four of layer 0"):
        task.whole({**found, "bq0": np.ones((2, 1))}, shape)
    with pytest.raises(Refused, match="at most 3, of all four of layer 0"):
        task.whole({name: np.concatenate([of, of], 1) for name, of in found.items()}, shape)
    with pytest.raises(Refused, match="missing"):
        task.whole({}, shape)


def test_distances_are_those_of_the_matrices_formed(exam):
    train = exam.train
    half = {name: of / 2 for name, of in own(exam).items()}
    assert task.distances(train, half) == pytest.approx((0.75, 0.75))
    assert task.distances(train, own(exam)) == pytest.approx((0, 0), abs=1e-6)


def test_codes_stand_in_the_order_of_what_they_spend_bytes_on(exam):
    lost = {name: task.score(exam, *examined(exam, code)) for name, code in CODES.items()}
    assert all(of.extra["overspent"] == 0 for of in lost.values()), lost
    worst = min(lost[name].heldout for name in ("magnitude", "zero"))
    best = max(lost[name].heldout for name in ("baseline", "activation", "rounded"))
    assert 5 * best < worst
    for name, of in lost.items():
        numbers = {"visible": of.visible, "heldout": of.heldout}
        own = {"visible": lost["baseline"].visible, "heldout": lost["baseline"].heldout}
        assert bool(task.shortfall(numbers, own)) == (name in ("magnitude", "zero"))
    assert lost["activation"].extra["off_seen"] < lost["baseline"].extra["off_seen"]
    assert lost["activation"].extra["off"] > lost["baseline"].extra["off"]


def test_who_spends_too_much_has_no_scores(exam):
    artifact, outputs = examined(exam, baseline)
    large = {f"eighth/{n}": np.random.default_rng(n).normal(size=999) for n in range(4)}
    scores = task.score(exam, artifact | large, outputs)
    zero = task.score(exam, *examined(exam, qk_sparsity_zero))
    assert scores.extra["overspent"] == 1
    assert scores.heldout == pytest.approx(zero.heldout)


def test_series_have_the_columns_of_the_charts(exam):
    scores = task.score(exam, *examined(exam, baseline))
    for chart in TASK.charts:
        series = scores.series[chart.series]
        assert {chart.x, chart.y, chart.facet} - {None} <= series.keys()
        assert len({len(of) for of in series.values()}) == 1
    facts = scores.extra
    assert facts["participation"] > facts["rank"] > 1
    assert 0 < facts["antisymmetric"] < 1
