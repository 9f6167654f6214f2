"""Critical points: the exam, its truth, what may be sent, certificates, the score, the target."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path

import numpy as np
import pytest

from harness.kernels import deep_net
from harness.sandbox import Nursery
from harness.vocabulary import Arrays, Exam, Refused, Scores
from submissions.baselines.optimization import morse_bott as baseline
from tasks._data import landscapes
from tasks.optimization import morse_bott as task
from tasks.optimization.morse_bott import TASK
from tasks.optimization.morse_bott.problems import draw, matrix, orbits, pool
from tests import zoo
from tests.direct import Direct, assert_is_one, numbers, taught


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


@pytest.fixture(scope="module")
def artifact(exam: Exam) -> Arrays:
    return taught(TASK, exam, baseline.fit)


@pytest.fixture(scope="module")
def scores(exam: Exam, artifact: Arrays) -> Scores:
    return task.score(exam, artifact, {})


# ---------------------------------------------------------------------------------------------
# The exam


def test_another_seed_is_another_exam_and_the_same_seed_the_same(exam):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    for name, array in exam.train.items():
        np.testing.assert_array_equal(again.train[name], array)
    assert not np.array_equal(other.train["linear_additive/1/Y"], exam.train["linear_additive/1/Y"])
    assert exam.facts == again.facts == other.facts


def test_held_out_problems_come_without_points_and_no_singular_value_is_near_c(exam):
    with_points = {name for name in exam.train if name.endswith("/points")}
    assert with_points == {"linear_additive/0/points"}
    for cell in exam.facts["problems"]:
        s = np.linalg.svd(exam.train[f"{cell}/Y"], compute_uv=False)
        assert np.abs(s - 0.3).min() > 0.05


def test_a_call_is_told_its_own_problem_and_the_visible_ones(exam):
    fit = Direct(lambda train, context: {"points": np.zeros((0, 8))}, exam)
    task.teach(exam, fit)
    assert len(fit.calls) == 5
    for (train, told), cell in zip(fit.calls, exam.facts["problems"], strict=True):
        seen = {f"seen/0/{name}" for name in ("X", "Y", "c", "points")}
        assert set(train) == {"X", "Y", "c"} | seen
        np.testing.assert_array_equal(train["Y"], exam.train[f"{cell}/Y"])
        assert told["hidden"] == 2 and told["regularizer"] == "additive"


@pytest.mark.parametrize("kind", ["linear_additive", "linear_multiplicative"])
def test_the_orbits_in_closed_form_are_those_that_a_search_finds(kind):
    rng = np.random.default_rng(3)
    drawn = draw(kind, "standard", rng)
    own = drawn.landscape
    assert landscapes.is_critical(own, drawn.points).all()
    assert len(landscapes.firsts(own.keys(drawn.points))) == len(drawn.points)
    scales = 10 ** rng.uniform(-2, 0.3, (600, 1))
    found = landscapes.search(own, scales * rng.standard_normal((600, own.net.size)))
    assert landscapes.matched(own.keys(drawn.points), own.keys(found)).all()
    assert landscapes.matched(own.keys(found), own.keys(drawn.points)).all()


def test_there_are_two_to_the_number_of_singular_values_above_c():
    for seed in range(8):
        landscape, s = matrix(4, 3, 4, "additive", np.random.default_rng(seed))
        assert len(orbits(landscape)) == 2 ** (s > 0.3).sum()


def test_a_pool_of_the_other_kinds_is_critical_and_has_a_minimum():
    own = draw("linear_generalised", "smoke", np.random.default_rng(0))
    assert landscapes.is_critical(own.landscape, own.points).all()
    certificates = [landscapes.certify(own.landscape, point) for point in own.points]
    assert certificates[0].index == 0 and max(one.index for one in certificates) > 1
    assert {one.nullity for one in certificates} == {0}


def test_two_pools_of_a_deep_problem_share_most_of_their_orbits():
    rng = np.random.default_rng(0)
    own = draw("softplus_additive", "smoke", rng)
    assert landscapes.is_critical(own.landscape, own.points).all()
    assert 1e-2 <= own.landscape.c[0] <= 10**-1.5 and np.ptp(own.landscape.c) == 0
    keys, again = (own.landscape.keys(x) for x in (own.points, pool(own.landscape, rng)))
    assert landscapes.matched(keys, again).mean() > 0.6
    indices = {landscapes.certify(own.landscape, point).index for point in own.points}
    assert 0 in indices and max(indices) > 1


def test_units_of_a_deep_network_may_change_places_and_it_is_the_same_orbit():
    own = draw("softplus_additive", "smoke", np.random.default_rng(0))
    assert own.landscape.generators(own.points[0]).shape == (0, own.landscape.net.size)
    W1, W2, W3 = (W.reshape(len(W), -1) for W in turned(own.landscape, own.points))
    moved = np.concatenate([W1, W2, W3], axis=1)
    far = np.abs(moved - own.points).max(axis=1)
    # Both units of each layer are equal at some critical points, which stay where they are.
    assert far.min() < 1e-9 and far.max() > 0.1
    both = np.stack([own.points[far.argmax()], moved[far.argmax()]])
    assert len(landscapes.critical(own.landscape, both)) == 1
    assert own.landscape.keys(both[:0]).shape == (0, 13)


def turned(landscape: landscapes.Landscape, theta: np.ndarray) -> list[np.ndarray]:
    """Return the matrices of points (K, P) of which both hidden layers are read from the end."""
    assert isinstance(landscape.net, deep_net.DeepNet)
    W1, W2, W3 = deep_net.split(landscape.net, theta)
    return [W1[:, ::-1], W2[:, ::-1, ::-1], W3[:, :, ::-1]]


def test_a_deep_problem_goes_through_an_exam_of_its_own(monkeypatch):
    monkeypatch.setitem(task.KINDS, "smoke", ("linear_additive", "softplus_additive"))
    exam = task.make(0, "smoke")
    assert exam.facts["problems"]["softplus_additive/1"]["hidden"] == [2, 2]
    with_points = {name for name in exam.train if name.endswith("/points")}
    assert with_points == {"linear_additive/0/points", "softplus_additive/0/points"}
    own = task.score(exam, taught(TASK, exam, baseline.fit), {})
    assert own.extra["recall_softplus_additive"] > 0.3
    assert own.extra["orbits_softplus_additive"] > 3
    assert own.extra["uncertified"] == 0
    # What is missing in one kind alone keeps a submission off the board.
    poor = numbers(own) | {"recall_softplus_additive": 0.0}
    assert "of softplus_additive" in TASK.metric.shortfall(poor, numbers(own))


# ---------------------------------------------------------------------------------------------
# The score


def test_the_closed_form_finds_everything_and_every_orbit_is_morse_bott(exam):
    theory = importlib.import_module("submissions.references.optimization.morse_bott_theory")
    scores = task.score(exam, taught(TASK, exam, theory.fit), {})
    assert scores.quality == 1 and scores.visible == scores.heldout == 0
    table = scores.series["orbits"]
    assert set(table["state"]) == {"Morse-Bott"}
    np.testing.assert_array_equal(table["nullity"], table["orbit"])
    assert scores.extra["uncertified"] == scores.extra["beyond_pool"] == 0


def test_the_control_at_a_bifurcation_is_degenerate():
    for seed in range(5):
        exam = Exam({}, {}, {"control": np.array([seed])}, {"size": "standard"})
        one = task.control(exam)
        assert (one.nullity, one.orbit, one.state, one.confirmed) == (4, 0, "degenerate", True)


def test_recall_is_the_share_of_keys_that_a_naive_comparison_finds(exam, artifact, scores):
    shares = []
    for cell in list(exam.facts["problems"])[1:]:
        own = task.landscape_of(exam, cell)
        points = landscapes.critical_points.polish(own.expand, artifact[f"{cell}/points"] * 1.0)
        keys = own.keys(points)
        known = exam.truth[f"{cell}/keys"]
        shares.append(np.mean([min(abs(key - k).max() for k in keys) < 1e-4 for key in known]))
    assert scores.quality == pytest.approx(np.mean(shares))


def test_order_and_copies_of_points_do_not_matter(exam, artifact, scores):
    turned = {name: np.concatenate([a[::-1], a[:1]]) for name, a in reversed(artifact.items())}
    again = numbers(task.score(exam, turned, {}))
    kept = {name: value for name, value in numbers(scores).items() if name != "bytes_per_orbit"}
    assert {name: again[name] for name in kept} == pytest.approx(kept)
    assert again["bytes_per_orbit"] >= scores.extra["bytes_per_orbit"]


def test_half_precision_costs_no_orbit_and_fewer_bytes(exam, artifact, scores):
    rounded = {name: array.astype(np.float16) for name, array in artifact.items()}
    again = task.score(exam, rounded, {})
    assert again.quality == scores.quality
    assert again.extra["bytes_per_orbit"] < 0.7 * scores.extra["bytes_per_orbit"]


BROKEN = {
    "missing": ({}, r"fit \(linear_additive/0\)\['points'\] is missing"),
    "another problem": ({"linear_additive/9/points": np.zeros((1, 8))}, "no array of any problem"),
    "a weight too few": ({"linear_additive/0/points": np.zeros((1, 7))}, "must have shape"),
    "integers": ({"linear_additive/0/points": np.zeros((1, 8), int)}, "'points'"),
    "too many": ({"linear_additive/0/points": np.zeros((257, 8))}, "at most 256, got 257"),
    "too far": ({"linear_additive/0/points": np.full((1, 8), 2e3)}, "must be within 1000"),
    "no symmetry": ({"linear_additive/0/generators": np.eye(8)[None]}, "is no symmetry"),
    "too many symmetries": ({"linear_additive/0/generators": np.zeros((17, 8, 8))}, "at most 16"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_answer_is_refused(name, exam, artifact):
    changes, message = BROKEN[name]
    with pytest.raises(Refused, match=message):
        task.score(exam, artifact | changes if changes else {}, {})


def test_an_answer_is_refused_before_the_next_problem_is_taught(exam):
    fit = Direct(lambda train, context: {"points": np.zeros((1, 3))}, exam)
    with pytest.raises(Refused, match="must have shape"):
        task.teach(exam, fit)
    assert len(fit.calls) == 1


def test_a_true_symmetry_may_be_claimed(exam, artifact, scores):
    omega = np.array([[0.0, 1], [-1, 0]])
    A = np.zeros((8, 8))
    A[:4, :4], A[4:, 4:] = np.kron(omega, np.eye(2)), np.kron(np.eye(2), omega)
    claimed = artifact | {"linear_additive/1/generators": A[None]}
    again = task.score(exam, claimed, {})
    np.testing.assert_array_equal(again.series["orbits"]["orbit"], scores.series["orbits"]["orbit"])


# ---------------------------------------------------------------------------------------------
# The target


def test_the_target_is_a_share_of_what_the_baseline_finds():
    base = {f"recall_{kind}": 0.6 for kind in task.N_HELDOUT} | {"recall_linear_additive": 0.8}
    assert TASK.metric.shortfall(base, base) == ""
    assert TASK.metric.shortfall(base | {"recall_linear_additive": 0.7}, base) == ""
    one = TASK.metric.shortfall(base | {"recall_linear_additive": 0.69}, base)
    assert one == "found 0.69 of the orbits of linear_additive, wanted at least 0.7"
    assert TASK.metric.shortfall(base | {"recall_tanh_additive": 0.3}, base) == ""
    other = TASK.metric.shortfall(base | {"recall_tanh_additive": 0.29}, base)
    assert other == "found 0.29 of the orbits of tanh_additive, wanted at least 0.3"


def test_a_constant_is_not_ranked(exam, scores):
    origin = taught(TASK, exam, lambda train, context: {"points": np.zeros((1, len(train["c"])))})
    own = numbers(task.score(exam, origin, {}))
    assert own["quality"] <= 0.5
    assert TASK.metric.shortfall(own, numbers(scores))


def test_a_copy_of_the_baseline_scores_the_same(exam, scores):
    assert numbers(task.score(exam, taught(TASK, exam, baseline.fit), {})) == numbers(scores)


def test_the_baselines_expansion_is_the_tasks():
    rng = np.random.default_rng(0)
    for kind in ("linear_multiplicative", "linear_additive"):
        own = draw(kind, "standard", rng).landscape
        check_expansion(own, rng)
    net = dataclasses.replace(own, net=own.net._replace(activation="tanh"), weight=0.25)
    check_expansion(net, rng)
    check_expansion(draw("softplus_additive", "smoke", rng).landscape, rng)


def check_expansion(own: landscapes.Landscape, rng: np.random.Generator) -> None:
    theirs = baseline.problem_of(own.arrays(), task.told(own))
    theta = rng.normal(size=(3, own.net.size))
    value, gradient, hessian = own.expand(theta)
    g, H = theirs.expand(theta)
    np.testing.assert_allclose(g, gradient, atol=1e-12)
    np.testing.assert_allclose(H, hessian, atol=1e-12)
    np.testing.assert_allclose(theirs.gradient(theta), gradient, atol=1e-12)
    np.testing.assert_allclose(theirs.keys(theta)[:, 0], value, atol=1e-12)


@pytest.mark.parametrize("method", ["descent", "rounded", "theory", "wide"])
def test_a_reference_returns_points(method, exam):
    module = importlib.import_module(f"submissions.references.optimization.morse_bott_{method}")
    scores = task.score(exam, taught(TASK, exam, module.fit), {})
    found = scores.extra["recall_linear_additive"]
    assert found < 0.5 if method == "descent" else found >= 0.7


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(nursery: Nursery, tmp_path: Path) -> None:
    assert_is_one(zoo.boards(TASK, [], nursery, tmp_path, (0, 1, 2))["copied"])
