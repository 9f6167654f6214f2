"""Flows of tableaus against closed forms, a naive evaluation and the library's integrator."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from harness.kernels.tableau_flow import LARGEST, MOST_STAGES, flow, read, sums

M = np.array([[1.0, 0.4], [0.4, 0.3]])


def field(y):
    return y @ M + 0.2 * y**2


def product(y, d):
    return d @ M + 0.4 * y * d


def draw(s=4, seed=0):
    rng = np.random.default_rng(seed)
    strict = np.tri(s, s + 2, k=1)
    directions = rng.normal(size=(s, s + 2)) * strict
    directions[::2] = 0
    return {
        "points": rng.normal(size=(s, s + 2)) * strict,
        "directions": directions,
        "rates": 0.2 * rng.normal(size=(2, s + 2)),
        "start": 0.2 * rng.normal(size=s + 2),
    }


def naive(arrays, x, v):
    r = [x, v]
    for a, b in zip(arrays["points"], arrays["directions"], strict=True):
        y = sum(c * one for c, one in zip(a, r, strict=False))
        d = sum(c * one for c, one in zip(b, r, strict=False))
        r.append(product(y, d) if b.any() else field(y))
    return r


def test_a_right_hand_side_is_the_sum_that_the_definition_says():
    arrays, rng = draw(), np.random.default_rng(1)
    x, v = rng.normal(size=(2, 3, 2))
    r = naive(arrays, x, v)
    got = sums(read(arrays), arrays["rates"], x, v, field, product)
    for row, one in zip(arrays["rates"], got, strict=True):
        np.testing.assert_allclose(one, sum(c * part for c, part in zip(row, r, strict=True)))


def test_the_same_state_gives_the_same_answer_whatever_was_asked_before():
    arrays, rng = draw(), np.random.default_rng(1)
    tableau = read(arrays)
    x, v, other = rng.normal(size=(3, 3, 2))
    first = sums(tableau, tableau.R, x, v, field, product)
    sums(tableau, tableau.R, other, x, field, product)
    flow(tableau, 0.1 * other, field, product, 1, 2)
    again = sums(tableau, tableau.R, x, v, field, product)
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("unit", [1.0, 0.5])
def test_a_flow_is_the_librarys(unit):
    arrays = draw() | {"powers": np.array([1, -1])}
    x = 0.1 * np.random.default_rng(2).normal(size=(3, 2))
    got = flow(read(arrays), x, field, product, 3, 32, unit)
    r = naive(arrays, x, np.zeros_like(x))
    v = sum(c * part for c, part in zip(arrays["start"], r, strict=True))

    def rate(t, z):
        a, b = z.reshape(2, 3, 2)
        r = naive(arrays, a, b)
        dx, dv = (sum(c * p for c, p in zip(row, r, strict=True)) for row in arrays["rates"])
        return np.concatenate([unit * dx, dv / unit]).ravel()

    z = np.concatenate([x, v]).ravel()
    wanted = solve_ivp(rate, (0, 3), z, "DOP853", range(4), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(got, wanted.y.T.reshape(4, 2, 3, 2)[:, 0], atol=1e-6)


def test_halving_the_step_divides_the_error_by_sixteen():
    oscillator = read(
        {
            "points": np.array([[1.0, 0, 0]]),
            "rates": np.array([[0.0, 1, 0], [0, -1, -2]]),
            "start": np.array([0.0, 0, -1]),
        }
    )
    x = np.ones((1, 1))
    paths = [flow(oscillator, x, lambda y: y, lambda y, d: d, 4, m) for m in (8, 16, 32)]
    coarse, fine = (np.abs(a - b).max() for a, b in zip(paths, paths[1:], strict=False))
    assert 15 < coarse / fine < 18


def test_x_of_a_second_order_equation_oscillates_as_its_roots_say():
    """Of x'' + x' + h x = 0 the roots are (-1 +- sqrt(1 - 4 h)) / 2."""
    h = 5.0
    tableau = read(
        {
            "points": np.array([[1.0, 0, 0]]),
            "rates": np.array([[0.0, 1, 0], [0, -1, -1]]),
            "start": np.zeros(3),
        }
    )
    t = np.arange(6)
    got = flow(tableau, np.ones(1), lambda y: h * y, lambda y, d: h * d, 5, 64)[:, 0]
    w = np.sqrt(4 * h - 1) / 2
    wanted = np.exp(-t / 2) * (np.cos(w * t) + np.sin(w * t) / (2 * w))
    np.testing.assert_allclose(got, wanted, atol=1e-6)


