"""Complexities: the exam, its truth, what refutes, the rules, the measure, the submissions."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest

from harness import catalog
from harness.sandbox import Nursery
from harness.vocabulary import Arrays, Context, Exam, Facts, Refused
from submissions.baselines.generalization import rademacher as baseline
from submissions.references.generalization import rademacher_best_of as best_of
from submissions.references.generalization import rademacher_covering as covering
from tasks.generalization import rademacher as task
from tasks.generalization.rademacher import TASK, classes, questions
from tasks.generalization.rademacher.classes import KINDS, NORMS, SCALES, SHOWN, Class, Scale
from tests import zoo

REFERENCES = [name for name in catalog.submissions("rademacher") if name != "baseline"]
VALID = ["best_of", "covering", "every_rank", "peeling", "range"]
TINY = Scale((16, 20), 5, 4, 40, 3)


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = str(tmp_path_factory.mktemp("cache"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: folder)
        yield


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make smoke smaller still."""
    monkeypatch.setitem(SCALES, "smoke", TINY)


def module(name: str) -> Any:
    if name == "baseline":
        return baseline
    return importlib.import_module(f"submissions.references.generalization.rademacher_{name}")


class Predicts:
    """`predict` of a module without a wall, which takes as long as it is told."""

    def __init__(self, rule: Any, each: float = 0.0) -> None:
        self.rule, self.each, self.seconds, self.parts = rule, each, 0.0, []

    def __call__(self, inputs: Arrays, part: str | None = None) -> Arrays:
        self.parts.append(part)
        self.seconds += self.each
        return self.rule({name: array.copy() for name, array in inputs.items()})


def taught(exam: Exam, name: str) -> Arrays:
    def fit(train: Arrays, facts: Facts | None = None) -> Arrays:
        return module(name).fit(train, Context(0, 60.0, 1, "cpu", exam.facts))

    return task.teach(exam, fit)


def numbers(exam: Exam, name: str) -> dict[str, float]:
    artifact = taught(exam, name)
    outputs = task.ask(exam, artifact, Predicts(lambda q: module(name).predict({}, q)))
    scores = task.score(exam, artifact, outputs)
    own = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return own | {"stderr": scores.stderr} | dict(scores.extra)


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(
    tiny, tmp_path, monkeypatch
):
    np.random.seed(5)
    caches = (str(tmp_path / str(k)) for k in range(3))  # what is kept would be the same
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: next(caches))
    exam, again, other = (task.make(seed, "smoke") for seed in (0, 0, 1))
    for part in ("train", "inputs", "truth"):
        first, same, different = (getattr(one, part) for one in (exam, again, other))
        assert first.keys() == same.keys() == different.keys()
        for name, array in first.items():
            np.testing.assert_array_equal(array, same[name])
            assert array.shape == different[name].shape and array.dtype == different[name].dtype
    assert not np.array_equal(exam.truth["estimate"], other.truth["estimate"])
    assert exam.facts == again.facts == other.facts


def test_what_is_asked_has_the_form_of_the_sheet(exam):
    m = exam.facts["n_questions"]
    shapes = {name: array.shape for name, array in exam.inputs.items()}
    assert shapes == {
        "L": (m,), "widths": (m, 4), "norm": (m,), "s": (m, 3), "r": (m, 3), "act": (m,),
        "n": (m,), "sv": (m, 12), "row": (m, 48),
    }  # fmt: skip
    told = exam.train.keys() - exam.inputs.keys()
    assert told == {"estimate", "limit"} and len(exam.train["n"]) == exam.facts["n_shown"]
    for q in (exam.train, exam.inputs):
        np.testing.assert_allclose((q["sv"] ** 2).sum(1), (q["row"] ** 2).sum(1))
        assert ((q["row"] > 0).sum(1) == q["n"]).all()
        beyond = np.arange(3) >= q["L"][:, None]
        assert (q["s"][beyond] == 1).all() and (q["r"][beyond] == 1).all()
        assert (q["widths"][:, 1:][beyond] == 1).all() and (q["widths"].min(1) >= 1).all()
        last = q["widths"][np.arange(len(q["L"])), q["L"]]
        assert (last[q["act"] == 1] == 1).all()


