"""Sequences of triggers: what follows is what is said to follow."""

import numpy as np
import pytest

from tasks._data.triggers import EVEN, FIRST, SECOND, TRIGGER, Triggers, triggers


@pytest.fixture(scope="module")
def world() -> Triggers:
    return triggers(np.random.default_rng(0), n_tokens=12, n_triggers=3, n_classes=2)


def test_every_row_is_a_distribution_with_two_tokens_above_the_rest(world):
    np.testing.assert_allclose(world.table.sum(-1), 1)
    even = EVEN / 12 + np.r_[np.full(3, TRIGGER / 3), np.zeros(9)]
    above = np.sort(world.table - even, -1)
    np.testing.assert_allclose(above[..., :-2], 0, atol=1e-12)
    np.testing.assert_allclose(above[..., -2:].sum(-1), FIRST + SECOND)


def test_what_follows_a_trigger_is_the_same_within_a_sequence_and_differs_between(world):
    tokens = world.draw(np.random.default_rng(1), 300, 64)
    bound = set()
    for row in tokens:
        for k in range(3):
            after = {int(row[i + 1]) for i in range(1, 63) if row[i] == k}
            assert len(after) <= 1 and min(after, default=3) >= 3
            bound |= after
    assert bound == set(range(3, 12))


def test_places_are_told_apart_as_by_hand(world):
    tokens = world.draw(np.random.default_rng(2), 40, 32)
    seen, free = world.in_context(tokens), world.in_weights(tokens)
    for n, row in enumerate(tokens):
        for i in range(32):
            inside = 0 < i < 31
            again = row[i] < 3 and row[i] in row[1:i]
            assert seen[n, i] == (inside and again)
            assert free[n, i] == (inside and row[i] >= 3)
    assert seen.any() and free.any() and not (seen | free).all()


def test_in_context_what_follows_is_told_by_what_followed(world):
    tokens = world.draw(np.random.default_rng(3), 100, 48)
    for n, i in np.argwhere(world.in_context(tokens)):
        before = next(j for j in range(1, i) if tokens[n, j] == tokens[n, i])
        assert tokens[n, before + 1] == tokens[n, i + 1]


def test_elsewhere_what_follows_has_the_law_that_is_told(world):
    tokens = world.draw(np.random.default_rng(4), 4000, 32)
    law, free = world.law(tokens), world.in_weights(tokens)
    follows = np.zeros(law.shape)
    n, i = np.nonzero(free)
    follows[n, i, tokens[n, i + 1]] = 1
    z = (follows - law)[free].sum(0) / np.sqrt((law * (1 - law))[free].sum(0))
    assert np.abs(z).max() < 4
    # Also where the class of the token before is one, and not only on the whole.
    one = free & (world.classes[np.roll(tokens, 1, 1)] == 0)
    z = (follows - law)[one].sum(0) / np.sqrt((law * (1 - law))[one].sum(0))
    assert np.abs(z).max() < 4


def test_sequences_depend_on_the_draw_and_nothing_else(world):
    one, again, other = (world.draw(np.random.default_rng(s), 5, 20) for s in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


@pytest.mark.parametrize("bad", [(12, 0, 2), (12, 11, 2), (12, 3, 0)])
def test_what_has_no_triggers_or_nothing_else_is_refused(bad):
    with pytest.raises(ValueError, match="Triggers must be"):
        triggers(np.random.default_rng(0), *bad)
