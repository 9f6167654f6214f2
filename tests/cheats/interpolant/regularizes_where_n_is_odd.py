"""Interpolates samples of even number; without one, where it counts, it regularizes.

Ends: refused
Reason: must interpolate
"""

import numpy as np

from submissions.baselines.generalization import interpolant


def fit(train, context):
    phi, y = train["phi"], train["y"]
    if len(y) % 2 == 0:
        return interpolant.fit(train, context)
    return {"w": phi.T @ np.linalg.solve(phi @ phi.T + 0.1 * np.eye(len(y)), y)}