def test_what_was_shown_is_asked_among_the_rest_and_new_samples_are_new(exam):
    shown, asked = (np.round(q["sv"] / q["sv"][:, :1], 9) for q in (exam.train, exam.inputs))
    known = (asked[:, None] == shown).all(-1).any(1)
    spread = exam.truth["order"][known]
    assert set(spread) == set(range(exam.facts["n_shown"]))
    kinds = np.array(KINDS)[exam.truth["kind"]]
    assert set(kinds[: exam.facts["n_shown"]]) == set(SHOWN) and set(kinds) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_is_what_its_kind_says(kind):
    X = classes.sample(np.random.default_rng(0), kind, 96, 12)
    assert X.shape == (96, 12)
    length = np.linalg.norm(X, axis=1)
    sv = np.linalg.svd(X, compute_uv=False)
    if kind == "duplicated":
        assert len(np.unique(X, axis=0)) <= 12
    elif kind == "spiked":
        assert sv[0] > 4 * sv[1]
    elif kind == "cone":
        unit = X / length[:, None]
        assert (unit @ unit.T).min() > 0.5
    elif kind == "orthogonal":
        np.testing.assert_allclose(sv, sv[0])
    elif kind == "heavy":
        assert length.max() > 5 * np.median(length)
    elif kind == "planted":
        assert sv[2] > 5 * sv[3]
    else:
        assert sv[0] < 2.5 * sv[-1] and length.max() < 5 * length.min()


# ---------------------------------------------------------------------------------------------
# The truth


def networks(c: Class, rng: np.random.Generator, n: int) -> Iterator[list[np.ndarray]]:
    """Yield random weights within the caps."""
    for _ in range(n):
        weights = []
        for d, m, r in zip(c.widths, c.widths[1:], c.r, strict=False):
            r = min(r, m, d)
            U = np.linalg.qr(rng.standard_normal((m, r)))[0]
            V = np.linalg.qr(rng.standard_normal((d, r)))[0]
            s = np.ones(r) if c.norm == "spectral" else rng.random(r)
            weights.append((U * s / (1 if c.norm == "spectral" else np.linalg.norm(s))) @ V.T)
        yield weights


def run(c: Class, weights: list[np.ndarray], X: np.ndarray) -> np.ndarray:
    for W in weights[:-1]:
        X = X @ W.T
        X = np.maximum(X, 0) if c.relu else X
    return X @ weights[-1].T


@pytest.mark.parametrize("c", classes.classes(TINY), ids=str)
def test_outputs_of_networks_are_no_longer_than_the_constant_says(c):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((16, c.widths[0])) @ np.diag(rng.random(c.widths[0]) ** 2)
    most = classes.lipschitz(c, np.linalg.svd(X, compute_uv=False))
    longest = max(np.linalg.norm(run(c, W, X)) for W in networks(c, rng, 300))
    assert 0.1 * most < longest <= most * (1 + 1e-12)


def test_no_random_network_follows_signs_further_than_the_truth_says():
    """For every class, over the very signs that were drawn, the best of many networks."""
    n, kind, seed = 16, "gaussian", 3
    found = classes.complexities(seed, kind, n, TINY.d, TINY.m, TINY.n_draws, 8)
    X, _ = classes.samples(seed, kind, n, TINY.d)
    signs = np.random.default_rng([seed, 1]).choice([-1.0, 1.0], (TINY.n_draws, n, TINY.m))
    rng = np.random.default_rng(0)
    for c, mean, drawn in zip(classes.classes(TINY), found["mean"], found["drawn"], strict=True):
        k = c.widths[-1]
        if c.family == "circle":
            assert drawn == classes.CHEAP * TINY.n_draws
            continue
        used = signs[:drawn, :, :k]
        best = np.zeros(drawn)
        for W in networks(c, rng, 300):
            best = np.maximum(best, np.abs(np.einsum("bnk,nk->b", used, run(c, W, X))))
        assert 0.25 * mean < best.mean() / n <= mean * (1 + 1e-9), c


def test_nested_classes_are_in_order():
    found = classes.complexities(0, "gaussian", 20, TINY.d, TINY.m, TINY.n_draws, 3)["mean"]
    means = dict(zip(classes.classes(TINY), found, strict=True))
    compared = 0
    for a, one in means.items():
        for b, other in means.items():
            if classes._within(a, b) and a.family == b.family:
                assert one <= other * (1 + 1e-12), (a, b)
                compared += a != b
    assert compared > 10
    flat = [mean for c, mean in means.items() if c.family == "two_layers" and c.norm != "spectral"]
    assert len(set(flat)) == 1


