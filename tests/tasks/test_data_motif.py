"""Patterns in noise: deterministic, where they should be, as large and as often as they should."""

from __future__ import annotations

import numpy as np
import pytest

from tasks._data import motif
from tasks._data.motif import Motifs, motifs

MIDDLE = (motif.SIGNAL - motif.LENGTH) // 2


def drawn(seed: int, n: int = 20000, jitter: int = 3) -> tuple[Motifs, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    distribution = motifs(rng, 4, jitter)
    return distribution, *distribution.draw(rng, n)


def test_the_generator_alone_decides_what_is_drawn() -> None:
    first, again, other = drawn(0, 50), drawn(0, 50), drawn(1, 50)
    np.random.seed(1)
    for a, b, c in zip(first[1:], again[1:], other[1:], strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)
    np.testing.assert_array_equal(first[0].patterns, again[0].patterns)


def test_patterns_have_unit_norm_and_signals_their_types() -> None:
    distribution, x, y = drawn(0, 10)
    assert distribution.patterns.shape == (4, motif.N_VARIANTS, motif.LENGTH)
    np.testing.assert_allclose(np.linalg.norm(distribution.patterns, axis=-1), 1)
    assert (x.shape, x.dtype) == ((10, motif.SIGNAL), np.float32)
    assert (y.shape, y.dtype) == ((10,), np.int64)


def test_classes_are_equally_frequent() -> None:
    _, _, y = drawn(0)
    # Five standard deviations of a frequency.
    assert np.abs(np.bincount(y, minlength=4) / len(y) - 0.25).max() < 5 * 0.433 / len(y) ** 0.5


@pytest.mark.parametrize("jitter", [0, 1, 3])
def test_energy_is_noise_where_no_pattern_can_be_and_more_in_the_middle(jitter: int) -> None:
    _, x, _ = drawn(0, 40000, jitter)
    energy = np.square(x.astype(float)).mean(0)
    reached = np.zeros(motif.SIGNAL, bool)
    reached[MIDDLE - jitter : MIDDLE + motif.LENGTH + jitter] = True
    np.testing.assert_allclose(energy[~reached], motif.NOISE**2, rtol=0.05)
    assert energy[MIDDLE + 3] > 2 * motif.NOISE**2
    # E a^2 = 9 (1 + 0.6^2 / 12), and a pattern has unit norm.
    square = motif.AMPLITUDE**2 * (1 + motif.SPREAD**2 / 12)
    assert energy.sum() == pytest.approx(motif.SIGNAL * motif.NOISE**2 + square, rel=0.01)


@pytest.mark.parametrize("jitter", [0, 2])
def test_who_knows_the_patterns_finds_class_and_place(jitter: int) -> None:
    distribution, x, y = drawn(0, 4000, jitter)
    places = np.arange(MIDDLE - jitter, MIDDLE + jitter + 1)
    windows = np.stack([x[:, p : p + motif.LENGTH] for p in places], 1)
    match = np.einsum("npl,cvl->npcv", windows, distribution.patterns)
    best = match.max((1, 3)).argmax(1)
    assert (best == y).mean() > 0.9
    if jitter:
        where = np.bincount(match.max((2, 3)).argmax(1), minlength=len(places)) / len(x)
        assert np.abs(where - 1 / len(places)).max() < 0.05


def test_a_pattern_that_would_leave_the_signal_is_an_error() -> None:
    motifs(np.random.default_rng(0), 2, 8)
    for jitter in (-1, 9):
        with pytest.raises(ValueError, match="jitter must be 0 to 8"):
            motifs(np.random.default_rng(0), 2, jitter)
