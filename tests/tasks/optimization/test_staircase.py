"""Boolean functions of known Fourier support: the exam, its cells, the score, the target."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness import arrays as named
from harness import catalog
from harness import run as rounds
from harness.sandbox import Limits, Nursery
from harness.trial import Examination, Item
from harness.vocabulary import Arrays, Context, Exam, Refused, Round
from submissions.baselines.optimization import staircase as baseline
from submissions.references.optimization import staircase_chain as chain
from submissions.references.optimization import staircase_kernel as kernel
from submissions.references.optimization import staircase_linear as linear
from submissions.references.optimization import staircase_triples as triples
from tasks._data import fourier, ladder
from tasks.optimization import staircase
from tasks.optimization.staircase import COUNTED, FAMILIES, SIGMA, TASK


class Direct:
    """A submission's `fit` without the wall."""

    division = "open"

    def __init__(self, function: Callable[[Arrays, Context], Arrays]):
        self.function = function
        self.calls: list[tuple[Arrays, Any]] = []

    def __call__(self, train: Arrays, facts: Any = None, oracle: Any = None) -> Arrays:
        self.calls.append((train, facts))
        return self.function(train, Context(0, 60.0, 1, "cpu", {}))


def examined(method: Any, exam: Exam) -> Arrays:
    """Teach and ask a module as a trial does."""
    artifact = ladder.learn(exam, Direct(method.fit))

    def predict(inputs: Arrays, part: str | None = None) -> Arrays:
        assert part is not None
        return named.check(method.predict(named.part(artifact, part), inputs), "predict")

    return ladder.ask(exam, artifact, predict)


def answered(exam: Exam, answer: Callable[[Arrays], np.ndarray]) -> Arrays:
    """Answer every cell out of its truth."""
    return {
        f"{cell}/y": np.asarray(answer(named.part(exam.truth, cell)), dtype=np.float64)
        for cell in ladder.cells(exam)
    }


def numbers(exam: Exam, outputs: Arrays) -> dict[str, float]:
    """Return what the target is asked with."""
    scores = staircase.score(exam, {}, outputs)
    found = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return found | dict(scores.extra)


@pytest.fixture(scope="module")
def exam() -> Exam:
    return staircase.make(0, "smoke")


@pytest.fixture(scope="module")
def whole() -> Exam:
    """Thirty variables and the sample sizes of standard."""
    return staircase.make(0, "standard")


@pytest.fixture(scope="module")
def theirs(exam) -> dict[str, float]:
    """Return the baseline's numbers."""
    return numbers(exam, examined(baseline, exam))


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another(exam):
    again, other = staircase.make(0, "smoke"), staircase.make(1, "smoke")
    for part in ("train", "inputs", "truth"):
        mine, same, different = (getattr(e, part) for e in (exam, again, other))
        assert mine.keys() == same.keys() == different.keys()
        for name, array in mine.items():
            np.testing.assert_array_equal(array, same[name])
        assert any(not np.array_equal(a, different[n]) for n, a in mine.items())
    assert exam.facts == other.facts == {"n_features": 12}


def test_cells_are_every_family_at_every_n_in_an_order_that_tells_nothing(whole):
    wanted = {f"{family}/{n}" for family in FAMILIES for n in (300, 4000)}
    orders = [tuple(ladder.cells(staircase.make(seed, "smoke"))) for seed in range(4)]
    assert set(ladder.cells(whole)) == wanted
    assert len(set(orders)) == 4


def test_train_and_inputs_are_bits_and_noisy_values_and_nothing_else(whole):
    for cell in ladder.cells(whole):
        n = int(cell.split("/")[1])
        train, inputs = named.part(whole.train, cell), named.part(whole.inputs, cell)
        assert {name: (a.dtype.name, a.shape) for name, a in train.items()} == {
            "X": ("int8", (n, 30)),
            "y": ("float64", (n,)),
        }
        assert inputs.keys() == {"X"} and inputs["X"].shape == (n + 3000, 30)
        assert set(np.unique(inputs["X"])) == {-1, 1}