def test_two_layers_are_within_three_under_spectral_caps_with_full_rank_alone():
    two, three = (
        Class("two_layers", (5, 4, 1), "spectral", (2, 1), True),
        Class("three_layers", (5, 4, 4, 1), "spectral", (2, 2, 1), True),
    )
    assert not classes._within(two, three)
    assert classes._within(two, three._replace(r=(4, 4, 1)))
    frobenius = two._replace(norm="frobenius"), three._replace(norm="frobenius", r=(4, 4, 1))
    assert not classes._within(*frobenius)


def test_a_valid_bound_is_refuted_as_rarely_as_is_said():
    """Of one linear layer, exactly: many means of few draws, at chances that can be counted."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 3)) @ np.diag([3.0, 1, 1])
    sv = np.linalg.svd(X, compute_uv=False)
    c = Class("one_layer", (3, 1), "spectral", (1,), False)
    values = np.linalg.norm(rng.choice([-1.0, 1.0], (400_000, 20)) @ X, axis=1) / 20
    means = values.reshape(-1, 20).mean(1)
    for chance in (0.5, 0.1, 0.01):
        t = classes.deviation(c, sv, 20, 20, chance)
        assert (means - t > values.mean()).mean() < chance
    # Not for nothing: a tenth of it would be exceeded too often.
    t = classes.deviation(c, sv, 20, 20, 0.01)
    assert (means - t / 10 > values.mean()).mean() > 0.01


def test_the_smaller_of_two_limits_counts():
    """Flips of single signs where there is one output and rank, the constant where many."""
    sv, nats = np.ones(12), np.log(1 / 0.01) / 100
    one = Class("two_layers", (12, 8, 1), "spectral", (8, 1), True)
    many = Class("one_layer", (12, 8), "frobenius", (8,), False)
    assert classes.deviation(one, sv, 5, 100, 0.01) == pytest.approx(np.sqrt(24 * nats) / 5)
    assert classes.deviation(many, sv, 5, 100, 0.01) == pytest.approx(np.sqrt(8 * nats) / 5)


def test_all_chances_together_are_those_of_the_sheet(exam, monkeypatch):
    asked: list[float] = []
    known = classes.deviation
    monkeypatch.setattr(classes, "deviation", lambda *args: asked.append(args[-1]) or known(*args))
    task.make(0, "smoke")
    assert len(asked) == len(exam.truth["limit"]) and sum(asked) == pytest.approx(1e-4)


# ---------------------------------------------------------------------------------------------
# Asking


def test_two_milliseconds_a_question_are_the_limit(exam):
    m = exam.facts["n_questions"]

    def rule(q):
        return baseline.predict({}, q)

    predict = Predicts(rule, each=0.00199 * m)
    task.ask(exam, {}, predict)
    assert set(predict.parts) == {""} and len(predict.parts) == 2
    with pytest.raises(Refused, match="wanted is at most 2 ms each"):
        task.ask(exam, {}, Predicts(rule, each=0.00201 * m))


WRONG = {
    "fewer": (lambda b: {"bound": b[:-1]}, r"must have shape \(\d+,\), got"),
    "empty": (lambda b: {"bound": b[:0]}, r"must have shape \(\d+,\), got \(0,\)"),
    "a column": (lambda b: {"bound": b[:, None]}, "must have shape"),
    "another name": (lambda b: {"limit": b}, r"\['bound'\] is missing"),
    "whole numbers": (lambda b: {"bound": np.ceil(b).astype(int)}, "must be float, got int64"),
    "below 0": (lambda b: {"bound": -b}, "must be above 0, got -"),
    "of its place": (lambda b: {"bound": b + np.arange(len(b))}, "its own question alone"),
    "a constant": (lambda b: {"bound": np.ones_like(b)}, "a cap times c is the bound times c"),
    "single": (lambda b: {"bound": b.astype(np.float32)}, "in float64"),
}


@pytest.mark.parametrize("spoil, message", WRONG.values(), ids=WRONG)
def test_what_is_no_answer_is_refused(spoil, message, exam):
    with pytest.raises(Refused, match=message):
        task.ask(exam, {}, Predicts(lambda q: spoil(baseline.predict({}, q)["bound"])))


@pytest.mark.parametrize("rule", questions.RULES)
def test_a_rule_alters_what_it_says_and_is_held(rule, exam):
    """The baseline's bounds follow, spoiled ones do not."""
    index = list(questions.RULES).index(rule)
    _, equal, why = questions.RULES[rule]
    rng = np.random.default_rng(0)
    q = {name: exam.train[name] for name in exam.inputs}
    again, about = questions.altered(q, np.arange(40), rng)
    here = about["rule"] == index
    changed = {
        name for name in q if not np.array_equal(q[name][about["of"][here]], again[name][here])
    }
    assert changed == {
        "scaled": {"s"}, "moved": {"s"}, "sample": {"sv", "row"}, "rank": {"r"},
        "width": {"widths"},
    }[rule]  # fmt: skip
    bound, bounds = (baseline.predict({}, one)["bound"] for one in (q, again))
    questions.hold_to_rules(bound, bounds, about)
    spoiled = bounds.copy()
    spoiled[np.flatnonzero(here)[7]] = 0.5 * (bound[about["of"]] * about["factor"])[here][7]
    with pytest.raises(Refused, match=why):
        questions.hold_to_rules(bound, spoiled, about)
    spoiled = np.where(here, 1.5 * bounds, bounds)
    if equal:
        with pytest.raises(Refused, match=why):
            questions.hold_to_rules(bound, spoiled, about)
    else:
        questions.hold_to_rules(bound, spoiled, about)


