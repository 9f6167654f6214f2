"""Regression of compositions: the exam, its cells, the questions, the score, the target."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import rankdata

from harness import arrays as named
from harness import catalog
from harness import run as rounds
from harness.sandbox import Limits, Nursery
from harness.trial import Examination, Item
from harness.vocabulary import Arrays, Context, Exam, Refused, Round, Unknown
from submissions.baselines.approximation import composition_regression as baseline
from submissions.references.approximation import (
    composition_regression_boosting as boosting,
)
from submissions.references.approximation import (
    composition_regression_ensemble as ensemble,
)
from submissions.references.approximation import (
    composition_regression_kernel as kernel,
)
from submissions.references.approximation import (
    composition_regression_neighbours as neighbours,
)
from submissions.references.approximation import (
    composition_regression_splines as splines,
)
from submissions.references.approximation import composition_regression_told as told
from tasks import _data
from tasks._data import ladder
from tasks.approximation import composition_regression as regression
from tasks.approximation.composition_regression import FAMILIES, SIGMA, TASK

METHODS = {
    "baseline": baseline,
    "boosting": boosting,
    "ensemble": ensemble,
    "kernel": kernel,
    "neighbours": neighbours,
    "splines": splines,
    "told": told,
}


class Direct:
    """A submission's `fit` without the wall."""

    def __init__(self, function: Callable[[Arrays, Context], Arrays], division: str = "open"):
        self.function, self.division = function, division
        self.calls: list[tuple[Arrays, dict[str, Any]]] = []

    def __call__(self, train: Arrays, facts: Any = None, oracle: Any = None) -> Arrays:
        self.calls.append((train, dict(facts or {})))
        return self.function(train, Context(0, 60.0, 1, "cpu", facts or {}))


def examined(method: Any, exam: Exam) -> tuple[Arrays, Arrays]:
    """Teach and ask a module as a trial does."""
    artifact = regression.teach(exam, Direct(method.fit, getattr(method, "DIVISION", "open")))

    def predict(inputs: Arrays, part: str | None = None) -> Arrays:
        assert part is not None
        return named.check(method.predict(named.part(artifact, part), inputs), "predict")

    return artifact, ladder.ask(exam, artifact, predict)


def answered(exam: Exam, answer: Callable[[Arrays], np.ndarray]) -> Arrays:
    """Answer every cell out of its truth."""
    return {
        f"{cell}/y": np.asarray(answer(named.part(exam.truth, cell)), dtype=np.float64)
        for cell in ladder.cells(exam)
    }


def numbers(exam: Exam, outputs: Arrays) -> dict[str, float]:
    """Return what the target is asked with."""
    scores = regression.score(exam, {}, outputs)
    found = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return found | dict(scores.extra)


@pytest.fixture(scope="module")
def exam() -> Exam:
    return regression.make(0, "smoke")


@pytest.fixture(scope="module")
def whole() -> Exam:
    """All families on a short ladder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(regression.LADDERS, "standard", (128, 2048))
        patch.setitem(regression.N_HELDOUT, "standard", 4000)
        return regression.make(0, "standard")


@pytest.fixture(scope="module")
def theirs(whole) -> dict[str, float]:
    """Return the baseline's numbers on it."""
    return numbers(whole, examined(baseline, whole)[1])


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    np.random.seed(5)
    torch.manual_seed(5)
    again, other = regression.make(0, "smoke"), regression.make(1, "smoke")
    assert exam.facts == again.facts == other.facts == {"n_features": 8}
    for part in ("train", "inputs", "truth"):
        first, second, third = (getattr(e, part) for e in (exam, again, other))
        assert list(first) == list(second)
        assert first.keys() == third.keys()
        for name in first:
            assert first[name].tobytes() == second[name].tobytes()
            assert (first[name].shape, first[name].dtype) == (third[name].shape, third[name].dtype)
            assert first[name].tobytes() != third[name].tobytes(), name


