r"""Answers in single precision, which is too little to be held to rules.

Ends: refused
Reason: wanted is at most 1e-09, in float64
"""

import numpy as np

from submissions.baselines.generalization import rademacher as grs

fit = grs.fit


def predict(artifact, inputs):
    return {"bound": grs.predict(artifact, inputs)["bound"].astype(np.float32)}
