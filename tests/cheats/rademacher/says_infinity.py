r"""Is right whatever happens.

Ends: refused
Reason: predict\['bound'\] .*(finite|inf)
"""

import numpy as np

from submissions.baselines.generalization import rademacher as grs

fit = grs.fit


def predict(artifact, inputs):
    return {"bound": np.full(len(inputs["n"]), np.inf)}