def test_the_order_of_the_cells_is_drawn():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(regression.LADDERS, "standard", (8, 16))
        patch.setitem(regression.N_HELDOUT, "standard", 8)
        orders = {tuple(ladder.cells(regression.make(s, "standard"))) for s in range(3)}
    assert len(orders) > 1
    names = {f"{family}/{n}" for family in FAMILIES for n in (8, 16)}
    assert all(set(order) == names for order in orders)


def test_every_cell_has_its_sample_and_the_questions_that_the_sheet_promises(whole):
    for cell in ladder.cells(whole):
        n = int(cell.split("/")[1])
        train, asked, truth = (
            named.part(arrays, cell) for arrays in (whole.train, whole.inputs, whole.truth)
        )
        assert {k: (a.shape, a.dtype) for k, a in train.items()} == {
            "x": ((n, 8), np.float32),
            "y": ((n,), np.float32),
        }
        assert (asked.keys(), asked["x"].shape) == ({"x"}, (n + 4000, 8))
        assert asked["x"].dtype == np.float32
        assert truth["seen"].sum() == n
        assert np.abs(asked["x"]).max() <= 1
        # The seen questions are the samples, moved a little, with the sample's y.
        distance = np.abs(asked["x"][truth["seen"]][:, None] - train["x"][:200]).max(2)
        rows = distance.argmin(0)
        assert 0 < distance.min(0).max() <= 1.01e-3
        np.testing.assert_array_equal(truth["y"][truth["seen"]][rows], train["y"][:200])