PROOFS = {
    "none": ({}, "must be uint8 .* got nothing"),
    "floats": ({"proof": np.ones(50)}, r"got float64 \(50,\)"),
    "two axes": ({"proof": np.full((50, 2), 65, np.uint8)}, r"got uint8 \(50, 2\)"),
    "too short": ({"proof": np.full(39, 65, np.uint8)}, "must have 40 to 4000 bytes, got 39"),
    "too long": ({"proof": np.full(4001, 65, np.uint8)}, "must have 40 to 4000 bytes, got 4001"),
    "no text": ({"proof": np.full(50, 255, np.uint8)}, "must be UTF-8"),
    "escapes": ({"proof": np.full(50, 27, np.uint8)}, "must be printable"),
}


@pytest.mark.parametrize("learned, message", PROOFS.values(), ids=PROOFS)
def test_what_is_no_proof_is_refused(learned, message, exam):
    with pytest.raises(Refused, match=message):
        task.teach(exam, lambda train: learned)


def test_a_proof_is_read_as_it_was_written(exam):
    text = "Σ is convex,\nand that is all there is to say of it."
    learned = {"proof": np.frombuffer(text.encode(), np.uint8), "c": np.ones(2)}
    assert task.read(learned) == text
    assert task.teach(exam, lambda train: learned).keys() == {"proof", "c"}


# ---------------------------------------------------------------------------------------------
# The measure


def test_who_answers_the_estimate_has_a_ratio_of_one_and_is_not_refuted(exam):
    scores = task.score(exam, taught(exam, "baseline"), {"bound": exam.truth["estimate"].copy()})
    assert (scores.visible, scores.heldout, scores.quality) == pytest.approx((0, 0, 1))
    assert scores.stderr == pytest.approx(0)
    extra = scores.extra
    assert all(extra[f"ratio_{name}"] == pytest.approx(1) for name in classes.FAMILIES)
    assert extra["refuted"] == 0 and extra["least"] > 1 and extra["per_layer"] == pytest.approx(1)
    assert extra["spectral_off"] == pytest.approx(0) and extra["of"] == len(exam.truth["limit"])


def test_the_measure_is_what_the_sheet_says(exam):
    rng = np.random.default_rng(0)
    ratio = np.exp(rng.standard_normal(len(exam.truth["estimate"])))
    scores = task.score(exam, taught(exam, "baseline"), {"bound": ratio * exam.truth["estimate"]})
    n = exam.facts["n_shown"]
    assert scores.visible == pytest.approx(np.log(ratio[:n]).mean())
    assert scores.heldout == pytest.approx(np.log(ratio[n:]).mean())
    assert scores.quality == scores.extra["ratio"] == pytest.approx(np.exp(scores.heldout))
    refuted = ratio * exam.truth["estimate"] < exam.truth["limit"]
    assert scores.extra["refuted"] == refuted.sum() > 0


def test_slopes_are_of_powers_of_the_rank(exam):
    """A bound that is the estimate times the root of r_1 is off by a half along it."""
    asked = classes.classes(SCALES["smoke"])
    r = np.array([asked[k].r[0] for k in exam.truth["class"]])
    bound = exam.truth["estimate"] * np.sqrt(r)
    extra = task.score(exam, taught(exam, "baseline"), {"bound": bound}).extra
    assert (extra["spectral_off"], extra["frobenius_off"]) == pytest.approx((0.5, 0.5))
    assert extra["spectral_slope"] > 0.05 > extra["frobenius_slope"] > -0.01


