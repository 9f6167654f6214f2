"""Sleeps while it is asked.

Ends: killed
Reason: ran longer than 2 s
"""

import time

import numpy as np


def predict(artifact, inputs):
    time.sleep(1000)


def fit(train, context):
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}
