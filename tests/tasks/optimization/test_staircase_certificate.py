"""The exact check of compositions: the theorem, its counterexamples, the format, the ranking."""

from __future__ import annotations

import importlib
import itertools
from fractions import Fraction

import numpy as np
import pytest

from harness import catalog
from harness import run as rounds
from harness.sandbox import Nursery
from harness.trial import Item, examine
from harness.vocabulary import Arrays, Context, Refused, Round
from submissions.baselines.optimization.staircase_certificate import expansions
from submissions.references.optimization import staircase_certificate_search as search
from tasks._data import fourier
from tasks.optimization import staircase_certificate as certificate
from tasks.optimization.staircase_certificate import TASK

EXAM = certificate.make(0, "standard")
ENTRIES = catalog.submissions(TASK.name)


def answer(name: str, seed: int = 0) -> Arrays:
    folder = "baselines" if name == "baseline" else "references"
    module = importlib.import_module(f"submissions.{folder}.optimization.{ENTRIES[name].module}")
    return module.fit({}, Context(seed, 60.0, 1, "cpu", EXAM.facts))


def numbers(artifact: Arrays) -> dict[str, float]:
    scores = certificate.score(EXAM, artifact, {})
    found = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return found | dict(scores.extra)


# ---------------------------------------------------------------------------------------------
# The theorem


