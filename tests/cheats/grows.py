r"""Takes memory bit by bit.

Ends: killed
Reason: held \d+ MiB of memory; 400 MiB are allowed
"""

import numpy as np


def fit(train, context):
    kept = []
    while True:
        kept.append(np.ones(32 << 20, dtype=np.uint8))


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