def test_the_seen_questions_are_the_samples_and_no_other_question_is(exam, whole):
    for one in (exam, whole):
        for cell in ladder.cells(one):
            train, truth = named.part(one.train, cell), named.part(one.truth, cell)
            X = one.inputs[f"{cell}/X"]
            seen = {x.tobytes() for x in train["X"]}
            assert [x.tobytes() in seen for x in X] == truth["seen"].tolist()
            pairs = {(x.tobytes(), y) for x, y in zip(train["X"], train["y"], strict=True)}
            asked = zip(X[truth["seen"]], truth["y"][truth["seen"]], strict=True)
            assert all((x.tobytes(), y) in pairs for x, y in asked)


def test_seen_and_unseen_questions_are_mixed(whole):
    seen = whole.truth["merged/4000/seen"]
    assert np.abs(np.corrcoef(seen[1:], seen[:-1])[0, 1]) < 0.05


def test_functions_have_mean_zero_and_variance_one_and_the_noise_its_size(whole):
    for cell in ladder.cells(whole):
        truth = named.part(whole.truth, cell)
        assert np.square(truth["coefficient"]).sum() == pytest.approx(1)
        assert 0 not in truth["set"]
        noise = truth["y"] - truth["f"]
        assert noise[truth["seen"]].std() == pytest.approx(SIGMA, rel=0.15)
        assert not noise[~truth["seen"]].any()
        f = fourier.evaluate(
            dict(zip(truth["set"].tolist(), truth["coefficient"].tolist(), strict=True)),
            whole.inputs[f"{cell}/X"],
        )
        np.testing.assert_allclose(truth["f"], f, atol=1e-12)


def test_the_samples_of_a_family_share_its_function_and_nothing_else(whole):
    for family in FAMILIES:
        small, large = (named.part(whole.truth, f"{family}/{n}") for n in (300, 4000))
        np.testing.assert_array_equal(small["set"], large["set"])
        np.testing.assert_array_equal(small["coefficient"], large["coefficient"])
        rows = {x.tobytes() for x in whole.train[f"{family}/4000/X"]}
        assert not any(x.tobytes() in rows for x in whole.train[f"{family}/300/X"])


SUPPORTS = {
    # family: sets, largest set, leap, whether it is a staircase
    "staircase": (8, 8, 1, True),
    "merged": (10, 5, 1, False),
    "composition": (14, 6, 1, True),
    "leap3": (3, 8, 3, False),
    "parity8": (1, 8, 8, False),
}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("n", [12, 30, 50])
def test_a_family_has_the_support_that_its_name_says(family, n):
    supports = [staircase.draw(family, n, np.random.default_rng(seed)) for seed in range(3)]
    for f in supports:
        assert all(0 < S < 2**n for S in f)
        degree = max(S.bit_count() for S in f)
        steps = not fourier.unsupported(f)
        assert (len(f), degree, fourier.leap(f), steps) == SUPPORTS[family]
        # Coefficients of one size: 1.4 over 0.6 is the largest ratio of drawn ones.
        sizes = np.abs(list(f.values()))
        assert sizes.max() / sizes.min() < (1.4 / 0.6) ** (3 if family == "composition" else 1)
    assert len({frozenset(f) for f in supports}) == 3


def test_the_composition_is_what_its_formula_says():
    rng, n = np.random.default_rng(3), 12
    f = staircase.draw("composition", n, np.random.default_rng(3))
    p = rng.permutation(n)
    inner = []
    for i in (0, 2, 4):
        a, b = rng.choice([-1.0, 1.0], 2) * rng.uniform(0.6, 1.4, 2)
        inner.append((p[i], p[i + 1], a, b))
    X = np.random.default_rng(0).choice([-1, 1], (200, n)).astype(np.int8)
    y1, y2, y3 = (a * X[:, i] + b * X[:, i] * X[:, j] for i, j, a, b in inner)
    direct = y1 + y1 * y2 + y1 * y2 * y3
    values = fourier.evaluate(f, X)
    np.testing.assert_allclose(values, direct * (values @ direct / (direct @ direct)), atol=1e-12)


# ---------------------------------------------------------------------------------------------
# Teach and ask


