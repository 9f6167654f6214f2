"""Tells the worker's own modules another time and another seed than it was given.

Ends: ok
Costs: 0.2
"""

import os
import sys
import time

import numpy as np


def fit(train, context):
    worker = sys.modules["harness.worker"]
    end = time.process_time() + 0.25
    while time.process_time() < end:
        pass
    for module in (time, worker.time):
        module.process_time = module.perf_counter = module.monotonic = lambda: 0.0
    os.times = lambda: (0.0,) * 5
    object.__setattr__(context, "seed", 7)
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
