"""Makes every clock of Python stand still.

Ends: ok
Costs: 0.2
"""

import time

import numpy as np


def fit(train, context):
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    for name in ("time", "perf_counter", "monotonic", "process_time", "thread_time"):
        setattr(time, name, lambda: 0.0)
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
