"""Exams of laws: who sees what, what a censored row charges, and what is refused."""

import numpy as np
import pytest

from harness.vocabulary import Refused
from tasks._data import laws
from tasks._data.laws import Bank


def bank(n, seed, first_group=0):
    rng = np.random.default_rng(seed)
    known = rng.random((n, 2)) < 0.7
    group = first_group + np.repeat(np.arange((n + 2) // 3), 3)[:n]
    return Bank(rng.normal(size=(n, 4)), rng.normal(size=(n, 2)), known, group)


def draw(seed=0):
    visible, heldout = bank(9, 1, first_group=70), bank(6, 2)
    facts = {"features": list("abcd"), "targets": ["u", "v"]}
    return visible, heldout, laws.exam(visible, heldout, np.random.default_rng(seed), facts)


def test_train_is_the_visible_bank_and_questions_are_both_shuffled():
    visible, heldout, exam = draw()
    assert sorted(map(tuple, exam.train["X"])) == sorted(map(tuple, visible.features))
    everything = np.concatenate([visible.features, heldout.features])
    np.testing.assert_array_equal(exam.inputs["X"], everything[exam.truth["row"]])
    seen = exam.truth["seen"]
    assert seen.sum() == 9 and not seen[:9].all()
    of_train = {tuple(x): tuple(y) for x, y in zip(exam.train["X"], exam.train["Y"], strict=True)}
    for x, y, is_seen in zip(exam.inputs["X"], exam.truth["Y"], seen, strict=True):
        assert (tuple(x) in of_train) == is_seen
        assert not is_seen or of_train[tuple(x)] == tuple(y)
    assert set(exam.inputs) == {"X"}


def test_groups_stay_together_under_new_numbers():
    visible, _, exam = draw()
    old = {tuple(x): g for x, g in zip(visible.features, visible.group, strict=True)}
    new = {tuple(x): g for x, g in zip(exam.train["X"], exam.train["group"], strict=True)}
    pairs = {(old[x], new[x]) for x in old}
    assert len(pairs) == 3 and {g for _, g in pairs} == {0, 1, 2}
    assert (np.diff(exam.train["group"]) >= 0).all()


def test_another_seed_is_another_order_of_the_same_bank():
    one, other = draw(0)[2], draw(5)[2]
    assert (one.truth["row"] != other.truth["row"]).any()
    assert draw(0)[2].truth["row"].tolist() == one.truth["row"].tolist()


def test_a_censored_row_charges_only_what_is_predicted_below_it():
    _, _, exam = draw()
    truth, known = exam.truth["Y"], exam.truth["known"]
    assert (laws.errors(exam, {"Y": truth}) == 0).all()
    above = laws.errors(exam, {"Y": truth + 2})
    below = laws.errors(exam, {"Y": (truth - 2).astype(np.float32)})
    np.testing.assert_allclose(above, np.where(known, 2, 0))
    np.testing.assert_allclose(below, -2, atol=1e-5)


def test_rms_and_its_standard_error_are_those_of_many_draws():
    rng = np.random.default_rng(0)
    assert laws.rms(np.array([3.0, 4.0])) == pytest.approx(12.5**0.5)
    draws = rng.normal(0, 2, (4000, 50))
    spread = np.std([laws.rms(x) for x in draws])
    assert np.mean([laws.stderr(x) for x in draws]) == pytest.approx(spread, rel=0.05)
    assert laws.stderr(np.zeros(5)) == laws.stderr(np.array([1.0])) == 0.0


def test_rows_of_a_group_say_the_same_thing_again():
    rng = np.random.default_rng(0)
    groups = rng.normal(0, 2, (4000, 50)) * rng.uniform(0.5, 1.5, (4000, 50))
    off, group = np.repeat(groups, 3, axis=1), np.repeat(np.arange(50), 3)
    spread = np.std([laws.rms(x) for x in off])
    found = np.mean([laws.stderr(x, group) for x in off])
    assert found == pytest.approx(spread, rel=0.06)
    assert np.mean([laws.stderr(x) for x in off]) < 0.65 * found
    assert laws.stderr(off[0], np.zeros(150)) == 0.0


def test_answers_are_known_questions_only():
    _, _, exam = draw()
    rows = laws.answers(exam, {"Y": exam.truth["Y"] + 1}, ["u", "v"])
    assert len(rows["true"]) == exam.truth["known"].sum()
    np.testing.assert_allclose(rows["predicted"] - rows["true"], 1)
    seen_known = exam.truth["known"][exam.truth["seen"]].sum()
    assert (rows["part"] == "seen").sum() == seen_known
    assert (rows["target"] == "u").sum() == exam.truth["known"][:, 0].sum()


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda y: {"y": y}, r"predict\['Y'\] is missing"),
        (lambda y: {"Y": y[:-1]}, r"must have shape \(15, 2\)"),
        (lambda y: {"Y": y.astype(np.int64)}, "must be float"),
        (lambda y: {"Y": y + 1e7}, "must be within 1e"),
    ],
)
def test_other_answers_are_refused(change, words):
    _, _, exam = draw()
    with pytest.raises(Refused, match=words):
        laws.errors(exam, change(exam.truth["Y"]))


def test_errors_beyond_the_baselines_are_said_each_in_its_words():
    theirs, words = {"visible": 0.5, "heldout": 1.0}, {"heldout": "far off", "visible": "at home"}
    assert laws.beyond({"visible": 0.6, "heldout": 1.2}, theirs, 1.2, words) == ""
    said = laws.beyond({"visible": 0.61, "heldout": 1.3}, theirs, 1.2, words)
    assert said == ("error far off 1.3, wanted at most 1.2; error at home 0.61, wanted at most 0.6")
