r"""Bounds what is above 0 by 0.

Ends: refused
Reason: predict\['bound'\] must be above 0, got 0
"""

import numpy as np

from submissions.baselines.generalization import rademacher as grs

fit = grs.fit


def predict(artifact, inputs):
    return {"bound": np.zeros(len(inputs["n"]))}
