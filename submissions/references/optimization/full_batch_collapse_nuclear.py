"""Proximal gradient descent on the loss and a nuclear norm: an explicit penalty of rank.

After every step the singular values are lowered by a constant, those below it to zero (Cai,
Candes, Shen, SIAM J. Optim. 20(4), 2010; not checked against the source).
"""

import numpy as np

from submissions.baselines.optimization.full_batch_collapse import RATE, descend

PENALTY = 0.01


def fit(train, context):
    """Descend."""

    def step(name, W, slope):
        U, s, Vt = np.linalg.svd(W - RATE * slope, full_matrices=False)
        return (U * np.maximum(s - RATE * PENALTY, 0)) @ Vt

    return descend(train, context, step)
