"""Returns NaN for a bias.

Ends: refused
Reason: finite
"""

import numpy as np

from submissions.baselines.transformers import qk_sparsity as honest

fit = honest.fit


def predict(artifact, inputs):
    found = honest.predict(artifact, inputs)
    return {**found, "bq0": np.full_like(found["bq0"], np.nan)}
