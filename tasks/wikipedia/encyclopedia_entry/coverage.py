"""Which concepts an entry speaks of: a bank's patterns against the sentences that count.

A match is a hint and no proof: a sentence may deny what it names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

AT_MOST = 2
"""Concepts that one sentence may serve."""


def matches(sentences: Sequence[str], concepts: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return whether a sentence matches all patterns of a concept, bool (concepts, sentences)."""
    found = np.zeros((len(concepts), len(sentences)), dtype=bool)
    for row, concept in enumerate(concepts):
        patterns = [re.compile(pattern, re.IGNORECASE) for pattern in concept["all_of"]]
        for column, sentence in enumerate(sentences):
            found[row, column] = all(pattern.search(sentence) for pattern in patterns)
    return found


def covered(matched: np.ndarray) -> np.ndarray:
    """Return which concepts are covered, bool (concepts,), as many as can be at once."""
    if not matched.any():
        return np.zeros(len(matched), dtype=bool)
    seats = csr_matrix(np.repeat(matched, AT_MOST, axis=1))
    found = maximum_bipartite_matching(seats, perm_type="column")
    return np.asarray(found >= 0)