@pytest.mark.parametrize("seed", range(3))
def test_on_disjoint_variables_with_mean_zero_a_composition_is_a_staircase(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(300):
        k = int(rng.integers(1, 4))
        variables = rng.permutation(9)
        cuts = np.sort(rng.choice(np.arange(1, 9), k - 1, replace=False))
        inner = [search.staircase(rng, part) for part in np.split(variables, cuts)]
        outer = search.staircase(rng, range(k)) | ({0: 1} if rng.random() < 0.5 else {})
        composed = fourier.compose(outer, inner)
        assert not fourier.unsupported(composed)
        # As the proof has it: the support is every union, and nothing has cancelled.
        unions = {
            sum(choice)
            for T in outer
            for choice in itertools.product(*(f for i, f in enumerate(inner) if T >> i & 1))
        }
        assert set(composed) == unions


def test_without_either_hypothesis_there_are_counterexamples() -> None:
    shared, shifted = numbers(answer("sum")), numbers(answer("shift"))
    assert (shared["shared"], shared["means"]) == (1, 0)
    assert (shifted["shared"], shifted["means"]) == (0, 1)
    for found in (shared, shifted):
        assert (found["quality"], found["variables"], found["terms"]) == (1, 2, 5)
        assert found["leap"] == 2


def test_the_baseline_is_the_counterexample_of_the_sheet() -> None:
    found = certificate.read(answer("baseline"))
    assert fourier.compose(found.outer, found.inner) == {0b11: 3}
    assert (found.variables, found.terms, found.shared, found.means) == (2, 8, 2, 0)


def test_fewer_than_five_terms_make_no_counterexample_on_two_variables() -> None:
    """Two terms of g and two functions of one term: the only shape that is not trivial."""
    coefficients = (1, -1, 2)  # cancel or do not
    for masks in itertools.combinations(range(4), 2):
        if fourier.unsupported(masks):
            continue
        for sets in itertools.product(range(3), repeat=2):
            for a, b, c, d in itertools.product(coefficients, repeat=4):
                inner = [{sets[0]: c}, {sets[1]: d}]
                composed = fourier.compose(dict(zip(masks, (a, b), strict=True)), inner)
                assert not fourier.unsupported(composed)


@pytest.mark.parametrize("seed", range(3))
def test_the_search_finds_one_where_there_is_one_and_only_there(seed: int) -> None:
    assert numbers(answer("search", seed))["quality"] == 1
    line = numbers(answer("disjoint", seed))
    assert (line["quality"], line["shared"], line["means"]) == (0, 0, 0)


def test_the_search_composes_as_the_task_does() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        inner = [search.staircase(rng, range(5)) for _ in range(3)]
        outer = search.staircase(rng, range(3))
        composed = fourier.compose(outer, inner)
        assert search.compose(outer, inner) == composed
        assert search.lonely(composed) == bool(fourier.unsupported(composed))


# ---------------------------------------------------------------------------------------------
# Format and ranking


def test_arrays_are_read_as_they_are_meant() -> None:
    arrays = expansions({0b01: 2, 0b11: -1}, {0b01: 3}, {0b000: 1, 0b100: 5})
    arrays["inner1/denominator"] = np.array([1, 7])
    found = certificate.read(arrays)
    assert found.outer == {1: 2, 3: -1}
    assert found.inner == [{1: 3}, {0: 1, 4: Fraction(5, 7)}]
    assert (found.terms, found.variables, found.means, found.shared) == (5, 2, 1, 0)


def changed(name: str, value: np.ndarray) -> Arrays:
    return expansions({0b01: 1, 0b10: -1}, {0b01: 1, 0b11: 1}, {0b01: 1}) | {name: value}


BROKEN = {
    "a negative mask": ("outer/mask", np.array([1, -2]), "different masks from 0 to 2\\^2 - 1"),
    "a mask too far": ("inner0/mask", np.array([1, 1024]), "from 0 to 2\\^10 - 1"),
    "a huge number": ("outer/numerator", np.array([1, 10**6 + 1]), "from 1 to 1,000,000 in size"),
    "the smallest int64": ("outer/numerator", np.array([1, -(2**63)]), "in size"),
    "a negative denominator": ("outer/denominator", np.array([1, -1]), "from 1 to 1,000,000"),
    "no terms": ("inner1/mask", np.zeros(0, int), "a denominator for each mask, got 0, 1 and 1"),
    "a term too few": ("inner0/mask", np.array([1]), "got 1, 2 and 2"),
    "a table": ("inner0/mask", np.array([[1, 3]]), "must have shape \\(any,\\)"),
    "floats": ("inner0/mask", np.array([1.0, 3.0]), "must be integer, got float64"),
    "unsigned": ("inner0/mask", np.array([1, 3], np.uint64), "must be integer, got uint64"),
    "another array": ("note", np.array([1]), "fit\\['inner2/mask'\\] is missing"),
    "a gap in the numbers": ("inner7/mask", np.array([1]), "fit\\['inner2/mask'\\] is missing"),
}


@pytest.mark.parametrize("name, value, message", BROKEN.values(), ids=BROKEN)
def test_what_is_no_composition_is_refused_in_words(name, value, message) -> None:
    with pytest.raises(Refused, match=message):
        certificate.read(changed(name, value))


def test_all_terms_together_are_limited() -> None:
    f = {1 << i: 1 for i in range(10)}
    certificate.read(expansions(f, *[{1: 1}] * 10))
    with pytest.raises(Refused, match="may have 40 terms, got 42"):
        certificate.read(expansions({1: 1, 2: 1}, *[f] * 4))


def test_the_largest_composition_is_expanded_in_moments() -> None:
    """Coefficients without common factors, every product over as many sets as terms allow."""
    rng = np.random.default_rng(0)
    chain = [2**j - 1 for j in range(1, 11)]
    sets = [*chain, 0, 0b10]
    arrays = expansions({1: 1, 3: 1, 7: 1, 5: 1}, *[dict.fromkeys(sets, 1)] * 3)
    for name, array in arrays.items():
        if not name.endswith("mask"):
            arrays[name] = rng.integers(10**5, 10**6, len(array))
    assert certificate.read(arrays).terms == 40
    assert numbers(arrays)["leap"] >= 1


def test_fewer_variables_come_first_and_then_fewer_terms() -> None:
    few = numbers(answer("sum"))
    many = numbers(expansions({1: 1, 2: -1}, {1: 1, 3: 1, 7: 1}, {1: 1}))  # x1 x2 + x1 x2 x3
    wide = {S: 1 for S in (1, 2, 3)}
    full = numbers(expansions({1: 1, 3: 1}, wide, wide | {3: -2}))
    assert (few["size"], full["size"]) == (5, 7 + 1)
    assert many["variables"] == 3 and many["size"] == 6 * certificate.ABREAST
    assert certificate.ABREAST > certificate.TERMS


def test_only_counterexamples_are_ranked() -> None:
    theirs = numbers(answer("baseline"))
    assert certificate.shortfall(theirs, theirs) == ""
    trivial = numbers(expansions({1: 1}, {1: 1}))
    assert (trivial["visible"], trivial["heldout"]) == (1, 1)
    assert certificate.shortfall(trivial, theirs) == "the composition is a staircase"


def test_the_exam_has_nothing_to_draw_and_tells_nothing() -> None:
    assert certificate.make(1, "smoke") == EXAM
    assert EXAM.train == EXAM.inputs == EXAM.truth == {}


def test_the_series_name_every_set_and_what_has_no_step() -> None:
    sets = certificate.score(EXAM, answer("baseline"), {}).series["sets"]
    columns = ("function", "set", "coefficient", "step")
    rows = list(zip(*(sets[column].tolist() for column in columns), strict=True))
    assert ("composition", "{0, 1}", 3.0, "no") in rows
    assert ("inner 1", "{0, 1}", -2.0, "yes") in rows
    assert len(rows) == 9
    for chart in TASK.charts:
        assert {chart.x, chart.y, chart.facet} <= sets.keys()


@pytest.mark.parametrize("name", ENTRIES)
def test_a_reference_is_examined_behind_the_wall(name: str, nursery: Nursery) -> None:
    entry = rounds.entered(TASK, ENTRIES[name])
    round = Round("r", TASK.name, 1, "smoke", (0,), {}, "", {}, "2026-01-01T00:00:00")
    result = examine(Item(round, entry, None, 0), nursery)
    assert (result.status, result.quality) == ("ok", float(name != "disjoint")), result.reason
    assert result.extra["size"] == numbers(answer(name))["size"]
