"""Hides bits in the signs of zeros, where a comparison sees none: they cross and are weighed.

Ends: ok
Weighs: 2000
"""

import numpy as np

N = 16_000


def fit(train, context):
    bits = np.random.default_rng(0).integers(0, 2, N).astype(bool)
    zeros = np.where(bits, np.float16(-0.0), np.float16(0.0)).astype(np.float16)
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "zeros": zeros}


def predict(artifact, inputs):
    zeros = artifact["zeros"]
    assert not zeros.any() and np.signbit(zeros).any()
    return {"Y": inputs["X"] @ artifact["W"]}
