"""Thinned attention: the exam, what is kept, what is lost, the submissions."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from harness import arrays as named
from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.transformers import attention_sparsity as baseline
from submissions.references.transformers import (
    attention_sparsity_projection,
    attention_sparsity_random,
    attention_sparsity_static,
    attention_sparsity_threshold,
    attention_sparsity_window,
)
from tasks._data import decoders, texts
from tasks._data.dense import Dense, Scale, restored
from tasks.transformers import attention_sparsity as task
from tasks.transformers.attention_sparsity import TASK, masks
from tasks.transformers.attention_sparsity.maps import survey

RULES = {
    "baseline": baseline,
    "projection": attention_sparsity_projection,
    "random": attention_sparsity_random,
    "static": attention_sparsity_static,
    "threshold": attention_sparsity_threshold,
    "window": attention_sparsity_window,
}


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


def examined(exam: Exam, rule: Any) -> tuple[Arrays, Arrays]:
    """Return what a submission learns and answers, without the wall."""

    def fit(train: Arrays, facts: Any) -> Arrays:
        found: Arrays = rule.fit(train, Context(0, 60.0, 1, "cpu", {**exam.facts, **facts}))
        return found

    def predict(inputs: Arrays, part: str) -> Arrays:
        answers: Arrays = rule.predict(named.part(artifact, part), inputs)
        return answers

    artifact = task.teach(exam, fit)  # type: ignore[arg-type]
    return artifact, task.ask(exam, artifact, predict)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    for part in ("train", "inputs", "truth"):
        first, second, third = (getattr(e, part) for e in (exam, again, other))
        assert first.keys() == second.keys() == third.keys()
        for name in first:
            assert first[name].tobytes() == second[name].tobytes()
            assert (first[name].shape, first[name].dtype) == (third[name].shape, third[name].dtype)
        differ = [name for name in first if first[name].tobytes() != third[name].tobytes()]
        # Biases of queries may stay; what configures the model does.
        assert len(differ) > 0.9 * len(first) - 2


def test_half_of_the_questions_was_shown_and_no_token_is(exam):
    shown = {row.tobytes() for row in exam.train["induction/q0"]}
    asked = {row.tobytes() for row in exam.inputs["induction/q0"]}
    assert len(shown) == 16 and len(asked) == 32 and shown < asked
    letters = {name.rpartition("/")[2] for name in (*exam.train, *exam.inputs)}
    assert letters == {f"{letter}{layer}" for letter in "qkv" for layer in "01"}
    json.dumps(exam.facts)


def test_what_is_shown_is_what_the_model_attends_with(exam):
    dense = restored(named.part(exam.truth, "induction"))
    given, order = named.part(exam.inputs, "induction"), exam.truth["induction/order"]

    def attend(seen: decoders.Seen) -> torch.Tensor:
        query, key, value = (torch.from_numpy(given[f"{letter}{seen.layer}"]) for letter in "qkv")
        return decoders.maps(query, key) @ value

    tokens = dense.tokens[order]
    torch.testing.assert_close(
        decoders.logits(dense.model, tokens, attend),
        decoders.logits(dense.model, tokens),
        rtol=1e-3,
        atol=1e-3,
    )
    assert dense.accuracy >= task.SCALES["smoke"].models["induction"].learned


# ---------------------------------------------------------------------------------------------
# What is kept and lost


def packed(mask: np.ndarray) -> np.ndarray:
    return np.packbits(mask.reshape(len(mask), -1), axis=1)


def test_masks_are_read_as_they_were_packed_but_for_the_future():
    mask = np.random.default_rng(0).random((3, 2, 5, 5)) < 0.5
    found = masks.unpacked(packed(mask), 2, 5)
    np.testing.assert_array_equal(found, mask & np.tri(5, dtype=bool))


def test_the_budget_is_a_share_of_the_pairs_that_there_are():
    assert masks.most(1 / 8, 4, 64) == 4 * 64 * 65 // 2 // 8
    assert masks.most(1, 3, 7) == 3 * masks.admissible(7).sum()


def test_who_keeps_all_loses_nothing_and_a_row_without_keys_gives_zero():
    rng = torch.Generator().manual_seed(0)
    query, key, value = torch.randn(3, 2, 2, 6, 4, generator=rng)
    seen = decoders.Seen(0, torch.empty(0), query, key, value)
    mask = torch.ones(6, 6, dtype=torch.bool).tril().expand(2, 2, 6, 6).clone()
    torch.testing.assert_close(masks.thinned(seen, mask), decoders.own(seen))
    mask[0, 1, 3] = False
    found = masks.thinned(seen, mask)
    assert (found[0, 1, 3] == 0).all()
    torch.testing.assert_close(found[1], decoders.own(seen)[1])
    one = mask.clone()
    one[:, :, 5] = False
    one[:, :, 5, 2] = True
    torch.testing.assert_close(masks.thinned(seen, one)[:, :, 5], value[:, :, 2])


def test_divergences_of_all_pairs_are_none_and_of_no_pairs_are_large(exam):
    dense = restored(named.part(exam.truth, "induction"))
    every = np.broadcast_to(masks.admissible(32), (32, 2, 32, 32)).copy()
    np.testing.assert_allclose(
        masks.divergences(dense.model, dense.tokens, [every] * 2), 0, atol=1e-6
    )
    none = masks.divergences(dense.model, dense.tokens, [np.zeros_like(every)] * 2)
    assert none.shape == (32,) and none.min() > 0.1


def test_recall_is_the_weight_of_what_is_kept():
    query = np.zeros((1, 1, 4, 2), np.float32)  # equal weights on all that came before
    mask = np.zeros((1, 1, 4, 4), bool)
    mask[..., 0] = True
    found = masks.recall(query, query, mask)
    assert found == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_maps_of_equal_scores_are_not_sparse_and_those_of_one_key_are():
    query = torch.ones(2, 3, 12, 4)
    even = survey(query, torch.zeros(2, 3, 12, 4))
    sharp = survey(query, 50 * torch.eye(12)[:, :1].expand(2, 3, 12, 4))
    assert even["gini"].shape == (3,)
    for name, low, high in (
        ("gini", 0, 0.85),
        ("hoyer", 0, 1),
        ("entropy", 1, 0),
        ("sink", None, 1),
    ):
        if low is not None:
            np.testing.assert_allclose(even[name], low, atol=1e-6)
        np.testing.assert_allclose(sharp[name], high, atol=0.06)
    lengths = np.arange(8, 13)
    np.testing.assert_allclose(even["sink"], (1 / lengths).mean(), rtol=1e-6)
    np.testing.assert_allclose(sharp["holding"], (1 / lengths).mean(), rtol=1e-6)


# ---------------------------------------------------------------------------------------------
# The score


def test_the_order_of_questions_does_not_matter(exam):
    artifact, outputs = examined(exam, baseline)
    scores = task.score(exam, artifact, outputs)
    turn = np.random.default_rng(5).permutation(32)
    inputs = {name: of[turn] for name, of in exam.inputs.items()}
    truth = {**exam.truth, "induction/order": exam.truth["induction/order"][turn]}
    other = Exam(exam.train, inputs, truth, exam.facts)
    turned = {name: of if "/cut" in name else of[turn] for name, of in outputs.items()}
    again = task.score(other, artifact, turned)
    for name in ("visible", "heldout", "quality", "stderr"):
        assert getattr(again, name) == pytest.approx(getattr(scores, name), rel=1e-4)


def test_series_have_the_columns_of_the_charts(exam):
    scores = task.score(exam, *examined(exam, baseline))
    for chart in TASK.charts:
        series = scores.series[chart.series]
        assert {chart.x, chart.y, chart.facet} - {None} <= series.keys()
        assert len({len(of) for of in series.values()}) == 1
    assert scores.stderr > 0 and scores.extra["kept_bytes"] > 0


def test_rules_stand_in_the_order_of_what_they_know(exam):
    lost = {name: task.score(exam, *examined(exam, rule)) for name, rule in RULES.items()}
    assert all(of.extra["overspent"] == 0 for of in lost.values())
    worst = min(lost[name].heldout for name in ("random", "window", "static"))
    best = max(lost[name].heldout for name in ("baseline", "threshold", "projection"))
    assert best < worst
    assert lost["threshold"].extra["kept_bytes"] < lost["baseline"].extra["kept_bytes"]
    streaming = {name for name, of in lost.items() if of.extra["streaming"]}
    assert "baseline" in streaming and "threshold" not in streaming
    own = {
        name: TASK.metric.shortfall(numbers(of), numbers(lost["baseline"]))
        for name, of in lost.items()
    }
    assert not own["baseline"] and all(own[name] for name in ("random", "window", "static"))


def numbers(scores: Any) -> dict[str, float]:
    return {"visible": scores.visible, "heldout": scores.heldout}


def test_a_rule_that_remembers_streams_and_one_that_looks_ahead_does_not(exam):
    artifact, outputs = examined(exam, baseline)
    assert task.score(exam, artifact, outputs).extra["streaming"] == 1
    cut = outputs["induction/cut1/mask0"].copy()
    cut[0, 0] ^= 0b10000000  # the first query's own key
    changed = {**outputs, "induction/cut1/mask0": cut}
    assert task.score(exam, artifact, changed).extra["streaming"] == 0


def test_shortfall_speaks_of_the_side_that_lacks():
    own = {"visible": 0.1, "heldout": 0.2}
    assert task.shortfall({"visible": 0.175, "heldout": 0.35}, own) == ""
    assert "unseen" in task.shortfall({"visible": 0.1, "heldout": 0.36}, own)
    assert "shown" in task.shortfall({"visible": 0.18, "heldout": 0.2}, own)
    assert task.shortfall({"visible": np.nan, "heldout": 0.2}, own)


# ---------------------------------------------------------------------------------------------
# Full size


def test_full_size_offline_is_refused_and_says_what_to_do(monkeypatch):
    monkeypatch.delenv("HARNESS_ONLINE", raising=False)
    monkeypatch.setattr(texts, "GPT2", "openai-community/gpt2-that-is-not-here")
    with pytest.raises(Refused, match="size full needs the hub model .* run with --online"):
        task.make(0, "full")


def test_a_model_and_a_text_laid_out_like_those_of_the_hub_are_thinned(monkeypatch, tmp_path):
    laid_out(tmp_path, monkeypatch)
    monkeypatch.setitem(
        task.SCALES, "full", Scale({"gpt2": decoders.Shape(length=16)}, n_sequences=8)
    )
    exam = task.make(0, "full")
    assert exam.train["gpt2/q1"].shape == (4, 2, 16, 4)
    assert task.told(exam, "gpt2") == {
        "model": "gpt2", "layers": 2, "heads": 2, "length": 16, "head_size": 4,
    }  # fmt: skip
    scores = task.score(exam, *examined(exam, baseline))
    assert scores.heldout >= 0 and np.isnan(scores.extra["accuracy_gpt2"])


def laid_out(folder, monkeypatch) -> None:
    """Write a small GPT-2 with its tokenizer, and a text, as the hub has them."""
    import datasets
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    words = [f"w{i}" for i in range(30)]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, "w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder / "gpt2")
    config = GPT2Config(
        vocab_size=30, n_positions=32, n_embd=8, n_layer=2, n_head=2,
        bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    GPT2LMHeadModel(config).save_pretrained(folder / "gpt2")
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(words, 20)) + "\n" for _ in range(10)]
    (folder / "wikitext").mkdir()
    datasets.Dataset.from_dict({"text": lines}).to_parquet(
        folder / "wikitext" / "validation.parquet"
    )
    (folder / "wikitext" / "README.md").write_text(
        "---\nconfigs:\n- config_name: wikitext-2-raw-v1\n  data_files:\n"
        "  - split: validation\n    path: validation.parquet\n---\n"
    )
    monkeypatch.setattr(texts, "GPT2", folder / "gpt2")
    monkeypatch.setattr(texts, "WIKITEXT", folder / "wikitext")
    monkeypatch.setattr(texts, "WIKITEXT_REVISION", None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))


def test_nothing_else_is_wanted_of_predict(exam):
    def answers(inputs: Arrays, part: str, name: str = "mask2") -> Arrays:
        return {**baseline.predict({}, inputs), name: np.zeros((1, 1), np.uint8)}

    with pytest.raises(Refused, match="'mask2'.* is not wanted"):
        task.ask(exam, {}, partial(answers))  # type: ignore[arg-type]
    assert isinstance(restored(named.part(exam.truth, "induction")), Dense)
