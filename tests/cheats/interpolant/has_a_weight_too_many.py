r"""Appends a bias.

Ends: refused
Reason: fit \(square\)\['w'\] must have shape \(400,\), got \(401,\)
"""

import numpy as np

from submissions.baselines.generalization import interpolant


def fit(train, context):
    return {"w": np.append(interpolant.fit(train, context)["w"], 1.0)}