def test_fit_sees_one_sample_and_is_not_told_whose(exam):
    fit = Direct(lambda train, context: {"n": np.array(len(train["y"]))})
    artifact = ladder.learn(exam, fit)
    assert all(train.keys() == {"X", "y"} and facts is None for train, facts in fit.calls)
    assert {name: int(a) for name, a in artifact.items()} == {
        f"{cell}/n": int(cell.split("/")[1]) for cell in ladder.cells(exam)
    }


def test_answers_beyond_all_bounds_are_refused(exam):
    with pytest.raises(Refused, match=r"within 1e\+06, got 1e\+200"):
        staircase.score(exam, {}, answered(exam, lambda truth: np.full(len(truth["f"]), 1e200)))


# ---------------------------------------------------------------------------------------------
# The score


def test_who_knows_the_function_has_no_error_and_no_gap(exam):
    scores = staircase.score(exam, {}, answered(exam, lambda truth: truth["f"]))
    assert scores.quality == scores.heldout == scores.visible == scores.stderr == 0
    assert (
        staircase.shortfall(numbers(exam, answered(exam, lambda t: t["f"])), {"heldout": 0}) == ""
    )
    spectrum = scores.series["spectrum"]
    np.testing.assert_allclose(spectrum["learned"], spectrum["true"])


def test_the_larger_sample_and_four_families_count(exam):
    sizes = dict(zip(FAMILIES, (0.1, 0.2, 0.3, 0.4, 9.0), strict=True))
    outputs = {
        f"{cell}/y": exam.truth[f"{cell}/f"]
        + sizes[cell.split("/")[0]] * (2 if cell.endswith("/100") else 1)
        for cell in ladder.cells(exam)
    }
    found = numbers(exam, outputs)
    assert found["quality"] == found["heldout"] == pytest.approx((0.01 + 0.04 + 0.09 + 0.16) / 4)
    assert found["visible"] == pytest.approx(found["heldout"])
    assert found["low"] == pytest.approx(4 * found["heldout"])
    assert found["leap1"] == pytest.approx((0.01 + 0.04 + 0.09) / 3)
    assert (found["merged"], found["leap3_low"]) == pytest.approx((0.04, 0.64))
    assert found["parity8"] == pytest.approx(81)


def test_visible_is_measured_without_noise_and_only_on_what_was_seen(exam):
    outputs = answered(exam, lambda t: np.where(t["seen"], t["y"], t["f"] + 0.5))
    scores = staircase.score(exam, {}, outputs)
    assert scores.visible == pytest.approx(SIGMA**2, rel=0.1)
    assert scores.heldout == pytest.approx(0.25)
    assert scores.extra["unearned"] <= 0


def test_the_standard_error_is_that_of_a_mean_over_unseen_questions(exam):
    rng = np.random.default_rng(0)
    outputs = answered(exam, lambda t: t["f"] + 0.5 * rng.standard_normal(len(t["f"])))
    # Squares of normal numbers vary by sqrt(2): four families of 1000 each.
    wanted = 0.25 * math.sqrt(2 / 1000 / 4)
    assert staircase.score(exam, {}, outputs).stderr == pytest.approx(wanted, rel=0.1)


def test_who_errs_on_seen_questions_as_on_others_has_followed_no_noise(exam):
    """The bound holds with equality for a model that has not overfitted, however wrong."""
    found = numbers(exam, answered(exam, lambda t: np.zeros(len(t["f"]))))
    assert found["unearned"] == pytest.approx(0, abs=0.06)
    hidden = numbers(
        exam, answered(exam, lambda t: np.where(t["seen"], t["y"] + np.sign(t["f"]), 0))
    )
    assert hidden["unearned"] > 0.5


def test_coefficients_of_the_answers_are_those_of_the_sets(whole):
    outputs = answered(whole, lambda t: 0.25 * t["f"])
    spectrum = staircase.score(whole, {}, outputs).series["spectrum"]
    np.testing.assert_allclose(spectrum["learned"], 0.25 * spectrum["true"], atol=0.08)
    for family, (n_sets, degree, _, _) in SUPPORTS.items():
        own = (spectrum["family"] == family) & (spectrum["n"] == 4000)
        assert (own.sum(), spectrum["degree"][own].max()) == (n_sets, degree)


