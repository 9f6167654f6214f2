"""Edits of the normalizer: the exam, what is asked, what an edit does, what it leaves."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.transformers import icl_ablation as baseline
from submissions.references.transformers import (
    icl_ablation_count,
    icl_ablation_density,
    icl_ablation_euclidean,
    icl_ablation_largest,
    icl_ablation_none,
    icl_ablation_power,
)
from tasks._data import decoders
from tasks._data.dense import Dense, restored
from tasks._data.triggers import triggers
from tasks.transformers import icl_ablation as task
from tasks.transformers.icl_ablation import TASK, asking, edits, skills

EDITS = {
    "baseline": baseline,
    "power": icl_ablation_power,
    "density": icl_ablation_density,
    "none": icl_ablation_none,
    "count": icl_ablation_count,
    "largest": icl_ablation_largest,
    "euclidean": icl_ablation_euclidean,
}


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


@pytest.fixture(scope="module")
def dense(exam: Exam) -> Dense:
    return restored(exam.truth)


def answered(exam: Exam, predict: Any) -> Arrays:
    """Return what `ask` makes of answers, without the wall."""
    return task.ask(exam, {}, lambda inputs, part=None: predict(inputs))  # type: ignore[arg-type]


def examined(exam: Exam, edit: Any) -> Arrays:
    artifact = edit.fit(exam.train, Context(0, 60.0, 1, "cpu", exam.facts))
    return answered(exam, lambda inputs: edit.predict(artifact, inputs))


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    json.dumps(exam.facts)
    for part in ("train", "truth"):
        first, second, third = (getattr(e, part) for e in (exam, again, other))
        assert first.keys() == second.keys() == third.keys()
        for name in first:
            assert first[name].tobytes() == second[name].tobytes()
            assert first[name].dtype == third[name].dtype
    assert exam.train["tokens"].tobytes() != other.train["tokens"].tobytes()


def test_half_of_the_sequences_is_shown(exam, dense):
    n = len(dense.tokens) // 2
    np.testing.assert_array_equal(exam.train["tokens"], dense.tokens[:n])
    assert not exam.inputs
    weights = [name for name in exam.train if name.startswith("model/")]
    assert len(weights) == len(dense.model.state_dict())
    A = torch.from_numpy(exam.train["s1"]).softmax(-1)
    _, layers = decoders.recorded(dense.model, dense.tokens[:n])
    torch.testing.assert_close(A, decoders.maps(layers[1].query, layers[1].key))
    assert exam.train["law"].sum(-1)[exam.train["in_weights"]] == pytest.approx(1, abs=1e-5)


# ---------------------------------------------------------------------------------------------


def test_no_edit_is_the_model_itself_at_every_t(dense):
    n = len(dense.tokens) // 2
    now = edits.edited(dense.model, dense.tokens, n, 1.5, asking.replayed({}))
    wanted = decoders.logits(dense.model, dense.tokens)
    torch.testing.assert_close(now.logits, wanted, rtol=1e-3, atol=1e-3)
    assert now.moved().max() < 1e-5


def test_weights_are_those_of_the_formula():
    rng = np.random.default_rng(0)
    n, H, L, shown = 3, 2, 4, 2
    scores = decoders.scores(torch.randn(n, H, L, 5), torch.randn(n, H, L, 5))
    divisor, weight = (torch.from_numpy(rng.normal(size=(n, H, L))).float() for _ in range(2))
    found = edits.weights(scores, divisor, weight, shown)
    for h in range(H):
        A = np.zeros((n, L, L))
        for s, i in np.ndindex(n, L):
            row = np.exp(scores[s, h, i, : i + 1].numpy())
            for j in range(i + 1):
                factor = float(weight[s, h, j] - divisor[s, h, i])
                A[s, i, j] = row[j] / row.sum() * np.exp(factor)
        A /= A[:shown].sum(-1).mean()
        np.testing.assert_allclose(found[:, h], A, rtol=1e-4, atol=1e-6)


def test_what_is_common_to_all_rows_of_a_head_is_no_edit():
    scores = decoders.scores(torch.randn(4, 2, 6, 3), torch.randn(4, 2, 6, 3))
    common = torch.tensor([1e4, -1e4])[:, None].expand(4, 2, 6)
    found = edits.weights(scores, common, -common, 2)
    torch.testing.assert_close(found, scores.softmax(-1), rtol=1e-2, atol=1e-3)


def test_nothing_overflows_on_rows_that_were_not_shown():
    scores = decoders.scores(torch.randn(4, 1, 6, 3), torch.randn(4, 1, 6, 3))
    divisor = torch.zeros(4, 1, 6)
    divisor[2:] = -1e4
    found = edits.weights(scores, divisor, torch.zeros(4, 1, 6), 2)
    assert torch.isfinite(found).all()
    assert float(found.max()) == pytest.approx(np.exp(edits.LARGEST), rel=1e-5)
    assert float(found[:2].sum(-1).mean()) == pytest.approx(1, rel=1e-5)


def test_half_of_the_change_is_moved_where_half_of_the_rows_go():
    plain = torch.full((1, 1, 4, 4), 0.25)
    changed = plain.clone()
    changed[:, :, :2], changed[:, :, 2:] = 0, 0.5
    now = edits.Edited(maps=[changed, plain], plain=[plain, plain])
    assert now.moved().tolist() == [0.25]


# ---------------------------------------------------------------------------------------------


def test_losses_are_those_of_a_loop():
    world = triggers(np.random.default_rng(0), 9, 2, 2)
    tokens = world.draw(np.random.default_rng(1), 5, 12)
    logits = torch.randn(5, 12, 9)
    p = logits.softmax(-1).double().numpy()
    found = skills.losses(world, tokens, logits)
    context, free = world.in_context(tokens), world.in_weights(tokens)
    for s in range(5):
        told = [-np.log(p[s, i, tokens[s, i + 1]]) for i in np.flatnonzero(context[s])]
        law = [world.table[world.classes[tokens[s, i - 1]], tokens[s, i]] for i in range(12)]
        lost = [(law[i] * np.log(law[i] / p[s, i])).sum() for i in np.flatnonzero(free[s])]
        assert found.sums[s] == pytest.approx([sum(told), sum(lost)], rel=1e-5)
        assert found.counts[s].tolist() == [len(told), len(lost)]
    whole = found.means(slice(None))
    assert whole == pytest.approx(found.sums.sum(0) / found.counts.sum(0))


def test_who_knows_the_law_and_the_answer_loses_nothing():
    world = triggers(np.random.default_rng(0), 9, 2, 2)
    tokens = world.draw(np.random.default_rng(1), 5, 12)
    p = world.law(tokens)
    where = world.in_context(tokens)
    p[:, :-1][where[:, :-1]] = np.eye(9)[tokens[:, 1:][where[:, :-1]]]
    lost = skills.losses(world, tokens, torch.from_numpy(np.log(p + 1e-30)))
    assert lost.means(slice(None)) == pytest.approx([0, 0], abs=1e-6)
    chance, divergence = skills.ignorant(world, tokens)
    assert chance == pytest.approx(np.log(7)) and divergence > 0.1


def test_shares_and_selectivity_at_their_ends():
    dense, none = np.array([0.1, 0.2]), np.array([3.1, 1.2])
    assert skills.left(dense, dense, none).tolist() == [1, 1]
    assert skills.left(none, dense, none).tolist() == [0, 0]
    assert skills.left(none + 1, dense, none).tolist() == [0, 0]
    assert skills.left(np.array([1.6, 0.2]), dense, none) == pytest.approx([0.5, 1])
    assert skills.selectivity(np.array([[0, 1], [1, 1], [0, 0], [0.5, 0.8]])) == pytest.approx(
        [1, 0, 0, 0.4]
    )


def test_keys_that_tell_follow_an_earlier_token_like_the_rows_own():
    tokens = np.random.default_rng(0).integers(3, size=(4, 9))
    found = skills.followed(tokens)
    for s, i, j in np.ndindex(4, 9, 9):
        tells = 2 <= j <= i and tokens[s, j - 1] == tokens[s, i]
        assert bool(found[s, i, j]) == tells


# ---------------------------------------------------------------------------------------------


def test_a_row_comes_sorted_rounded_and_alone_and_its_answer_returns_to_its_place(exam, dense):
    seen: list[Arrays] = []

    def predict(inputs: Arrays) -> Arrays:
        seen.append(inputs)
        of = inputs["layer"] * 0.1 + inputs["head"] * 0.01
        if "norm" in inputs:
            return {"log_weight": of}
        return {"log_divisor": of + inputs["n"]}

    outputs = answered(exam, predict)
    n, length = dense.tokens.shape
    heads = exam.facts["heads"]
    wanted = np.arange(1, length + 1) + 0.01 * np.arange(heads)[:, None]
    for number in range(len(task.PATH)):
        for layer in range(2):
            rows = outputs[f"{number}/row{layer}"]
            np.testing.assert_allclose(rows, np.tile(wanted + 0.1 * layer, (n, 1, 1)), rtol=1e-5)
    rows = [inputs for inputs in seen if "scores" in inputs]
    # The first layer once, the second at every t, and some of both again.
    assert len(rows) == 1 + len(task.PATH) + 1
    for inputs in rows:
        assert set(inputs) == {"scores", "n", "layer", "head"}
        scores, count = inputs["scores"], inputs["n"]
        assert (scores[:, 1:] <= scores[:, :-1]).all()
        np.testing.assert_array_equal(np.isfinite(scores).sum(1), count)
        finite = scores[np.isfinite(scores)] * asking.GRID
        np.testing.assert_array_equal(finite, finite.round())
    assert set(rows[-1]["layer"].tolist()) == {0, 1}
    first = rows[0]["n"]
    assert (first[:200] != first[200:400]).any() and len(set(first[:200].tolist())) > 8
    assert all({"norm", "layer", "head"} == set(inputs) for inputs in seen if "norm" in inputs)


def test_no_answer_is_no_edit(exam):
    outputs = examined(exam, icl_ablation_none)
    assert not any(of.any() for of in outputs.values())
    assert all(of.dtype == np.float32 for of in outputs.values())


@pytest.mark.parametrize(
    "answer, message",
    [
        (lambda m: {"log_divisor": np.zeros(m - 1)}, "must have shape"),
        (lambda m: {"log_divisor": np.zeros((m, 2))}, "must have shape"),
        (lambda m: {"divisor": np.zeros(m)}, "'log_divisor'.* is missing"),
        (lambda m: {"log_divisor": np.zeros(m, int)}, "must be float"),
    ],
)
def test_an_answer_of_another_form_is_refused(exam, answer, message):
    with pytest.raises(Refused, match=message):
        answered(exam, lambda inputs: {} if "norm" in inputs else answer(len(inputs["n"])))


def test_weights_of_keys_rise_or_fall_with_the_norm(exam):
    def weighing(of):
        return answered(
            exam, lambda inputs: {"log_weight": of(inputs["norm"])} if "norm" in inputs else {}
        )

    assert weighing(lambda norm: -(norm**2))["0/key0"].any()
    assert weighing(np.sqrt)["0/key0"].any()
    with pytest.raises(Refused, match="must rise or fall with the norm"):
        weighing(np.sin)


# ---------------------------------------------------------------------------------------------


def test_edits_are_scored_for_what_they_are(exam):
    found = {name: task.score(exam, {}, examined(exam, edit)) for name, edit in EDITS.items()}
    none = found["none"]
    assert (none.visible, none.heldout) == pytest.approx((1, 1), abs=1e-3)
    assert none.extra["found"] == 0 and none.extra["edit"] < 1e-4 and none.extra["touched"] == 0
    for name, scores in found.items():
        extra = scores.extra
        assert scores.quality == scores.heldout == pytest.approx(1 - extra["selectivity"])
        wanted = extra["in_weights"] * (1 - extra["in_context"])
        assert extra["selectivity"] == pytest.approx(wanted)
        assert extra["found"] == (scores.visible <= 1 - task.ENOUGH)
        if name in ("baseline", "power", "density"):
            assert 0 < extra["touched"] <= exam.facts["heads"]  # of the second layer alone
            assert extra["best"] > 0.5
    assert found["power"].extra["edit"] < found["baseline"].extra["edit"]


def test_a_score_does_not_depend_on_the_order_of_questions(exam):
    first = task.score(exam, {}, examined(exam, icl_ablation_power))
    truth = {**exam.truth, "again": exam.truth["again"] + 1}
    other = replace(exam, truth=truth)
    second = task.score(other, {}, examined(other, icl_ablation_power))
    assert second.heldout == pytest.approx(first.heldout, abs=1e-6)
    assert second.extra["edit"] == pytest.approx(first.extra["edit"], abs=1e-6)


def test_a_second_model_is_edited_alike_at_full(exam, monkeypatch):
    smoke = task.SCALES["smoke"]
    both = replace(smoke, models={**smoke.models, "other": smoke.models["induction"]})
    monkeypatch.setitem(task.SCALES, "full", both)
    full = task.make(0, "full")
    np.testing.assert_array_equal(full.train["tokens"], exam.train["tokens"])
    weights = {name for name in full.truth if name.startswith("other/")}
    assert any((full.truth[of] != full.truth[f"model/{of[6:]}"]).any() for of in weights)
    scores = task.score(full, {}, examined(full, icl_ablation_power))
    assert 0 <= scores.extra["transfer"] <= 1
    assert "transfer" not in task.score(exam, {}, examined(exam, icl_ablation_power)).extra


def test_series_have_the_columns_of_the_charts(exam):
    scores = task.score(exam, {}, examined(exam, icl_ablation_power))
    for chart in TASK.charts:
        series = scores.series[chart.series]
        assert {chart.x, chart.y, chart.facet} - {None} <= series.keys()
        assert len({len(of) for of in series.values()}) == 1
    assert set(scores.series["path"]["skill"]) == {"S", "in context", "in weights"}


def test_the_target_wants_a_t_in_each_exam_and_selectivity_on_unseen_sequences():
    good = {"found": 1.0, "heldout": 0.3}
    assert task.shortfall(good, {}) == ""
    assert "in 20% of the exams" in task.shortfall({**good, "found": 0.8}, {})
    assert task.shortfall({**good, "heldout": 0.31}, {}) == (
        "S 0.69 on unseen sequences, wanted at least 0.7"
    )
    assert len(task.shortfall({"found": 0.0, "heldout": 1.0}, {}).split("; ")) == 2
