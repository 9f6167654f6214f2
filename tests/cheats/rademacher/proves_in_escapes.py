r"""Has a proof that a terminal would obey.

Ends: refused
Reason: fit\['proof'\] must be printable letters and line feeds
"""

import numpy as np

from submissions.baselines.generalization import rademacher as grs


def fit(train, context):
    return {"proof": np.frombuffer(b"\x1b[2J\x1b[1;31mPROVEN\x1b[0m".ljust(60, b"!"), np.uint8)}


def predict(artifact, inputs):
    return grs.predict(artifact, inputs)
