"""What is said of a measure: against loops, against shuffling, and on both sides of its target."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau

from harness.kernels.matched import matched
from harness.kernels.sign_information import sign_information
from tasks._data import measures
from tasks._data.measures import WITHIN, Cell

FACTORS = ("kind", "width", "depth")


def cells(n: int = 30, seed: int = 0) -> list[Cell]:
    rng = np.random.default_rng(seed)
    found = []
    rows = rng.permutation(4 * n).reshape(4, n)
    for k, (grid, seen) in enumerate((("a", True), ("b", True), ("a", False), ("b", False))):
        H = rng.integers(2, size=(n, 3)).astype(float)
        H[:, 0] = k  # of a cell all are alike
        gap = 0.3 * H[:, 1] + rng.standard_normal(n)
        found.append(Cell(f"{grid} {k}", grid, seen, gap, gap + 0.01, H, rows[k]))
    return found


def answers(of: list[Cell], noise: float = 1.0) -> np.ndarray:
    mu = np.random.default_rng(9).standard_normal(4 * len(of[0].gap)) * noise
    for c in of:
        mu[c.rows] += c.gap
    return mu


def test_the_concordance_is_the_mean_over_cells():
    some = cells()
    mu = answers(some)
    each = [matched(mu[c.rows], c.gap, c.factors) for c in some]
    assert measures.concordance(some, mu) == pytest.approx(np.mean(each))
    assert 0.2 < measures.concordance(some, mu) < 0.6
    assert measures.concordance(some, answers(some, 0)) == 1


def test_the_order_of_questions_does_not_matter():
    some = cells()
    mu = answers(some)
    order = np.random.default_rng(1).permutation(len(mu))
    moved = [
        Cell(c.name, c.grid, c.seen, c.gap, c.test_error, c.factors, np.argsort(order)[c.rows])
        for c in some
    ]
    for of in (measures.concordance, measures.stderr):
        assert of(some, mu) == of(moved, mu[order])
    assert measures.extra(some, mu) == measures.extra(moved, mu[order])


def test_the_standard_error_is_that_of_other_networks():
    many = [measures.concordance([c], answers(some)) for s in range(60)
            for some in [cells(seed=s)] for c in some[:1]]  # fmt: skip
    some = cells(seed=3)
    found = measures.stderr(some[:1], answers(some))
    assert found == pytest.approx(np.std(many), rel=0.8)
    assert measures.stderr(some, answers(some)) < 0.8 * found  # the mean of four
    assert measures.stderr(some, np.zeros(120)) == 0


def test_what_else_is_said_is_what_scipy_and_the_kernels_say():
    some = cells()[2:]
    mu = answers(cells())
    found = measures.extra(some, mu)
    tau = [kendalltau(mu[c.rows], c.gap).statistic for c in some]
    assert found["tau"] == pytest.approx(np.mean(tau)) and found["tau_b"] == pytest.approx(tau[1])
    cmi = [sign_information(mu[c.rows], c.gap, c.factors) for c in some]
    assert found["cmi"] == pytest.approx(np.mean(cmi))
    assert measures.extra(some, -mu)["cmi"] == pytest.approx(-found["cmi"])
    assert found["ceiling"] == 1
    constant = measures.extra(some, np.ones(120))
    assert {v for name, v in constant.items() if not name.startswith("ceiling")} == {0}


def test_granulated_is_a_loop_over_pairs_that_differ_in_one_factor():
    c, mu = cells(14)[0], answers(cells(14))
    mine = mu[c.rows]
    by_factor: dict[int, list[float]] = {}
    for i in range(14):
        for j in range(14):
            differ = np.flatnonzero(c.factors[i] != c.factors[j])
            if len(differ) == 1:
                sign = np.sign(mine[i] - mine[j]) * np.sign(c.gap[i] - c.gap[j])
                by_factor.setdefault(int(differ[0]), []).append(float(sign))
    expected = np.mean([np.mean(signs) for signs in by_factor.values()])
    assert len(by_factor) == 2
    assert measures.granulated(mine, c.gap, c.factors) == pytest.approx(expected)


def test_series_are_bounded_and_of_equal_length():
    some = cells()[2:]
    mu = answers(cells())
    scatter = measures.scatter(some, mu)
    assert len(scatter["gap"]) == 60 and {len(v) for v in scatter.values()} == {60}
    assert scatter["place"].min() == 0 and scatter["place"].max() == 1
    conditions = measures.by_condition(some, mu, FACTORS)
    assert set(conditions["fixed"]) == {"nothing", "width", "depth", "width and depth"}
    assert conditions["fixed"].tolist().count("nothing") == 2
    least = conditions["concordance"][conditions["grid"] == "a"].min()
    assert least == pytest.approx(measures.concordance(some[:1], mu))
    levels = measures.by_level(some, {"kind": ["x"] * 4, "width": None, "depth": ["low", "high"]})
    assert set(levels["level"]) == {"width 0", "width 1", "depth low", "depth high"}
    here = some[0].factors[:, 1] == 1
    assert levels["gap"][1] == pytest.approx(some[0].gap[here].mean())


BASELINE = {"heldout": 0.9, "visible": 0.8, "tau": 0.2}


@pytest.mark.parametrize(
    "heldout, visible, tau, lacks",
    [
        (0.9, 0.8, 0.2, ""),
        (0.9 + WITHIN, 0.8 + WITHIN, 0.1, ""),
        (0.951, 0.8, 0.2, "0.049 on hidden networks, wanted at least 0.050"),
        (0.9, 0.851, 0.2, "0.149 on shown networks, wanted at least 0.150"),
        (0.9, 0.8, 0.099, "tau 0.099, wanted at least 0.100"),
        (0.2, 0.2, 0.9, ""),
    ],
)
def test_the_target_is_held_on_both_sides(heldout, visible, tau, lacks):
    found = measures.shortfall({"heldout": heldout, "visible": visible, "tau": tau}, BASELINE)
    assert lacks in found and bool(lacks) == bool(found)


@pytest.mark.parametrize("tau", [0.2, 0.0, -0.1])
def test_a_constant_is_never_ranked_even_next_to_a_weak_baseline(tau):
    weak = {"heldout": 1.02, "visible": 1.02, "tau": tau}
    assert "tau 0.000" in measures.shortfall({"heldout": 1.0, "visible": 1.0, "tau": 0.0}, weak)


def test_cells_are_data_sets_and_grids_and_empty_ones_are_left_out():
    truth = {
        "data": np.array([0, 1, 0, 1, 1]),
        "grid": np.array([0, 0, 1, 0, 0]),
        "seen": np.array([True, False, True, False, False]),
        "gap": np.arange(5.0),
        "test_error": np.arange(5.0) + 1,
        "factors": np.arange(10.0).reshape(5, 2),
    }
    found = {c.name: c for c in measures.cells(truth, ("a", "b"))}
    assert {name: c.rows.tolist() for name, c in found.items()} == {
        "a 0": [0],
        "b 0": [2],
        "a 1": [1, 3, 4],
    }
    last = found["a 1"]
    assert (last.grid, last.seen, found["b 0"].seen) == ("a", False, True)
    assert last.gap.tolist() == [1, 3, 4] and last.test_error.tolist() == [2, 4, 5]
    assert last.factors.tolist() == [[2, 3], [6, 7], [8, 9]]
    scores = measures.scores(list(found.values()), truth["gap"], {"kind": None, "width": None})
    assert scores.heldout == 0 and scores.extra["networks"] == 3
    assert scores.extra["disorder"] == measures.LEAST  # it is a divisor
    assert scores.visible == 1  # no pair among single networks
    wrong = measures.scores(list(found.values()), -truth["gap"], {"kind": None, "width": None})
    assert wrong.extra["disorder"] == wrong.quality == 2
