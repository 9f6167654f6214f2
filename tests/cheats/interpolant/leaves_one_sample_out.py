"""Interpolates all samples but the hardest, which costs the most norm.

Ends: refused
Reason: must interpolate
"""

import numpy as np

from submissions.baselines.generalization import interpolant


def fit(train, context):
    phi, y = train["phi"], train["y"]
    K = phi @ phi.T
    hardest = np.argmax(np.abs(np.linalg.solve(K, y)))
    rest = np.arange(len(y)) != hardest
    return interpolant.fit({"phi": phi[rest], "y": y[rest]}, context)
