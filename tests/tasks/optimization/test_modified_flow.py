"""Modified equations: the exam, the networks, how an equation is followed, the score."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness import catalog, rank, trial
from harness import run as rounds
from harness.kernels import tableau_flow
from harness.sandbox import Nursery
from harness.store import open_store
from harness.vocabulary import Arrays, Context, Exam, Refused, Scores
from submissions.baselines.optimization import modified_flow as baseline
from submissions.references.optimization import modified_flow_fitted as fitted
from submissions.references.optimization import modified_flow_third_order as third_order
from tasks.optimization import modified_flow as task
from tasks.optimization.modified_flow import HELDOUT, TASK, UNFOLLOWED, VISIBLE
from tasks.optimization.modified_flow.networks import FAMILIES, Problems, descend, sharpness
from tasks.optimization.modified_flow.runs import errors, follow, log_rho, runs_of, turns

METHODS = sorted(set(catalog.submissions("modified_flow")) - {"baseline"})
STILL = {"points": np.empty((0, 2)), "rates": np.zeros((1, 2))}


def taught(exam: Exam, fit: Callable[[Arrays, Context], Arrays]) -> Arrays:
    return fit(exam.train, Context(0, 60.0, 1, "cpu", exam.facts))


def reference(method: str) -> Any:
    return importlib.import_module(f"submissions.references.optimization.modified_flow_{method}")


def numbers(scores: Scores) -> dict[str, float]:
    own = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    return own | dict(scores.extra)


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


@pytest.fixture(scope="module")
def scores(exam: Exam) -> Scores:
    return task.score(exam, taught(exam, baseline.fit), {})


# ---------------------------------------------------------------------------------------------
# The networks


def drawn(family: str, classes: bool = False, B: int = 3) -> tuple[Problems, np.ndarray]:
    rng = np.random.default_rng(0)
    widths, n = (4, 5, 3, 2), 7
    Y = rng.standard_normal((B, n, 2))
    if classes:
        Y = np.eye(2)[Y.argmax(axis=-1)]
    problems = Problems(family, widths, rng.standard_normal((B, n, 4)), Y, classes)
    return problems, 0.7 * rng.standard_normal((B, problems.n_weights))


def loss(problems: Problems, row: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the loss of one problem, written for torch."""
    X, Y = torch.tensor(problems.X[row]), torch.tensor(problems.Y[row])

    def value(x: torch.Tensor) -> torch.Tensor:
        h, at = X, 0
        for k, (a, b) in enumerate(zip(problems.widths[:-1], problems.widths[1:], strict=True)):
            if k and problems.family == "soft":
                h = torch.nn.functional.softplus(h, beta=4, threshold=1e6)
            h = h @ x[at : at + a * b].reshape(a, b)
            at += a * b
        if problems.classes:
            return -(Y * torch.log_softmax(h, dim=1)).sum() / len(X)
        return ((h - Y) ** 2).sum() / (2 * len(X))

    return value


