"""Norms of Ky Fan against random feasible matrices, a general solver and their invariances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from harness.kernels.ky_fan import ky_fan

NORMS = ("spectral", "frobenius")


def feasible(rng, k: int, d: int, r: int, norm: str) -> np.ndarray:
    """Return a random matrix of rank r whose norm is 1."""
    W = rng.standard_normal((k, r)) @ rng.standard_normal((r, d))
    return W / np.linalg.norm(W, 2 if norm == "spectral" else "fro")


@pytest.mark.parametrize("norm", NORMS)
def test_no_matrix_within_the_caps_agrees_more_and_one_agrees_as_much(norm):
    rng = np.random.default_rng(0)
    G = rng.standard_normal((4, 6))
    sup = ky_fan(G, norm)
    U, s, V = np.linalg.svd(G, full_matrices=False)
    for r in range(1, 5):
        found = max(np.sum(feasible(rng, 4, 6, r, norm) * G) for _ in range(500))
        assert found < sup[r - 1]
        weights = np.ones(r) if norm == "spectral" else s[:r] / np.linalg.norm(s[:r])
        best = (U[:, :r] * weights) @ V[:r]
        assert np.linalg.norm(best, 2 if norm == "spectral" else "fro") == pytest.approx(1)
        assert np.linalg.matrix_rank(best) == r
        assert np.sum(best * G) == pytest.approx(sup[r - 1])


def test_a_general_solver_stops_there():
    """Rank 2 as a product of factors, Frobenius norm at most 1."""
    rng = np.random.default_rng(1)
    G = rng.standard_normal((3, 4))

    def lost(p):
        W = p[:6].reshape(3, 2) @ p[6:].reshape(2, 4)
        return -np.sum(W * G) / np.linalg.norm(W)

    found = -min(minimize(lost, rng.standard_normal(14)).fun for _ in range(5))
    assert found == pytest.approx(ky_fan(G, "frobenius")[1], rel=1e-5)


def test_all_ranks_are_the_nuclear_and_the_frobenius_norm_and_rank_one_the_spectral():
    G = np.random.default_rng(0).standard_normal((5, 3))
    spectral, frobenius = (ky_fan(G, norm) for norm in NORMS)
    assert spectral.shape == frobenius.shape == (3,)
    assert spectral[0] == frobenius[0] == pytest.approx(np.linalg.norm(G, 2))
    assert spectral[-1] == pytest.approx(np.linalg.norm(G, "nuc"))
    assert frobenius[-1] == pytest.approx(np.linalg.norm(G))


@pytest.mark.parametrize("norm", NORMS)
def test_turns_and_transposition_change_nothing_and_scale_is_a_factor(norm):
    rng = np.random.default_rng(0)
    G = rng.standard_normal((4, 4))
    turn = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    np.testing.assert_allclose(ky_fan(turn @ G, norm), ky_fan(G, norm))
    np.testing.assert_allclose(ky_fan(G.T, norm), ky_fan(G, norm))
    np.testing.assert_allclose(ky_fan(-3 * G, norm), 3 * ky_fan(G, norm))


@pytest.mark.parametrize("norm", NORMS)
def test_a_batch_is_its_members(norm):
    G = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    found = ky_fan(G, norm)
    assert found.shape == (2, 3, 4)
    np.testing.assert_allclose(found[1, 2], ky_fan(G[1, 2], norm))
    assert (np.diff(found, axis=-1) > 0).all()


@pytest.mark.parametrize(
    "G, norm, message",
    [
        (np.ones(3), "spectral", r"shape \(\.\.\., k, d\), got \(3,\)"),
        (np.ones((2, 2)), "nuclear", "'spectral' or 'frobenius', got 'nuclear'"),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_why(G, norm, message):
    with pytest.raises(ValueError, match=message):
        ky_fan(G, norm)