def test_the_score_does_not_depend_on_the_order_of_questions(exam):
    rng = np.random.default_rng(0)
    outputs = answered(exam, lambda t: t["f"] + rng.normal(0, 0.3, len(t["f"])))
    truth, inputs, permuted = dict(exam.truth), dict(exam.inputs), {}
    for cell in ladder.cells(exam):
        order = rng.permutation(len(exam.truth[f"{cell}/f"]))
        for name in ("f", "y", "seen"):
            truth[f"{cell}/{name}"] = truth[f"{cell}/{name}"][order]
        inputs[f"{cell}/X"] = inputs[f"{cell}/X"][order]
        permuted[f"{cell}/y"] = outputs[f"{cell}/y"][order]
    other = dataclasses.replace(exam, truth=truth, inputs=inputs)
    assert numbers(exam, outputs) == pytest.approx(numbers(other, permuted))


def test_the_series_have_the_columns_that_the_charts_name(exam):
    scores = staircase.score(exam, {"leap3/100/W": np.ones(9)}, answered(exam, lambda t: t["y"]))
    for chart in TASK.charts:
        columns = scores.series[chart.series]
        assert {chart.x, chart.y, chart.facet or chart.x} <= columns.keys()
        assert len({len(column) for column in columns.values()}) == 1
    assert len(scores.series["cells"]["n"]) == 10
    leaps = dict(
        zip(*(scores.series["cells"][c].tolist() for c in ("family", "leap")), strict=True)
    )
    assert leaps == {family: support[2] for family, support in SUPPORTS.items()}


# ---------------------------------------------------------------------------------------------
# The target


def test_the_baseline_reaches_its_own_target_and_so_does_its_copy(exam, theirs):
    assert staircase.shortfall(theirs, theirs) == ""
    assert numbers(exam, examined(baseline, exam)) == theirs


def test_a_constant_and_shuffled_values_are_not_ranked(exam, theirs):
    mine = numbers(exam, answered(exam, lambda t: np.full(len(t["f"]), t["y"].mean())))
    assert "held-out error" in staircase.shortfall(mine, theirs)
    assert mine["quality"] == pytest.approx(1, abs=0.1)
    rng = np.random.default_rng(0)
    shuffled = {n: rng.permutation(a) if n.endswith("/y") else a for n, a in exam.train.items()}
    mine = numbers(exam, examined(baseline, dataclasses.replace(exam, train=shuffled)))
    assert staircase.shortfall(mine, theirs)


@pytest.mark.parametrize("name", ["heldout", "visible"])
def test_the_target_has_two_sides_seen_and_unseen(name, theirs):
    most = staircase.WITHIN * theirs["heldout"]
    assert staircase.shortfall({**theirs, name: most}, theirs) == ""
    assert "error" in staircase.shortfall({**theirs, name: most + 1e-6}, theirs)
    assert staircase.shortfall({**theirs, name: math.nan}, theirs)


def test_a_gap_that_was_not_earned_is_below_target(theirs):
    assert theirs["unearned"] < staircase.UNEARNED
    assert "seen samples" in staircase.shortfall({**theirs, "unearned": 0.031}, theirs)


@pytest.mark.parametrize("claim", TASK.claims)
def test_a_claim_is_about_a_number_that_there_is(claim, theirs):
    assert claim.contrast.number in theirs


# ---------------------------------------------------------------------------------------------
# The methods


ENTRIES = catalog.submissions(TASK.name)


@pytest.mark.parametrize("name", ENTRIES)
def test_a_reference_learns_behind_the_wall(name, exam, nursery: Nursery):
    entry = rounds.entered(TASK, ENTRIES[name])
    round = Round("r", TASK.name, 1, "smoke", (0,), {}, "", {}, "2026-01-01T00:00:00")
    examination = Examination(TASK, exam, Item(round, entry, None, 0), nursery, Limits(60.0))
    examination.run()
    trial = examination.trial("ok", "")
    assert all(map(math.isfinite, trial.extra.values())), trial.extra
    assert 0 < trial.quality < 1
    assert 0 < trial.fit_seconds + trial.predict_seconds < 10
    assert trial.timed_seconds == trial.fit_seconds


