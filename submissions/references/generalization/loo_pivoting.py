"""Exact: all supports that stay at once, and for the others a working set that grows and shrinks.

One inverse of K on the support says what is left of alpha without each of its members. Where that
is no solution, whoever is on the wrong side changes it, until nobody is (J. J. Judice, F. M. Pires,
Computers & Operations Research 21, 1994; not checked against the text).
"""

import numpy as np
from scipy.linalg.lapack import dposv

from submissions.baselines.generalization import loo as bound

PATIENCE, STEPS, ROUNDING = 3, 1000, 1e-9

fit = bound.fit


def predict(artifact, inputs):
    """Return the margins of as many machines as there are support vectors."""
    return bound.one_by_one(inputs, refitted)


def refitted(Q, alpha, margin):
    """Replace the margin of each support vector of an instance."""
    support = np.flatnonzero(alpha > 0)
    inverse = np.linalg.inv(Q[np.ix_(support, support)])
    brings = alpha[support] / np.diag(inverse)
    left = alpha[support][:, None] - inverse * brings  # a column for each that is left out
    others = Q[:, support] @ left
    for k, i in enumerate(support):
        stays = np.zeros(len(alpha), bool)
        stays[support] = left[:, k] > -ROUNDING * alpha.max()
        joins = others[:, k] < 1 - ROUNDING
        stays[i] = joins[i] = False
        if stays.sum() == len(support) - 1 and not (joins & ~stays).any():
            margin[i] -= brings[k]
        else:
            margin[i] = exchange(Q, stays | joins, i)
    return margin


def exchange(Q, works, i):
    """Return the margin of sample i by the machine of the others, from a guess of its support."""
    fewest, patience = len(Q), PATIENCE
    for _ in range(STEPS):
        rows = np.flatnonzero(works)
        alpha = dposv(Q[np.ix_(rows, rows)], np.ones(len(rows)), lower=1)[1]
        others = Q[:, rows] @ alpha
        wrong = others < 1 - ROUNDING
        wrong[rows] = alpha < -ROUNDING * np.abs(alpha).max()
        wrong[i] = False
        wrong = np.flatnonzero(wrong)
        if not len(wrong):
            break
        if len(wrong) < fewest:
            fewest, patience = len(wrong), PATIENCE
        elif patience:
            patience -= 1
        else:
            wrong = wrong[-1:]
        works[wrong] = ~works[wrong]
    return others[i]
