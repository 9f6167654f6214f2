r"""Says the same of every class.

Ends: refused
Reason: a cap times c is the bound times c, but 'scaled' made it .* off
"""

import numpy as np

from submissions.baselines.generalization import rademacher as grs

fit = grs.fit


def predict(artifact, inputs):
    return {"bound": np.full(len(inputs["n"]), 1e12)}
