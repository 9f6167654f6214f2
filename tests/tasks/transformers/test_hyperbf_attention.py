"""Heads as Gaussian kernels: the exam, what is read, what the scale is, the submissions."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.transformers import hyperbf_attention as baseline
from submissions.references.transformers import (
    hyperbf_attention_basis,
    hyperbf_attention_deviation,
    hyperbf_attention_distilled,
    hyperbf_attention_sphere,
    hyperbf_attention_tied,
    hyperbf_attention_tied_distilled,
    hyperbf_attention_tied_offset,
    hyperbf_attention_uniform,
)
from tasks._data import decoders
from tasks._data.dense import Dense, restored
from tasks._data.triggers import triggers
from tasks.transformers import hyperbf_attention as task
from tasks.transformers.hyperbf_attention import TASK

CODES = {
    "baseline": baseline,
    "basis": hyperbf_attention_basis,
    "deviation": hyperbf_attention_deviation,
    "distilled": hyperbf_attention_distilled,
    "sphere": hyperbf_attention_sphere,
    "tied": hyperbf_attention_tied,
    "tied_distilled": hyperbf_attention_tied_distilled,
    "tied_offset": hyperbf_attention_tied_offset,
    "uniform": hyperbf_attention_uniform,
}


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


def fitted(exam: Exam, code: Any) -> Arrays:
    """Return what a submission learns, without the wall."""
    found: Arrays = code.fit(exam.train, Context(0, 60.0, 1, "cpu", exam.facts))
    return found


def exact(exam: Exam) -> Arrays:
    """Return the baseline in single precision."""
    context = Context(0, 60.0, 1, "cpu", exam.facts)
    return {
        f"{name}{layer}": of.astype(np.float32)
        for layer in range(exam.facts["layers"])
        for name, of in zip(
            ("A", "ua", "B", "ub"), baseline.own(exam.train, context, layer), strict=True
        )
    }


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    json.dumps(exam.facts)
    for part in ("train", "truth"):
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
    assert exam.inputs == {}
    assert (exam.facts["heads"], exam.facts["head_size"]) == (2, 16)


def test_what_submissions_take_for_the_models_weights_are_its_weights(exam):
    dense = restored(exam.truth)
    _, layers = decoders.recorded(dense.model, dense.tokens[:16])
    for seen in layers:
        maps = [torch.from_numpy(exact(exam)[f"{key}{seen.layer}"]) for key in task.Maps._fields]
        x = torch.from_numpy(exam.train[f"x{seen.layer}"])
        query, center = hyperbf_attention_distilled.projected(x, maps)
        found = hyperbf_attention_distilled.log_weights(query, center).exp()
        torch.testing.assert_close(found, decoders.maps(seen.query, seen.key), rtol=1e-4, atol=1e-5)


def test_submissions_balance_as_the_task_does(exam):
    x = torch.from_numpy(exam.train["x0"])
    maps = task._own(exam)[0]
    query, center = hyperbf_attention_distilled.projected(x, maps)
    found = hyperbf_attention_distilled.balanced(
        query, center, hyperbf_attention_distilled.median_deviation
    )
    wanted = maps.scaled(*task.gauge(maps, x))
    torch.testing.assert_close(found[0], wanted.queries(x), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found[1], wanted.centers(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("s", [0.25, 8.0, 64.0])
def test_the_scale_decides_all_without_balance_and_nothing_with_it(exam, s):
    own = exact(exam)
    by = {"A": s, "ua": s, "B": 1 / s, "ub": 1 / s}
    scaled = {name: (of * by[name[:-1]]).astype(np.float32) for name, of in own.items()}
    one, other = task.score(exam, own, {}), task.score(exam, scaled, {})
    assert (one.visible, one.heldout) == (other.visible, other.heldout)
    assert one.extra["by_deviation"] == pytest.approx(other.extra["by_deviation"])
    assert (other.extra["raw"] > one.extra["raw"]) == (s > 1)
    if s == 64:
        assert other.extra["raw"] > 0.9999


def test_uniform_attention_is_the_unit(exam):
    scores = task.score(exam, fitted(exam, hyperbf_attention_uniform), {})
    assert (scores.visible, scores.heldout, scores.quality) == pytest.approx((1, 1, 0), abs=1e-6)
    dense = restored(exam.truth)

    def attend(seen: decoders.Seen) -> torch.Tensor:
        n = seen.value.shape[2]
        return torch.ones(n, n).tril() / torch.arange(1, n + 1)[:, None] @ seen.value

    lost = decoders.divergence(
        decoders.logits(dense.model, dense.tokens),
        decoders.logits(dense.model, dense.tokens, attend),
    )
    assert scores.extra["uniform_nats"] == pytest.approx(float(lost[16:].mean()), rel=1e-4)


def test_one_map_needs_no_scale_and_is_the_same_as_two_that_are_equal(exam):
    tied = fitted(exam, hyperbf_attention_tied_distilled)
    A = torch.from_numpy(tied["A0"].astype(np.float32))
    u = torch.from_numpy(tied["ua0"].astype(np.float32))
    t, back = task.gauge(task.Maps(A, u, A, u), torch.from_numpy(exam.train["x0"]))
    torch.testing.assert_close(t, torch.ones_like(t))
    torch.testing.assert_close(back, torch.ones_like(t))
    twice = tied | {f"{'B' if n[0] == 'A' else 'ub'}{n[-1]}": of for n, of in tied.items()}
    one, other = task.score(exam, tied, {}), task.score(exam, twice, {})
    assert one.heldout == other.heldout
    assert (one.extra["tied"], other.extra["tied"]) == (1, 0)
    half = {name: of for name, of in twice.items() if name not in ("B1", "ub1")}
    assert task.read(half, exam.facts)[1] == 0.5


def test_where_both_stand_makes_no_difference_to_one_map(exam):
    tied = fitted(exam, hyperbf_attention_tied)
    moved = tied | {"ua0": tied["ua0"] + 3}
    one, other = task.score(exam, tied, {}), task.score(exam, moved, {})
    assert one.heldout == pytest.approx(other.heldout, rel=1e-4)
    apart = task.score(exam, moved | {"ub0": tied["ua0"]}, {})
    assert abs(apart.heldout - one.heldout) > 1e-3


def test_a_change_of_basis_keeps_products_and_an_origin_keeps_weights(exam):
    own = [torch.from_numpy(exact(exam)[f"{key}0"]) for key in task.Maps._fields]
    draw = torch.Generator().manual_seed(0)
    R = torch.eye(16) + 0.1 * torch.randn(2, 16, 16, generator=draw)
    turned = hyperbf_attention_basis.turned(own, (R, torch.zeros(2, 16)))
    x = torch.from_numpy(exam.train["x0"])
    products = [
        query @ center.mT
        for query, center in (hyperbf_attention_distilled.projected(x, of) for of in (own, turned))
    ]
    torch.testing.assert_close(*products, rtol=1e-3, atol=1e-3)


def test_keys_of_one_length_are_a_normalized_hyperbf_network_and_others_are_not():
    rng = np.random.default_rng(0)
    world = triggers(rng, 20, 3, 2)
    shape = decoders.Shape(n_heads=2, width=32, length=32, batch=8, steps=30, rate=5e-3)
    found = {}
    for cosine in (True, False):
        recipe = {**vars(shape), "cosine": cosine, "n_triggers": 3, "seed": 0}
        arrays = decoders.learn(
            classes=world.classes.tolist(), table=world.table.tolist(), **recipe
        )
        weights = {n: of for n, of in arrays.items() if n not in ("accuracy", "divergence")}
        dense = Dense(decoders.unpacked(weights), world.draw(rng, 8, 32))
        found[cosine] = task.control(dense)
    plain, balanced = found[True]
    assert abs(plain) < 1e-8 < balanced
    assert found[False][0] > 1e-5


def test_codes_stand_in_the_order_of_what_they_can_say(exam):
    of = {name: task.score(exam, fitted(exam, code), {}) for name, code in CODES.items()}
    assert 2 * of["distilled"].heldout < of["basis"].heldout
    assert 2 * of["basis"].heldout < of["baseline"].heldout
    assert of["deviation"].extra["by_deviation"] > of["distilled"].extra["by_deviation"]
    tied = ("tied", "tied_distilled", "tied_offset")
    assert min(of[name].heldout for name in tied) > 0.5
    for name, scores in of.items():
        numbers = {"visible": scores.visible, "heldout": scores.heldout}
        lacks = task.shortfall(numbers, {})
        if name != "sphere":  # which some draws of a model are near and others far from
            assert bool(lacks) == (name in (*tied, "uniform")), (name, lacks)
        assert scores.quality == 1 - scores.heldout == 1 - scores.extra["open"]
        assert scores.extra["tied"] == (name in (*tied, "uniform"))
        assert scores.stderr < 0.2 and (scores.stderr > 0) == (name != "uniform")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda of: {}, "missing"),
        (lambda of: of | {"A0": of["A0"][:1]}, "must have shape"),
        (lambda of: of | {"ub1": of["ub1"][:, :5]}, "as many rows, 1 to 16"),
        (lambda of: {name: one[:, :0] for name, one in of.items()}, "as many rows, 1 to 16"),
        (lambda of: of | {"ua0": of["ua0"].astype(int)}, "must be float"),
        (lambda of: of | {"ua0": of["ua0"] * 0 + 2e4}, "above 10000"),
        (lambda of: of | {"C0": of["A0"]}, "not wanted"),
    ],
)
def test_what_are_no_maps_is_refused(exam, change, message):
    with pytest.raises(Refused, match=message):
        task.read(change(exact(exam)), exam.facts)


def test_fewer_dimensions_are_allowed_and_the_largest_numbers_still_have_a_score(exam):
    fewer = {name: of[:, :4] for name, of in exact(exam).items()}
    assert task.score(exam, fewer, {}).heldout > 0.01
    largest = {name: np.sign(of) * task.LARGEST for name, of in exact(exam).items()}
    assert np.isfinite(task.score(exam, largest, {}).heldout)


def test_both_sides_must_close(exam):
    good, bad = 0.3, 0.31
    assert task.shortfall({"visible": good, "heldout": good}, {}) == ""
    assert "on unseen" in task.shortfall({"visible": good, "heldout": bad}, {})
    assert "on shown" in task.shortfall({"visible": bad, "heldout": good}, {})


def test_series_have_the_columns_of_the_charts(exam):
    scores = task.score(exam, fitted(exam, baseline), {})
    for chart in TASK.charts:
        series = scores.series[chart.series]
        assert {chart.x, chart.y, chart.facet, chart.guide} - {None} <= series.keys()
        assert len({len(of) for of in series.values()}) == 1
    gauge = scores.series["gauge"]
    assert (np.diff(gauge["own"]) < 0).all()
    np.testing.assert_allclose(gauge["nats"], gauge["own"], rtol=0.05, atol=1e-5)
    assert len(scores.series["heads"]["alone"]) == 4
    assert 0 < scores.extra["antisymmetric"] < 1