@pytest.mark.parametrize("classes", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_gradients_and_products_are_those_of_automatic_differentiation(family, classes):
    problems, x = drawn(family, classes)
    v = np.random.default_rng(1).standard_normal(x.shape)
    F, Fv = problems.gradient(x), problems.product(x, v)
    for row in range(len(x)):
        at = torch.tensor(x[row], requires_grad=True)
        gradient, product = torch.autograd.functional.vhp(
            loss(problems, row), at, torch.tensor(v[row])
        )
        (wanted,) = torch.autograd.grad(loss(problems, row)(at), at)
        np.testing.assert_allclose(F[row], wanted, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(Fv[row], product, rtol=1e-9, atol=1e-12)
        del gradient


def test_sharpness_is_the_largest_eigenvalue_of_the_hessian():
    problems, x = drawn("soft")
    found = sharpness(problems, x)
    for row in range(len(x)):
        H = torch.autograd.functional.hessian(loss(problems, row), torch.tensor(x[row]))
        assert found[row] == pytest.approx(float(torch.linalg.eigvalsh(H)[-1]))
    np.testing.assert_allclose(sharpness(problems, x, n_power=2000), found, rtol=1e-3)


def test_descent_takes_the_steps_that_a_loop_takes():
    problems, x = drawn("lin")
    eta = np.array([0.1, 0.2, 0.05])
    path = descend(problems, x, eta, 3)
    for row in range(3):
        own, at = problems.take([row]), x[[row]]
        for k in range(4):
            np.testing.assert_allclose(path[k, row], at[0])
            at = at - eta[row] * own.gradient(at)


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another(exam):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    for part in ("train", "truth"):
        first, second, third = (getattr(e, part) for e in (exam, again, other))
        assert first.keys() == second.keys() == third.keys()
        for name in first:
            assert first[name].tobytes() == second[name].tobytes()
            assert first[name].tobytes() != third[name].tobytes(), name


def test_nothing_of_the_held_out_runs_is_shown(exam):
    assert exam.inputs == {} and exam.facts["fractions"] == list(VISIBLE)
    for name, array in exam.truth.items():
        shown = exam.train[name]
        for one in array.reshape(-1, array.shape[-1]):
            assert not (shown.reshape(-1, shown.shape[-1])[:, : len(one)] == one).all(1).any()


def test_the_iterates_are_those_of_descent_at_the_fractions_of_the_sheet(exam):
    for part, fractions in ((exam.train, VISIBLE), (exam.truth, HELDOUT)):
        for family in FAMILIES:
            runs = runs_of(part, family, exam.facts, fractions)
            T = exam.facts["n_steps"]
            again = descend(runs.problems, runs.path[0], runs.eta, T)
            np.testing.assert_array_equal(again, runs.path)
            np.testing.assert_allclose(runs.eta / runs.eta[0], runs.fraction / runs.fraction[0])
            later = descend(runs.problems, runs.path[0], np.full(len(runs.eta), 0.02), 6000)[-1]
            h = [sharpness(runs.problems, x) for x in (runs.path[0], later)]
            np.testing.assert_allclose(runs.eta, 2 * runs.fraction / np.maximum(*h), rtol=1e-9)


def test_descent_turns_beyond_the_edge_and_stays_within_bounds():
    exam = task.make(1, "standard")
    runs = runs_of(exam.truth, "lin", exam.facts, HELDOUT)
    counts = turns(log_rho(runs.problems, runs.path))
    assert (counts[runs.fraction == 1.1] >= 4).sum() >= 4
    assert (counts[runs.fraction == 0.9] >= 4).sum() <= 3
    assert all(np.abs(exam.truth[f"{family}/x"]).max() < 10 for family in FAMILIES)


def test_a_class_problem_of_the_full_size_can_be_drawn(monkeypatch):
    small = dataclasses.replace(task.SCALES["full"], widths=(4, 6, 3), n_samples=8, n_steps=5)
    monkeypatch.setitem(task.SCALES, "full", small)
    exam = task.make(0, "full")
    assert exam.facts["classes"] and set(np.unique(exam.train["lin/Y"])) == {0, 1}
    assert task.score(exam, taught(exam, fitted.fit), {}).extra["followed"] == 1


# ---------------------------------------------------------------------------------------------
# How an equation is followed


def test_errors_are_those_of_a_loop():
    problems, x = drawn("lin", B=2)
    rng = np.random.default_rng(2)
    a, b = (x + 0.1 * rng.standard_normal((5, *x.shape)) for _ in range(2))
    rho, angle = errors(problems, a, b)
    for row in range(2):
        logs, angles = [], []
        for k in range(5):
            for W, U in zip(problems.layers(a[k, row]), problems.layers(b[k, row]), strict=True):
                logs.append(np.log(np.linalg.norm(W) / np.linalg.norm(U)) ** 2)
                cosine = (W * U).sum() / np.linalg.norm(W) / np.linalg.norm(U)
                angles.append(np.arccos(cosine))
        assert rho[row] == pytest.approx(np.sqrt(np.mean(logs)))
        assert angle[row] == pytest.approx(np.mean(angles))


def test_turns_are_counted_and_rounding_is_none():
    logs = np.array([[0, 1, 0, 1, 0], [0, 1, 1 + 1e-12, 1, 2], [0, 1, 2, 1, 0.0]]).T
    assert turns(logs).tolist() == [3, 0, 1]


def test_the_solution_is_fine_and_the_counted_steps_are_the_fewest_that_stay_near(exam):
    runs = runs_of(exam.truth, "lin", exam.facts, HELDOUT)
    tableau = tableau_flow.read(taught(exam, baseline.fit))
    found = follow(tableau, runs)
    assert found.done.all()
    rows = np.arange(len(runs.eta))
    fine = runs.flow(tableau, rows, 64)
    miss = np.abs(found.path - fine).max(axis=(0, 2))
    assert (miss < 0.02 * np.abs(fine - runs.path).max(axis=(0, 2))).all()
    for r in rows:
        for m in (1, 2, 4, 8):
            path = runs.flow(tableau, rows[[r]], m)
            layers = zip(
                runs.problems.layers(path), runs.problems.layers(fine[:, [r]]), strict=True
            )
            near = all(
                (np.linalg.norm(W - U, axis=(2, 3)) <= 1e-3 * np.linalg.norm(U, axis=(2, 3))).all()
                for W, U in layers
            )
            if near:
                break
        assert found.n_steps[r] == m


def test_a_run_does_not_depend_on_its_company(exam):
    runs = runs_of(exam.train, "soft", exam.facts, VISIBLE)
    tableau = tableau_flow.read(taught(exam, reference("literal").fit))
    together = follow(tableau, runs)
    for r in range(len(runs.eta)):
        alone = dataclasses.replace(
            runs,
            problems=runs.problems.take([r]),
            eta=runs.eta[[r]],
            path=runs.path[:, [r]],
            fraction=runs.fraction[[r]],
        )
        np.testing.assert_allclose(follow(tableau, alone).path[:, 0], together.path[:, r])


def test_an_equation_that_only_a_coarse_step_bears_is_not_followed(exam):
    """A rate of -1e6 is stable for no step that the integrator may take."""
    stiff = taught(exam, baseline.fit) | {"rates": np.array([[0, 1, 0], [0, -1e6, -1e6]])}
    scores = task.score(exam, stiff, {})
    assert scores.extra["followed"] == 0 and scores.extra["richardson"] == 0
    assert scores.heldout == pytest.approx(1e3 * np.sqrt(np.prod(UNFOLLOWED)))
    assert scores.extra["calls"] > 1000


def test_code_could_hide_a_clock_in_its_state_and_be_descent():
    """Why the equation is data: this right-hand side is pure, of size 2P, and Richardson's is 16.

    With w = v + G(x), which is 0 at the start, w_1' = 1 is the time. It then moves from x_k to
    x_k - G(x_k) at the pace of 1 - cos(2 pi t), recovering x_k from x and the time by iteration.
    """
    rng = np.random.default_rng(3)
    X = rng.standard_normal((1, 12, 3))
    problems = Problems("lin", (3, 3, 2), X, X @ rng.standard_normal((1, 3, 2)))
    x = rng.standard_normal((1, problems.n_weights)) / np.sqrt(3)
    later = descend(problems, x, np.full(1, 0.02), 2000)[-1]
    eta = 0.3 * 2 / max(sharpness(problems, x)[0], sharpness(problems, later)[0])
    tick = np.zeros_like(x)
    tick[0, 0] = 1

    def G(y: np.ndarray) -> np.ndarray:
        return eta * problems.gradient(y)

    def rate(z: np.ndarray) -> np.ndarray:
        x, v = z
        t = (v + G(x))[0, 0]
        s = t - np.floor(t + 1e-6)
        start = x
        for _ in range(40):
            start = x + (s - np.sin(2 * np.pi * s) / (2 * np.pi)) * G(start)
        dx = -G(start) * (1 - np.cos(2 * np.pi * s))
        return np.stack([dx, tick - eta * problems.product(x, dx)])

    def solve(m: int) -> np.ndarray:
        z, path = np.stack([x, -G(x)]), [x]
        for _ in range(3):
            for _ in range(m):
                k1 = rate(z)
                k2 = rate(z + k1 / (2 * m))
                k3 = rate(z + k2 / (2 * m))
                z = z + (k1 + 2 * k2 + 2 * k3 + rate(z + k3 / m)) / (6 * m)
            path.append(z[0])
        return np.array(path)

    wanted = descend(problems, x, np.full(1, eta), 3)
    paths = [solve(m) for m in (8, 16, 32)]
    assert np.abs(paths[-1] - wanted).max() < 1e-6
    coarse, fine = (np.abs(a - b).max() for a, b in zip(paths, paths[1:], strict=False))
    assert 10 < coarse / fine < 30
    state = np.stack([x, -G(x)])
    first = rate(state)
    rate(2 * state)
    np.testing.assert_array_equal(rate(state), first)
    honest = tableau_flow.read(baseline.fit({}, None))
    off = tableau_flow.flow(honest, x, G, lambda y, d: eta * problems.product(y, d), 3, 32)
    assert np.abs(off - wanted).max() > 100 * np.abs(paths[-1] - wanted).max()


# ---------------------------------------------------------------------------------------------
# The score


def test_numbers_are_means_of_logarithms_over_runs(exam, scores):
    runs = scores.series["runs"]
    log_error = np.log10(runs["err_rho"] * runs["err_V"]) / 2
    heldout = runs["part"] == "heldout"
    assert scores.quality == pytest.approx(log_error[heldout].mean())
    assert np.log10(scores.heldout / 1e3) == pytest.approx(scores.quality)
    assert np.log10(scores.visible / 1e3) == pytest.approx(log_error[~heldout].mean())
    assert scores.extra["log10_visible"] == pytest.approx(log_error[~heldout].mean())
    assert set(runs["fraction"][heldout]) == set(HELDOUT)
    assert 15 < scores.extra["richardson"] < 64


def test_f1_is_that_of_what_is_to_be_found():
    none, some = np.zeros(4, bool), np.array([True, True, False, False])
    assert task._f1(none, none) == 1 and task._f1(none, some) == task._f1(some, none) == 0
    assert task._f1(some, np.array([True, False, True, False])) == 0.5


def test_the_order_of_the_problems_does_not_matter():
    exam = task.make(0, "standard")
    short = [
        {k: v[:4, :, :9] if k.endswith("/x") else v[:4] for k, v in part.items()}
        for part in (exam.train, exam.truth)
    ]
    turned = [{k: v[::-1] for k, v in part.items()} for part in short]
    artifact = taught(exam, baseline.fit)
    both = [
        numbers(task.score(dataclasses.replace(exam, train=a, truth=b), artifact, {}))
        for a, b in (short, turned)
    ]
    assert both[0] == pytest.approx(both[1], rel=1e-9)


BROKEN = {
    "nothing": ({}, "fit: 'points' must have shape"),
    "empty": ({"points": np.empty((0, 0))}, "fit: 'points' must have shape"),
    "not a number": ({"points": np.full((1, 3), np.nan)}, "'rates' must have shape"),
    "a third state": ({"points": np.ones((1, 3)), "rates": np.ones((3, 3))}, "'rates' must"),
    "more": (STILL | {"more": np.ones(1)}, "'more' is no array of this equation"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_equation_is_refused(name, exam):
    artifact, message = BROKEN[name]
    with pytest.raises(Refused, match=message):
        task.score(exam, artifact, {})


def test_the_target_is_a_distance_from_the_baselines_on_both_sides():
    base = {"quality": -2.7, "log10_visible": -3.8}
    assert TASK.metric.shortfall(base, base) == ""
    assert TASK.metric.shortfall({"quality": -2.42, "log10_visible": -3.52}, base) == ""
    one = TASK.metric.shortfall({"quality": -2.3, "log10_visible": -3.8}, base)
    assert one == "log10 error -2.3 on held-out runs, wanted at most -2.41"
    other = TASK.metric.shortfall({"quality": -2.7, "log10_visible": -3.4}, base)
    assert other == "log10 error -3.4 on visible runs, wanted at most -3.51"


def test_a_constant_is_not_ranked_and_its_calls_are_above_zero(exam, scores):
    still = numbers(task.score(exam, STILL, {}))
    assert still["followed"] == 1 and still["calls"] == 4
    short = TASK.metric.shortfall(still, numbers(scores))
    assert "held-out" in short and "visible" in short


def test_a_copy_of_the_baseline_scores_the_same(exam, scores):
    assert numbers(task.score(exam, taught(exam, baseline.fit), {})) == numbers(scores)


@pytest.mark.slow
def test_a_copy_of_the_baseline_is_one_on_the_board(nursery: Nursery, tmp_path: Path) -> None:
    copy = tmp_path / "the_same.py"
    copy.write_text(Path(str(baseline.__file__)).read_text())
    entries = [catalog.find(name, TASK.name) for name in ("baseline", str(copy))]
    entries = [rounds.entered(TASK, entry) for entry in entries]
    with open_store(str(tmp_path / "trials.db")) as store:
        round = rounds.open_round(store, TASK, "standard", (0, 1, 2), entries)
        store.begin(round)
        for item in rounds.items(TASK, round, entries):
            store.append(trial.examine(item, nursery))
        measured = store.measurements(TASK.name, "standard", TASK.version)
    table = rank.standings(measured, TASK.metric, TASK.divisions, TASK.axes, counts=TASK.counts)
    (row,) = table[table["submission"] == "the_same"].to_dict("records")
    assert (row["status"], row["rank"]) == ("ranked", 1), row
    assert row["gap_difference"] == 0 and row["compression"] == row["score"] == 1


# ---------------------------------------------------------------------------------------------
# The submissions


@pytest.mark.parametrize(
    ("method", "order"),
    [
        ("gradient_flow", 1),
        ("modified", 2),
        ("at_rest", 1),
        ("log3", 3),
        ("log5", 5),
        ("third_order", 3),
        ("baseline", 2),
    ],
)
def test_an_equation_has_its_order_in_eta(method, order):
    """Errors after a fixed time fall like eta^order; from rest it is that of its start."""
    problems, x = drawn("soft", B=1)
    fit = baseline.fit if method == "baseline" else reference(method).fit
    tableau = tableau_flow.read(fit({}, None))
    found = []
    for halved in range(2):
        eta, T = 0.005 / 2**halved, 8 * 2**halved
        path = tableau_flow.flow(
            tableau,
            x,
            lambda y, eta=eta: eta * problems.gradient(y),
            lambda y, d, eta=eta: eta * problems.product(y, d),
            T,
            16,
        )
        wanted = descend(problems, x, np.full(1, eta), T)
        found.append(np.abs(path[-1] - wanted[-1]).max())
    assert np.log2(found[0] / found[1]) == pytest.approx(order, abs=0.25)


def test_the_literal_equation_depends_on_the_unit_of_the_loss():
    """Multiplying the loss by 4 and dividing eta by 4 leaves descent and the others as they are."""
    x = np.ones((1, 1))
    for method, changes in (("literal", True), ("modified", False)):
        tableau = tableau_flow.read(reference(method).fit({}, None))
        paths = [
            tableau_flow.flow(tableau, x, lambda y: y / 2, lambda y, d: d / 2, 3, 64, unit)
            for unit in (0.5, 0.125)
        ]
        assert (np.abs(paths[0] - paths[1]).max() > 1e-3) == changes


def test_the_third_order_equation_in_w_is_that_in_v(exam):
    runs = runs_of(exam.train, "soft", exam.facts, VISIBLE)
    rows = np.arange(len(runs.eta))
    in_w = tableau_flow.read(third_order.fit({}, None))
    in_v = tableau_flow.read(fitted.equation(6, -2, 0, 0.5))
    assert (in_w.n_calls, in_v.n_calls) == (1, 2)
    paths = [runs.flow(tableau, rows, 32) for tableau in (in_w, in_v)]
    np.testing.assert_allclose(*paths, atol=1e-7)


def test_the_fitted_equation_is_fitted_with_the_tasks_own_flow(exam):
    some = fitted.Runs(exam.train, "soft", exam.facts)
    runs = runs_of(exam.train, "soft", exam.facts, VISIBLE)
    rows = np.array([1, 2])
    tableau = tableau_flow.read(fitted.equation(3, 0.1, 0.5, 0.5))
    path = runs.flow(tableau, rows, fitted.N_STEPS)
    wanted = (path - runs.path[:, rows])[1:] / np.array(VISIBLE[1:])[:, None] ** 3
    np.testing.assert_allclose(some.residuals(3, 0.1, 0.5, 0.5), wanted.ravel(), atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_a_reference_is_an_equation_of_at_most_two_states(method, exam):
    artifact = taught(exam, reference(method).fit)
    scores = task.score(exam, artifact, {})
    assert scores.extra["dimension"] in (1, 2)
    assert scores.extra["followed"] == 1
    assert np.isfinite([*numbers(scores).values()]).all()