def test_only_the_stages_that_are_needed_are_called():
    arrays = {
        "points": np.array([[1.0, 0, 0, 0, 0], [1, 0, -1, 0, 0], [1, 0, 0, 0, 0]]),
        "rates": np.array([[0.0, 1, 0, 0, 0], [0, -1, 0, -1, 0]]),
        "start": np.array([0.0, 0, 0, 0, -1]),
    }
    tableau = read(arrays)
    assert tableau.n_calls == 2  # the third is for the start, the second reads the first
    calls = []

    def counted(y):
        calls.append(y)
        return field(y)

    flow(tableau, np.ones((1, 2)), counted, product, 2, 3)
    assert len(calls) == 1 + 2 * 4 * 2 * 3


def test_a_solution_that_leaves_all_bounds_is_not_finite_and_does_not_warn():
    up = read({"points": np.array([[1.0, 0, 0]]), "rates": np.array([[0.0, 0, 1]])})
    path = flow(up, np.full(1, 10.0), lambda y: y**2, lambda y, d: 2 * y * d, 20, 1)
    assert path.shape == (21, 1) and np.isfinite(path[0]).all()
    assert not np.isfinite(path[-1]).any()


def test_a_solution_that_leaves_all_bounds_leaves_the_others_alone():
    up = read({"points": np.array([[1.0, 0, 0]]), "rates": np.array([[0.0, 0, 1]])})
    x = np.array([[10.0], [-1.0]])
    path = flow(up, x, lambda y: y**2, lambda y, d: 2 * y * d, 20, 16)
    assert not np.isfinite(path[-1, 0]).any()
    np.testing.assert_allclose(path[-1, 1], -1 / 21, rtol=1e-5)


BROKEN = {
    "no stages": ({"rates": np.zeros((1, 3))}, "'points' must have shape .* got nothing"),
    "not square": ({"points": np.zeros((2, 3))}, r"got shape \(2, 3\)"),
    "too many": ({"points": np.zeros((17, 19))}, f"at most {MOST_STAGES} stages, got 17"),
    "no rates": ({"points": np.zeros((1, 3))}, "'rates' must have shape .* got nothing"),
    "no start": (
        {"points": np.zeros((1, 3)), "rates": np.zeros((2, 3))},
        "'start' is missing",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_tableau_is_refused(name):
    arrays, message = BROKEN[name]
    with pytest.raises(ValueError, match=message):
        read(arrays)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("points", np.eye(4, 6, k=2), "stage 1 uses itself"),
        ("directions", np.eye(4, 6, k=5), "stage 1 uses itself or a later"),
        ("rates", np.zeros((2, 5)), r"'rates' must have shape \(1, 6\)"),
        ("start", np.zeros(5), r"'start' must have shape \(6,\)"),
        ("start", np.full(6, np.inf), "must hold finite numbers"),
        ("start", np.zeros(6, bool), "must hold finite numbers"),
        ("start", np.full(6, 2 * LARGEST), "no number beyond"),
        ("powers", np.array([0.5, 0]), "whole numbers"),
        ("powers", np.array([3, 0]), "whole numbers from -2 to 2"),
        ("time", np.zeros(1), "'time' is no array of this equation"),
    ],
)
def test_an_array_that_does_not_fit_is_refused(name, array, message):
    with pytest.raises(ValueError, match=message):
        read(draw() | {name: array})


def test_no_stage_is_an_equation_too():
    still = read({"points": np.empty((0, 2)), "rates": np.zeros((1, 2))})
    assert still.n_calls == 0
    np.testing.assert_array_equal(flow(still, np.ones(2), field, product, 2, 1), np.ones((3, 2)))
