"""Splines over many scales: their levels, their smoothness, their range, the tree of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import BSpline

from tasks._data.splines import GRID, multilevel, node_value, refine, spline, tree


def bump(x: np.ndarray) -> np.ndarray:
    """Return the library's centred cubic B-spline."""
    values = BSpline.basis_element(np.arange(-2.0, 3), extrapolate=False)(x)
    return np.nan_to_num(values)


def level(coefficients: np.ndarray, k: int, points: np.ndarray) -> np.ndarray:
    """Sum one level naively: every coefficient times its product of B-splines."""
    total = np.zeros(points.shape[1])
    for index in np.ndindex(coefficients.shape):
        term = np.full(points.shape[1], coefficients[index])
        for i, u in zip(index, points, strict=True):
            term *= bump(2**k * (u + 1) / 2 - (i - 1))
        total += term
    return total


@pytest.fixture(params=[1, 2])
def points(request: pytest.FixtureRequest) -> np.ndarray:
    """Forty points, corners and knots among them."""
    drawn = np.random.default_rng(9).uniform(-1, 1, (request.param, 40))
    drawn[:, :4] = [-1, 1, 0, 0.5]
    return drawn


def test_all_levels_collapse_into_one_array_that_agrees_with_the_direct_sum(points) -> None:
    r, levels = 1.5, 4
    C = multilevel(np.random.default_rng(3), r, len(points), levels=levels)
    assert C.shape == (2**levels + 3,) * len(points)
    rng = np.random.default_rng(3)

    def direct(at: np.ndarray) -> np.ndarray:
        return sum(2 ** (-r * (k - 1)) * level(c, k, at) for k, c in drawn.items())

    drawn = {k: rng.uniform(-1, 1, (2**k + 3,) * len(points)) for k in range(1, levels + 1)}
    # The range on the grid, of which the collapsed array knows only the result.
    grid = np.meshgrid(*[np.linspace(-1, 1, GRID)] * len(points), indexing="ij")
    values = spline(C, *grid)
    flat = np.stack([axis.ravel() for axis in grid])
    low, high = (direct(flat[:, [at]])[0] for at in (values.argmin(), values.argmax()))
    wanted = (2 * direct(points) - low - high) / (high - low)
    np.testing.assert_allclose(spline(C, *points), wanted, atol=2e-14)


def test_the_two_scale_relation_does_not_change_the_spline(points) -> None:
    C = np.random.default_rng(0).normal(size=(7,) * len(points))
    fine = refine(C)
    assert fine.shape == (11,) * len(points)
    np.testing.assert_allclose(spline(fine, *points), spline(C, *points), atol=1e-14)
    np.testing.assert_allclose(spline(C, *points), level(C, 2, points), atol=1e-14)


def test_equal_coefficients_are_a_constant(points) -> None:
    np.testing.assert_allclose(spline(np.full((19,) * len(points), 0.3), *points), 0.3, atol=1e-15)


@pytest.mark.parametrize("n_coordinates", [1, 2])
def test_the_range_on_the_grid_is_from_minus_one_to_one(n_coordinates: int) -> None:
    C = multilevel(np.random.default_rng(1), 2, n_coordinates)
    grid = np.meshgrid(*[np.linspace(-1, 1, GRID)] * n_coordinates, indexing="ij")
    values = spline(C, *grid)
    assert (values.min(), values.max()) == (pytest.approx(-1), pytest.approx(1))


@pytest.mark.parametrize("r", [1.0, 1.5, 2.0, 3.0])
def test_differences_shrink_as_the_smoothness_says_down_to_the_last_scale(r: float) -> None:
    """Fourth differences of step h are of size h^r, and of no higher order, for 2^-6 < h."""
    rng = np.random.default_rng(0)
    steps = 2.0 ** -np.arange(3.0, 7)  # in s; in u twice as much
    u = rng.uniform(-1, 1, 400)
    squares = np.zeros(len(steps))
    for _ in range(80):
        C = multilevel(rng, r, 1)
        for number, h in enumerate(steps):
            start = -1 + (u + 1) * (2 - 8 * h) / 2
            values = [spline(C, start + 2 * h * j) for j in range(5)]
            fourth = values[0] - 4 * values[1] + 6 * values[2] - 4 * values[3] + values[4]
            squares[number] += np.square(fourth).mean()
    slope = np.polyfit(np.log(steps), np.log(squares) / 2, 1)[0]
    assert slope == pytest.approx(r, abs=0.25)


def test_every_level_is_there_with_its_size() -> None:
    """Without normalization, the part that level k adds is 2^(-r (k-1)) times uniform numbers."""
    r, levels = 2.0, 6
    rng = np.random.default_rng(5)
    C = multilevel(np.random.default_rng(5), r, 1)
    total = np.zeros(4)
    for k in range(1, levels + 1):
        total = refine(total) + 2.0 ** (-r * (k - 1)) * rng.uniform(-1, 1, 2**k + 3)
    scale, shift = np.polyfit(total, C, 1)
    assert scale > 0
    np.testing.assert_allclose(scale * total + shift, C, atol=1e-13)


def test_a_tree_is_the_composition_of_its_nodes_and_stays_within_its_range() -> None:
    f = tree(np.random.default_rng(2), 8, 2)
    assert f.coefficients.shape == (7, 67, 67)
    assert f.children.tolist() == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11], [12, 13]]
    x = np.random.default_rng(0).uniform(-1, 1, (500, 8))

    def node(k: int) -> np.ndarray:
        sides = [x[:, c] if c < 8 else node(c - 8) for c in f.children[k]]
        return np.clip(spline(f.coefficients[k], *sides), -1, 1)

    np.testing.assert_array_equal(f(x), node(6))
    assert np.abs(f(x)).max() <= 1
    assert f(x).std() > 0.05


def test_the_tables_of_a_tree_are_its_nodes_on_the_grid_first_child_first() -> None:
    f = tree(np.random.default_rng(2), 4, 2, levels=3)
    tables = f.tables()
    assert tables.shape == (3, GRID, GRID)
    u, w = np.linspace(-1, 1, GRID)[[[10], [200]]]
    for k in range(3):
        assert tables[k, 10, 200] == pytest.approx(node_value(f.coefficients[k], u, w)[0])


def test_a_node_overshoots_its_range_little_and_is_held() -> None:
    rng = np.random.default_rng(0)
    most = 0.0
    for _ in range(20):
        C, (u, w) = multilevel(rng, 1, 2), rng.uniform(-1, 1, (2, 5000))
        most = max(most, np.abs(spline(C, u, w)).max() - 1)
        assert np.abs(node_value(C, u, w)).max() <= 1
    assert most < 1e-2


@pytest.mark.parametrize("d", [0, 1, 3, 12])
def test_a_tree_that_is_not_complete_is_refused(d: int) -> None:
    with pytest.raises(ValueError, match=f"got d = {d}"):
        tree(np.random.default_rng(0), d, 2)


def test_the_generator_alone_decides_what_is_drawn() -> None:
    first = tree(np.random.default_rng(1), 4, 2, levels=3)
    np.random.seed(0)
    again, other = (tree(np.random.default_rng(s), 4, 2, levels=3) for s in (1, 2))
    np.testing.assert_array_equal(first.coefficients, again.coefficients)
    assert not np.array_equal(first.coefficients, other.coefficients)
