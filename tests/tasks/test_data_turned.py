"""Turns are orthogonal and none is likelier than another."""

from __future__ import annotations

import numpy as np

from tasks._data import turn


def test_a_turn_is_orthogonal_and_one_of_all() -> None:
    turns = [turn(np.random.default_rng(seed), 3) for seed in range(400)]
    for drawn in turns:
        np.testing.assert_allclose(drawn @ drawn.T, np.eye(3), atol=1e-14)
    # Uniform ones have mean 0, entries of variance 1/3, and mirror as often as not.
    assert np.abs(np.mean(turns, axis=0)).max() < 0.12
    np.testing.assert_allclose(np.var(turns, axis=0), 1 / 3, atol=0.06)
    assert 140 < sum(np.linalg.det(drawn) > 0 for drawn in turns) < 260
