"""The search for the largest error against errors whose supremum is known."""

import numpy as np
import pytest

from harness.kernels.sup_search import sup_search


def search(error, d, seed=0, **options):
    return sup_search(error, d, np.random.default_rng(seed), **options)


@pytest.mark.parametrize("d", [1, 2, 8, 14])
def test_a_corner_is_found(d):
    sign = np.where(np.arange(d) % 2, 1.0, -1.0)
    sup, at = search(lambda x: x @ sign, d)
    assert sup == pytest.approx(d, rel=1e-12)
    assert (at == sign).all() or (at == -sign).all()


def test_of_many_corners_one_near_the_best_is_found():
    sign = np.where(np.arange(20) % 2, 1.0, -1.0)
    sup, _ = search(lambda x: x @ sign, 20)
    assert 18 <= sup <= 20  # of a million corners 16,384 a restart are tried


def test_a_bump_inside_is_found_and_climbed():
    centre = np.array([0.3, -0.6, 0.1, 0.45])
    sup, at = search(lambda x: -np.exp(-8 * ((x - centre) ** 2).sum(axis=1)), 4)
    assert sup == pytest.approx(1.0, abs=1e-4)
    np.testing.assert_allclose(at, centre, atol=0.01)


def test_a_bump_on_a_face_is_found():
    """An error of 5 on a small part of one face, beside 1 inside: uniform points do not see it."""

    def error(x):
        on_face = np.exp(-50 * (1 - x[:, 0]) - 20 * (x[:, 1:] ** 2).sum(axis=1))
        return 1 + 4 * on_face

    uniform = error(np.random.default_rng(0).uniform(-1, 1, (30_000, 4))).max()
    sup, _ = search(error, 4)
    assert uniform < 4 < 4.9 < sup <= 5


@pytest.mark.parametrize("seed", range(3))
def test_it_finds_where_a_tree_of_interpolated_products_errs_most(seed):
    """A product of 8 by squares between kinks 1/32 apart errs by 1.29e-3 at least, near a corner.

    Points inside, on faces and on corners alone led the search to 0.91e-3.
    """

    def square(u):
        cell = np.floor(32 * np.abs(u)) / 32  # also beyond 1, where products may lie
        return cell**2 + (np.abs(u) - cell) * (2 * cell + 1 / 32)

    def error(x):
        wanted = x.prod(axis=1)
        while x.shape[1] > 1:
            a, b = x[:, ::2], x[:, 1::2]
            x = square((a + b) / 2) - square((a - b) / 2)
        return x[:, 0] - wanted

    sup, _ = search(error, 8, seed)
    assert 1.25e-3 < sup <= 7 / 4**6  # seven products, each off by at most 4^-6


def test_it_finds_what_a_grid_finds_of_a_rough_error():
    def error(x):
        return np.sin(9 * x[:, 0]) * np.cos(7 * x[:, 1] - 2) + 0.3 * np.sin(23 * x[:, 0] * x[:, 1])

    axis = np.linspace(-1, 1, 1501)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    sup, at = search(error, 2)
    assert sup == pytest.approx(np.abs(error(grid)).max(), rel=1e-3)
    assert abs(error(at[None])[0]) == sup


def test_the_same_generator_is_the_same_search_and_all_points_lie_in_the_cube():
    seen = []

    def error(x):
        seen.append(np.abs(x).max())
        return np.sin(5 * x).sum(axis=1)

    first, again = search(error, 3, seed=4), search(error, 3, seed=4)
    assert first[0] == again[0] and (first[1] == again[1]).all()
    assert max(seen) == 1.0


def test_nan_is_the_worst_error():
    sup, at = search(lambda x: np.where(x[:, 0] > 0, np.nan, 0.0), 2)
    assert sup == np.inf and at[0] > 0


@pytest.mark.parametrize("d, restarts", [(0, 1), (2, 0)])
def test_nothing_to_search_is_refused(d, restarts):
    with pytest.raises(ValueError, match="must be at least 1"):
        search(lambda x: x[:, 0], d, restarts=restarts)
