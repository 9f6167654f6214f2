r"""Answers the first questions otherwise than the last.

Ends: refused
Reason: predict\['Y'\] must depend on its own question alone
"""

import numpy as np

from submissions.baselines.optimization import minima_escape as baseline


def fit(train, context):
    return baseline.fit(train, context)


def predict(artifact, inputs):
    Y = baseline.predict(artifact, inputs)["Y"]
    Y[:, 0] += np.linspace(0, 1e-3, len(Y))
    return {"Y": Y}
