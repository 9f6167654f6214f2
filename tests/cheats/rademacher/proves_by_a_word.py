r"""Says that it is clear.

Ends: refused
Reason: fit\['proof'\] must have 40 to 4000 bytes, got 8
"""

import numpy as np

from submissions.baselines.generalization import rademacher as grs


def fit(train, context):
    return {"proof": np.frombuffer(b"Clearly.", np.uint8)}


def predict(artifact, inputs):
    return grs.predict(artifact, inputs)