def test_seen_and_unseen_questions_are_mixed(exam):
    seen = exam.truth["tree/512/seen"]
    halves = seen[: len(seen) // 2].sum(), seen[len(seen) // 2 :].sum()
    assert min(halves) > 200
    assert np.abs(np.corrcoef(seen[1:], seen[:-1])[0, 1]) < 0.1


def test_the_functions_have_mean_zero_and_variance_one_and_the_noise_its_size(whole):
    for family in FAMILIES:
        truth = named.part(whole.truth, f"{family}/2048")
        f, noise = truth["f"], (truth["y"] - truth["f"])
        assert f.mean() == pytest.approx(0, abs=0.06)
        assert f.var() == pytest.approx(1, abs=0.1)
        assert noise[truth["seen"]].std() == pytest.approx(SIGMA, rel=0.06)
        assert not noise[~truth["seen"]].any()


def test_the_cells_of_a_family_share_their_function_and_no_sample(whole):
    """The tree, rebuilt from its secret leaves, is of the same value up to scale in both."""
    for family in FAMILIES:
        small, large = (whole.train[f"{family}/{n}/x"] for n in (128, 2048))
        assert np.abs(small[:, None] - large).max(2).min() > 1e-6
    x, x_other = (whole.inputs[f"additive/{n}/x"] for n in (128, 2048))
    f, f_other = (whole.truth[f"additive/{n}/f"] for n in (128, 2048))
    a = splines.fit({"x": x_other, "y": f_other.astype(np.float32)}, None)
    assert np.square(splines.predict(a, {"x": x})["y"] - f).mean() < 1e-3


def test_a_tree_meets_its_variables_in_hidden_order():
    leaves = {tuple(regression.tree(np.random.default_rng(s))[1]) for s in range(4)}
    assert len(leaves) == 4
    f, order = regression.tree(np.random.default_rng(0))
    x = np.random.default_rng(1).uniform(-1, 1, (50, 8))
    root = _data.tree(np.random.default_rng(0), 8, 2)
    np.testing.assert_array_equal(f(x), root(x[:, order]))


def test_additive_functions_are_sums_and_generic_ones_are_not():
    """The mixed difference over two coordinates vanishes for sums alone."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (200, 8))
    x1, x2, x12 = x.copy(), x.copy(), x.copy()
    for moved, columns in ((x1, [0]), (x2, [5]), (x12, [0, 5])):
        moved[:, columns] = 1 - np.abs(moved[:, columns])
    for draw, is_sum in ((regression.additive, True), (regression.generic, False)):
        f = draw(np.random.default_rng(3))
        mixed = f(x12) - f(x1) - f(x2) + f(x)
        assert (np.abs(mixed).max() < 1e-12) == is_sum


def test_generic_functions_are_the_sum_of_cosines_of_the_sheet():
    f = regression.generic(np.random.default_rng(7))
    rng, x = np.random.default_rng(7), np.random.default_rng(0).uniform(-1, 1, (20, 8))
    total = np.zeros(20)
    for k in range(6):
        W, phase = rng.standard_normal((8, 128)), rng.uniform(0, 2 * np.pi, 128)
        for column, shift, a in zip(W.T, phase, 4.0**-k * rng.standard_normal(128), strict=True):
            omega = column / np.linalg.norm(column) * 0.75 * np.pi * 2**k
            total += a * np.cos(x @ omega + shift)
    np.testing.assert_allclose(f(x), total, atol=1e-10)


# ---------------------------------------------------------------------------------------------
# The tables


def test_full_size_offline_is_refused_at_once_and_says_what_to_do(monkeypatch):
    import datasets  # noqa: F401 - its import is not what is timed

    monkeypatch.delenv("HARNESS_ONLINE", raising=False)
    start = time.monotonic()
    with pytest.raises(Refused, match="full needs the hub dataset inria-soda/tab.*--online"):
        regression.make(0, "full")
    assert time.monotonic() - start < 5


ROWS = 900


def tables(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Write tables of the benchmark's layout and read them: the hub is out of reach here."""
    repository = folder / "tabular-benchmark"
    (repository / "reg_num").mkdir(parents=True)
    card = "---\nconfigs:\n- config_name: reg_num\n  data_files: reg_num/*\n---\n"
    (repository / "README.md").write_text(card)
    rng = np.random.default_rng(0)
    for d, (table, target) in enumerate(regression.TABLES.items(), start=2):
        x = np.round(rng.lognormal(size=(ROWS, d)), 2)
        y = 1000 + 50 * np.log(x[:, 0] + 1) + rng.normal(size=ROWS)
        frame = pd.DataFrame(x, columns=[f"feature {k}" for k in range(d)])
        frame.assign(**{target: y}).to_csv(repository / "reg_num" / f"{table}.csv", index=False)
    load = _data.hub

    def hub(name: str, *, revision: str, **wanted: Any) -> Any:
        assert (name, revision) == regression.BENCHMARK
        return load(repository, revision=None, cache=folder / "cache", **wanted)

    patch.setattr(_data, "hub", hub)
    patch.setitem(regression.LADDERS, "full", (128, 256))
    patch.setitem(regression.N_HELDOUT, "full", 300)
    return repository


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> Exam:
    with pytest.MonkeyPatch.context() as patch:
        tables(tmp_path_factory.mktemp("hub"), patch)
        return regression.make(0, "full")


def test_a_table_is_a_cell_beside_the_families(full):
    assert set(ladder.cells(full)) == {f"{t}/{ROWS // 2}" for t in regression.TABLES} | {
        f"{family}/{n}" for family in FAMILIES for n in (128, 256)
    }
    for d, table in enumerate(regression.TABLES, start=2):
        cell = f"{table}/{ROWS // 2}"
        train, truth = named.part(full.train, cell), named.part(full.truth, cell)
        asked = full.inputs[f"{cell}/x"]
        assert train["x"].shape == (ROWS // 2, d) and train["x"].dtype == np.float32
        assert asked.shape == (ROWS // 2 + 300, d) and np.abs(asked).max() <= 1
        assert truth["seen"].sum() == ROWS // 2 and "f" not in truth
        assert train["y"].mean() == pytest.approx(0, abs=1e-6)
        assert train["y"].std() == pytest.approx(1, abs=1e-6)
        distance = np.abs(asked[truth["seen"]][:, None] - train["x"]).max(2)
        rows = distance.argmin(0)
        assert distance.min(0).max() <= 1.01e-3
        np.testing.assert_array_equal(truth["y"][truth["seen"]][rows], train["y"])


def test_a_feature_becomes_its_rank_in_the_sample(full):
    """Equal values have one rank, the middle of theirs; monotone in the values of the file."""
    for table in regression.TABLES:
        x = full.train[f"{table}/{ROWS // 2}/x"]
        for column in x.T:
            ranks = rankdata(column)
            np.testing.assert_allclose(column, (2 * ranks - 1) / len(ranks) - 1, atol=1e-6)


def test_another_seed_splits_a_table_otherwise(full, tmp_path, monkeypatch):
    tables(tmp_path, monkeypatch)
    cell = f"houses/{ROWS // 2}"
    again, other = regression.make(0, "full"), regression.make(1, "full")
    np.testing.assert_array_equal(full.train[f"{cell}/y"], again.train[f"{cell}/y"])
    assert not np.array_equal(full.train[f"{cell}/y"], other.train[f"{cell}/y"])


def test_a_table_is_scored_for_risk_gap_and_size_and_has_no_exponent(full):
    outputs = answered(full, lambda t: t["y"] + np.where(t["seen"], 0.1, 0.4))
    scores = regression.score(full, {"houses/450/W": np.ones(1000)}, outputs)
    for table in regression.TABLES:
        assert scores.extra[f"{table}_risk"] == pytest.approx(0.16)
        assert scores.extra[f"{table}_gap"] == pytest.approx(0.15)
        assert f"{table}_exponent" not in scores.extra
        assert f"{table}_samples" not in scores.extra
    assert set(scores.series["exponents"]["family"]) == set(FAMILIES)
    assert scores.quality == pytest.approx(0.16, rel=0.01)
    of_tables = np.isin(scores.series["ladder"]["family"], list(regression.TABLES))
    assert np.isnan(scores.series["ladder"]["theory"]).tolist() == of_tables.tolist()
    # Their gap is left out: who knows f0 everywhere else has none.
    outputs |= {
        f"{cell}/y": full.truth[f"{cell}/f"]
        for cell in ladder.cells(full)
        if f"{cell}/f" in full.truth
    }
    scores = regression.score(full, {}, outputs)
    assert scores.heldout == pytest.approx(SIGMA**2)
    assert scores.visible == pytest.approx(SIGMA**2, rel=0.2)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_learns_a_table(name, full):
    cell = f"houses/{ROWS // 2}"
    part = {f"{cell}/{n}": a for n, a in named.part(full.train, cell).items()}
    inputs = {f"{cell}/x": full.inputs[f"{cell}/x"]}
    outputs = examined(METHODS[name], dataclasses.replace(full, train=part, inputs=inputs))[1]
    truth = named.part(full.truth, cell)
    unseen = ~truth["seen"]
    assert np.square(outputs[f"{cell}/y"] - truth["y"])[unseen].mean() < truth["y"][unseen].var()


def test_the_target_has_two_sides_on_a_table_and_a_line_is_told_its_name(full):
    theirs = numbers(full, answered(full, lambda t: t["y"] + np.where(t["seen"], 0.1, 0.4)))
    assert regression.shortfall(theirs, theirs) == ""
    most = 8 / 5 * theirs["houses_risk"]
    for name, bound in (("houses_risk", most), ("houses_visible", most + 0.01)):
        assert regression.shortfall({**theirs, name: bound}, theirs) == ""
        assert "houses" in regression.shortfall({**theirs, name: bound + 1e-6}, theirs)
    for division in ("open", "line"):
        fit = Direct(lambda train, context: {"n": np.array(len(train["y"]))}, division)
        regression.teach(full, fit)
        facts = [f for _, f in fit.calls if "n_features" in f]
        assert sorted(f["n_features"] for f in facts) == [2, 3, 4, 5]
        assert {f.get("family") for f in facts} == (
            set(regression.TABLES) if division == "line" else {None}
        )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,medianvalue\n1,2\n", "no column 'medianhousevalue'. Did you mean 'medianvalue'"),
        ("a,medianhousevalue\n,2\n3,4\n", "has missing numbers"),
    ],
)
def test_a_table_of_another_form_is_refused_in_words(text, message, tmp_path, monkeypatch):
    repository = tables(tmp_path, monkeypatch)
    (repository / "reg_num" / "houses.csv").write_text(text)
    with pytest.raises((Refused, Unknown), match=message):
        regression.make(0, "full")


# ---------------------------------------------------------------------------------------------
# Teach and ask


def test_fit_sees_one_sample_and_is_not_told_whose_unless_it_is_a_line(whole):
    for division in ("open", "line"):
        fit = Direct(lambda train, context: {"n": np.array(len(train["y"]))}, division)
        artifact = regression.teach(whole, fit)
        assert len(fit.calls) == 6
        assert all(train.keys() == {"x", "y"} for train, _ in fit.calls)
        families = [facts.get("family") for _, facts in fit.calls]
        cells = ladder.cells(whole)
        wanted = [cell.split("/")[0] if division == "line" else None for cell in cells]
        assert families == wanted
        if division == "open":
            assert all(not facts for _, facts in fit.calls)
        assert {name: int(a) for name, a in artifact.items()} == {
            f"{cell}/n": int(cell.split("/")[1]) for cell in cells
        }


def test_answers_beyond_all_bounds_are_refused(exam):
    with pytest.raises(Refused, match=r"within 1e\+06, got 1e\+200"):
        regression.score(exam, {}, answered(exam, lambda truth: np.full(len(truth["f"]), 1e200)))


# ---------------------------------------------------------------------------------------------
# The score


def test_who_knows_the_function_has_no_risk_and_no_gap(whole):
    scores = regression.score(whole, {}, answered(whole, lambda truth: truth["f"]))
    assert scores.quality == pytest.approx(1e-12)
    assert scores.heldout == pytest.approx(SIGMA**2)
    assert scores.visible == pytest.approx(SIGMA**2, rel=0.06)
    assert regression.shortfall(dict(scores.extra), dict(scores.extra)) == ""


def test_risk_gap_and_optimism_are_what_their_names_say(whole):
    """Answer f + 0.2 everywhere and add half the noise on what was seen."""
    outputs = answered(whole, lambda t: t["f"] + 0.2 + 0.5 * (t["y"] - t["f"]))
    scores = regression.score(whole, {}, outputs)
    assert scores.quality == pytest.approx(0.04)
    assert scores.stderr == pytest.approx(0, abs=1e-12)
    assert scores.heldout == pytest.approx(0.04 + 0.09)
    assert scores.visible == pytest.approx(0.04 + 0.09 / 4, abs=0.005)
    ladder = scores.series["ladder"]
    np.testing.assert_allclose(ladder["optimism"][ladder["n"] == 2048], 0.09, atol=0.01)
    assert scores.extra["unearned"] == pytest.approx(0.09 / 4 - 0.09 / 2, abs=0.01)
    assert scores.extra["tree_exponent"] == pytest.approx(0, abs=1e-6)
    assert scores.extra["tree_samples"] == pytest.approx(128)


def test_quality_is_the_geometric_mean_over_the_families_and_has_its_standard_error(whole):
    rng = np.random.default_rng(0)
    sizes = {"tree": 0.1, "additive": 0.2, "generic": 0.4}
    outputs = {
        f"{cell}/y": whole.truth[f"{cell}/f"]
        + sizes[cell.split("/")[0]] * rng.standard_normal(len(whole.truth[f"{cell}/f"]))
        for cell in ladder.cells(whole)
    }
    scores = regression.score(whole, {}, outputs)
    assert scores.quality == pytest.approx(0.04, rel=0.05)
    assert scores.heldout == pytest.approx(0.09 + (0.01 + 0.04 + 0.16) / 3, rel=0.03)
    # Squares of normal numbers vary by sqrt(2): three families of 4000 each.
    assert scores.stderr == pytest.approx(0.04 * math.sqrt(2 / 4000 / 3), rel=0.1)


def test_the_exponent_is_the_slope_and_samples_interpolate_it(whole):
    outputs = {
        f"{cell}/y": whole.truth[f"{cell}/f"] + np.sqrt(8 / int(cell.split("/")[1]))
        for cell in ladder.cells(whole)
    }  # a risk of 8 / n
    extra = regression.score(whole, {}, outputs).extra
    for family in FAMILIES:
        assert extra[f"{family}_exponent"] == pytest.approx(-1)
        assert extra[f"{family}_samples"] == pytest.approx(128)  # held: 0.0625 there already
    outputs = {
        f"{cell}/y": whole.truth[f"{cell}/f"] + np.sqrt(40 / int(cell.split("/")[1]))
        for cell in ladder.cells(whole)
    }
    extra = regression.score(whole, {}, outputs).extra
    assert extra["tree_samples"] == pytest.approx(400)


def test_the_theory_falls_from_one_with_the_exponent_of_its_family(whole):
    series = regression.score(whole, {}, answered(whole, lambda truth: truth["f"])).series
    ladder, exponents = series["ladder"], series["exponents"]
    for family, rate in zip(exponents["family"], exponents["theory"], strict=True):
        first, last = ladder["theory"][ladder["family"] == family]
        assert first == 1
        assert np.log(last) / np.log(2048 / 128) == pytest.approx(rate)
    rates = dict(zip(exponents["family"], exponents["theory"], strict=True))
    assert rates == pytest.approx({"tree": -2 / 3, "additive": -4 / 5, "generic": -1 / 3})


def test_the_score_does_not_depend_on_the_order_of_questions(whole):
    rng = np.random.default_rng(0)
    outputs = answered(whole, lambda t: t["f"] + rng.normal(0, 0.3, len(t["f"])))
    truth, permuted = dict(whole.truth), {}
    for cell in ladder.cells(whole):
        order = rng.permutation(len(whole.truth[f"{cell}/f"]))
        for name in ("f", "y", "seen"):
            truth[f"{cell}/{name}"] = truth[f"{cell}/{name}"][order]
        permuted[f"{cell}/y"] = outputs[f"{cell}/y"][order]
    first, second = (
        numbers(whole, outputs),
        numbers(dataclasses.replace(whole, truth=truth), permuted),
    )
    assert first == pytest.approx(second)


def test_the_series_have_a_row_a_cell_and_columns_that_the_charts_name(whole):
    scores = regression.score(
        whole, {"tree/128/W": np.ones(1000)}, answered(whole, lambda t: t["y"])
    )
    for chart in TASK.charts:
        named_columns = {chart.x, chart.y, chart.facet or chart.x, chart.guide or chart.x}
        assert named_columns <= scores.series[chart.series].keys()
    ladder = scores.series["ladder"]
    assert ladder["n"].tolist() == [128, 2048] * 3
    assert ladder["interpolates"].all()
    assert set(ladder["bytes"]) == {named.FLOOR}
    for column in ladder.values():
        assert len(column) == 6


# ---------------------------------------------------------------------------------------------
# The target


def test_the_baseline_reaches_its_own_target_and_so_does_its_copy(whole, theirs):
    assert regression.shortfall(theirs, theirs) == ""
    again = numbers(whole, examined(baseline, whole)[1])
    assert again == theirs


def test_a_constant_is_not_ranked_and_is_told_so(whole, theirs):
    mine = numbers(whole, answered(whole, lambda t: np.full(len(t["f"]), t["y"].mean())))
    assert "risk on tree" in regression.shortfall(mine, theirs)
    assert mine["quality"] == pytest.approx(1, abs=0.05)


def test_training_on_shuffled_values_is_not_ranked(whole, theirs):
    rng = np.random.default_rng(0)
    shuffled = {n: rng.permutation(a) if n.endswith("/y") else a for n, a in whole.train.items()}
    mine = numbers(whole, examined(baseline, dataclasses.replace(whole, train=shuffled))[1])
    assert regression.shortfall(mine, theirs)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_target_has_two_sides_on_every_family(family, theirs):
    most = regression.WITHIN[family] * theirs[f"{family}_risk"]
    for name, bound in ((f"{family}_risk", most), (f"{family}_visible", most + SIGMA**2 + 0.01)):
        assert regression.shortfall({**theirs, name: bound}, theirs) == ""
        assert family in regression.shortfall({**theirs, name: bound + 1e-6}, theirs)


def test_a_gap_that_was_not_earned_is_below_target(whole, theirs):
    assert theirs["unearned"] < 0
    assert "smoothing" in regression.shortfall({**theirs, "unearned": 0.011}, theirs)
    outputs = examined(baseline, whole)[1]
    for cell in ladder.cells(whole):
        seen = whole.truth[f"{cell}/seen"]
        signs = np.where(np.arange(seen.sum()) % 2, 1, -1)
        outputs[f"{cell}/y"][seen] += np.float32(0.4) * signs  # as far as the gap is gone
    mine = numbers(whole, outputs)
    assert mine["visible"] > mine["heldout"]
    assert "smoothing" in regression.shortfall(mine, theirs)


def test_the_target_speaks_of_the_families_that_were_asked(exam):
    mine = numbers(exam, answered(exam, lambda t: t["f"]))
    assert regression.shortfall(mine, mine) == ""


@pytest.mark.parametrize("claim", TASK.claims)
def test_a_claim_is_about_a_number_that_there_is(claim, exam):
    assert claim.contrast.number in numbers(exam, answered(exam, lambda t: t["f"] + 0.1))


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
    assert 0 < trial.quality < 1.1 and trial.visible > 0
    assert trial.artifact_bytes >= sum(trial.series["ladder"]["bytes"]) / 2
    assert 0 < trial.fit_seconds + trial.predict_seconds < 10
    assert trial.timed_seconds == trial.predict_seconds


@pytest.fixture(scope="module")
def methods(whole) -> dict[str, dict[str, float]]:
    """Return the numbers of every reference on all families."""
    return {name: numbers(whole, examined(m, whole)[1]) for name, m in METHODS.items()}


@pytest.mark.slow
def test_every_method_beats_the_constant_somewhere_and_none_is_perfect(methods):
    for name, found in methods.items():
        risks = [found[f"{family}_risk"] for family in FAMILIES]
        assert min(risks) < 0.6, (name, risks)
        assert min(risks) > 1e-4, (name, risks)


@pytest.mark.slow
def test_sums_of_splines_are_right_for_sums_and_for_nothing_else(methods):
    splines = methods["splines"]
    assert splines["additive_risk"] < methods["baseline"]["additive_risk"] / 4
    assert splines["tree_risk"] > 2 * splines["additive_risk"]
    assert splines["generic_risk"] > methods["baseline"]["generic_risk"]


@pytest.mark.slow
def test_who_is_told_the_tree_learns_it_faster(methods):
    assert methods["told"]["tree_risk"] < methods["baseline"]["tree_risk"] / 1.5
    assert methods["told"]["additive_risk"] == methods["splines"]["additive_risk"]
    assert methods["told"]["generic_risk"] == methods["baseline"]["generic_risk"]


@pytest.mark.slow
def test_an_ensemble_has_a_lower_risk_than_one_network(methods):
    for family in FAMILIES:
        assert methods["ensemble"][f"{family}_risk"] < methods["baseline"][f"{family}_risk"]
