r"""Has a proof of random bytes.

Ends: refused
Reason: fit\['proof'\] must be UTF-8
"""

import numpy as np

from submissions.baselines.generalization import rademacher as grs


def fit(train, context):
    return {"proof": np.arange(100, 200).astype(np.uint8)}


def predict(artifact, inputs):
    return grs.predict(artifact, inputs)
