r"""Is the baseline less the mean of what it has answered before.

Ends: refused
Reason: predict\['score'\] must depend on the network that is asked about alone
"""

import numpy as np

from submissions.baselines.generalization import complexity_measure as baseline

SEEN = []


def fit(train, context):
    return {}


def predict(artifact, inputs):
    SEEN.append(float(baseline.predict(artifact, inputs)["score"]))
    return {"score": np.array(SEEN[-1] - np.mean(SEEN))}
