"""The interpolant nearest to a multiple of a ridge solution, which is where errors are few.

The ridge and the multiple of each loss were chosen on other draws.
"""

import numpy as np

from submissions.baselines.generalization import interpolant as least

RIDGE = 0.03
MULTIPLES = {"hinge": 2.0}


def fit(train, context):
    """Solve the ridge problem, then go the shortest way to zero loss."""
    Z = train["phi"] * train["y"][:, None]
    w = Z.T @ np.linalg.solve(Z @ Z.T + RIDGE * np.eye(len(Z)), np.ones(len(Z)))
    return {"w": least.nearest(Z, MULTIPLES.get(context.facts["loss"], 1.0) * w, context.facts)}