def sample(whole: Exam, cell: str) -> tuple[np.ndarray, np.ndarray]:
    return whole.train[f"{cell}/X"].astype(np.float32), whole.train[f"{cell}/y"]


def test_the_rules_of_a_chain_propose_the_sets_that_they_say_with_their_sums(whole):
    X, y = (array[:50] for array in sample(whole, "merged/300"))
    sets = [0b1, 0b11, 0b10100]
    near = {S ^ 1 << i for S in (0, *sets) for i in range(30)}
    union = {S for S in range(1, 32) if S & 0b10111 == S}
    threes = {sum(1 << i for i in c) for c in itertools.combinations(range(30), 3)}
    for rule, wanted in ((chain.steps, near), (chain.known, union), (triples.triples, threes)):
        masks, sums = rule(X, y, sets)
        assert len(masks) == len(wanted) and set(masks.tolist()) == wanted
        direct = [(fourier.character(S, X.astype(np.int8)) * y).sum() for S in masks.tolist()]
        np.testing.assert_allclose(sums, direct, atol=1e-3)


def found(method: Any, exam: Exam, cell: str) -> set[int]:
    context = Context(0, 60.0, 1, "cpu", {})
    return set(method.fit(named.part(exam.train, cell), context)["sets"].tolist())


@pytest.mark.parametrize("family", ["staircase", "merged", "composition"])
def test_a_chain_climbs_every_staircase_to_its_top(family, whole):
    assert found(chain, whole, f"{family}/4000") == set(whole.truth[f"{family}/4000/set"].tolist())


def test_a_chain_does_not_leap_and_triples_take_the_first_leap(whole):
    first, second, third = sorted(whole.truth["leap3/4000/set"].tolist(), key=int.bit_count)
    assert not found(chain, whole, "leap3/4000") & {first, second, third}
    leaped = found(triples, whole, "leap3/4000")
    assert first in leaped and third not in leaped
    assert not found(triples, whole, "parity8/4000") & set(whole.truth["parity8/4000/set"].tolist())


def test_a_chain_finds_nothing_in_noise():
    rng = np.random.default_rng(0)
    n_found = 0
    for seed in range(20):
        X = rng.choice([-1, 1], (300, 30)).astype(np.int8)
        train = {"X": X, "y": rng.standard_normal(300)}
        n_found += len(chain.fit(train, Context(seed, 60.0, 1, "cpu", {}))["sets"])
    assert n_found <= 20


def test_the_kernel_sees_the_inner_product_alone(whole):
    X = sample(whole, "merged/300")[0][:20].astype(np.int8)
    K = kernel.kernel(X, X)
    np.testing.assert_allclose(K, np.exp(4 / 30 * X.astype(float) @ X.T), rtol=1e-5)


def test_the_networks_differ_in_their_first_layer_alone(exam):
    train = named.part(exam.train, "staircase/100")
    context = Context(0, 60.0, 1, "cpu", {})
    arrays = baseline.fit(train, context)
    other = linear.fit(train, context)
    assert {n: a.shape for n, a in arrays.items()} == {n: a.shape for n, a in other.items()}
    positive = arrays | {"b0": arrays["b0"] + 100}  # relu then changes nothing
    answers = [m.predict(positive, {"X": train["X"]})["y"] for m in (baseline, linear)]
    np.testing.assert_array_equal(*answers)
    assert not np.array_equal(
        *(m.predict(arrays, {"X": train["X"]})["y"] for m in (baseline, linear))
    )


@pytest.mark.slow
def test_a_kernel_learns_no_hierarchy_and_a_network_does(whole):
    mine, theirs = (numbers(whole, examined(m, whole)) for m in (kernel, baseline))
    assert mine["leap1"] > theirs["leap1"] + 0.2
    assert "held-out" in staircase.shortfall(mine, theirs)
    assert theirs["leap3"] > theirs["leap1"] and theirs["parity8"] > 1
    assert set(COUNTED) | {"parity8"} == set(FAMILIES)
