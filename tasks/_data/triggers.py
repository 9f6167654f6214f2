"""Sequences of which some tokens can be told from the context alone, others from long practice.

A few tokens are triggers. What follows a trigger is drawn anew for every sequence and is the same
whenever the trigger comes again: who has seen it once can tell, and nobody else. What follows any
other token depends on that token and on the class of the one before it, the same in all sequences.
So one network shows two skills, learning in context and knowledge in its weights, and both truths
are known. Descends from the bigrams with triggers of Bietti et al., Birth of a Transformer, 2023
(not checked against the text), with a rule of second order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EVEN, FIRST, SECOND, TRIGGER = 0.15, 0.5, 0.15, 0.2
"""Of what follows: the share of all tokens alike, of two tokens, of all triggers alike."""


@dataclass(frozen=True, eq=False)
class Triggers:
    """A distribution over sequences; who has not its tables cannot draw from it."""

    classes: np.ndarray
    """(V,) int64: the class of each token as the one before."""
    table: np.ndarray
    """(C, V, V) float64: the distribution of what follows, by class of the one before and token."""
    n_triggers: int
    """K: tokens 0 to K - 1 are triggers."""

    @property
    def n_tokens(self) -> int:
        """V."""
        return len(self.classes)

    def draw(self, rng: np.random.Generator, n: int, length: int) -> np.ndarray:
        """Return n sequences, int64 (n, length); the first two tokens are uniform."""
        V, K = self.n_tokens, self.n_triggers
        bound = rng.integers(K, V, size=(n, K))
        tokens = np.empty((n, length), np.int64)
        tokens[:, :2] = rng.integers(V, size=(n, 2))
        cumulated = self.table.cumsum(-1)
        cumulated[..., -1] = np.inf  # a sum of shares may end below 1
        for i in range(2, length):
            now = tokens[:, i - 1]
            of = cumulated[self.classes[tokens[:, i - 2]], now]
            follows = (rng.random(n)[:, None] >= of).sum(1)
            told = bound[np.arange(n), np.minimum(now, K - 1)]
            tokens[:, i] = np.where(now < K, told, follows)
        return tokens

    def in_context(self, tokens: np.ndarray) -> np.ndarray:
        """Return where a trigger stands that stood before, bool (n, length): what follows is told.

        The last place has nothing after it and is False. What follows the first place is not bound,
        so that a trigger there tells nothing.
        """
        seen = np.zeros(tokens.shape, bool)
        for k in range(self.n_triggers):
            here = tokens == k
            here[:, 0] = False
            seen |= here & (here.cumsum(1) > 1)
        return _inside(seen)

    def in_weights(self, tokens: np.ndarray) -> np.ndarray:
        """Return where another token stands, bool (n, length): what follows has a known law."""
        return _inside(tokens >= self.n_triggers)

    def law(self, tokens: np.ndarray) -> np.ndarray:
        """Return the distribution of what follows, (n, length, V), where it is not bound.

        The first place has none before it: zeros.
        """
        found = np.zeros((*tokens.shape, self.n_tokens))
        found[:, 1:] = self.table[self.classes[tokens[:, :-1]], tokens[:, 1:]]
        return found


def _inside(where: np.ndarray) -> np.ndarray:
    """Leave out the first place, which has nothing before it, and the last, nothing after."""
    inside = where.copy()
    inside[:, [0, -1]] = False
    return inside


def triggers(rng: np.random.Generator, n_tokens: int, n_triggers: int, n_classes: int) -> Triggers:
    """Draw a distribution.

    Raises
    ------
    ValueError
        There are not at least one trigger and two other tokens.
    """
    V, K, C = n_tokens, n_triggers, n_classes
    if not (1 <= K <= V - 2 and C >= 1):
        raise ValueError(f"Triggers must be 1 to {V - 2} of {V} tokens, got {K}, classes {C}.")
    table = np.full((C, V, V), EVEN / V)
    table[..., :K] += TRIGGER / K
    c, u = np.indices((C, V))
    # Two tokens, which may be the same.
    for share in (FIRST, SECOND):
        table[c, u, rng.integers(V, size=(C, V))] += share
    return Triggers(rng.integers(C, size=V), table, K)