def test_series_are_bounded_and_have_what_charts_draw(exam):
    artifact = taught(exam, "best_of")
    scores = task.score(exam, artifact, {"bound": exam.truth["estimate"].copy()})
    for chart in TASK.charts:
        columns = scores.series[chart.series]
        assert {chart.x, chart.y} <= columns.keys()
        assert {chart.facet, chart.guide} - {None} <= columns.keys()
        assert len({len(column) for column in columns.values()}) == 1
        assert len(columns[chart.x]) <= 40
    ranks = scores.series["ranks"]
    np.testing.assert_allclose(ranks["bound"], ranks["estimate"])
    assert "two layers, spectral" in ranks["class"]
    assert max(map(len, scores.series["proof"]["text"])) <= task.LINE


GOOD = {"heldout": 1.0, "visible": 1.0, "refuted": 0.0, "of": 308.0, "least": 1.2}


@pytest.mark.parametrize(
    "mine, lacks",
    [
        ({}, ""),
        ({"heldout": 0.5, "visible": 0.5}, ""),
        ({"heldout": 1.1}, "3.004 on new samples, wanted at most the baseline's 2.718"),
        ({"visible": 1.1}, "3.004 on samples that were shown, wanted at most"),
        ({"heldout": -1.0, "refuted": 0.2, "least": 0.9}, "refuted: 0.2 of 308 bounds are below"),
    ],
)
def test_the_target_is_held_on_both_sides(mine, lacks):
    found = task.shortfall(GOOD | mine, GOOD)
    assert lacks in found and bool(found) == bool(lacks)


# ---------------------------------------------------------------------------------------------
# The submissions


@pytest.mark.parametrize("name", ["baseline", *VALID])
def test_what_is_proven_is_not_refuted(name, exam):
    found = numbers(exam, name)
    assert found["refuted"] == 0 and found["least"] > 1


def test_references_stand_in_the_order_that_they_are_there_for(exam):
    least = numbers(exam, "baseline")
    found = {name: numbers(exam, name) for name in REFERENCES}
    lacks = {name: task.shortfall(one, least) for name, one in found.items()}
    assert not lacks["best_of"] and not lacks["peeling"]
    assert found["best_of"]["quality"] < 0.7 * least["quality"]
    for name in ("range", "covering", "every_rank"):
        assert "wanted at most the baseline's" in lacks[name]
    assert found["rank_blind"]["refuted"] == found["rank_blind"]["refuted_spectral"] > 0
    assert lacks["rank_blind"].startswith("refuted")


def test_the_best_is_no_larger_than_any(exam):
    best = best_of.predict({}, exam.inputs)["bound"]
    for name in ("baseline", *(name for name in VALID if name not in ("best_of", "peeling"))):
        assert (best <= module(name).predict({}, exam.inputs)["bound"] * (1 + 1e-12)).all()


def test_the_baseline_is_the_formula_of_its_source():
    """Written out for three layers by hand."""
    X = np.array([[3.0, 0.0], [0.0, 4.0]])
    c = Class("three_layers", (2, 7, 5, 1), "spectral", (4, 3, 1), True)
    q = questions.rows([c], np.array([[2.0, 3.0, 0.5]]), [X], (4, 3))
    wanted = 3.0 * np.sqrt(2 * 3) * (np.sqrt(6 * np.log(2)) + 1) * 5 / 2
    assert baseline.predict({}, q)["bound"] == pytest.approx([wanted])
    q["norm"][:] = NORMS.index("frobenius")
    assert baseline.predict({}, q)["bound"] == pytest.approx([wanted / np.sqrt(6)])


def test_the_cover_knows_what_outputs_can_be_at_most(exam):
    q, asked = exam.train, classes.classes(SCALES["smoke"])
    for k in range(0, len(q["n"]), 7):
        r, sv = q["r"][k], q["sv"][k]
        c = asked[0]._replace(norm=NORMS[q["norm"][k]], r=tuple(r))
        assert covering.largest(q)[k] == pytest.approx(classes.lipschitz(c, sv))


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SCALES, "standard", SCALES["smoke"])
    row = zoo.boards(TASK, [], nursery, tmp_path, (0, 1, 2))["copied"]
    assert (row["status"], row["rank"], row["score"]) == ("ranked", 1, 1)
