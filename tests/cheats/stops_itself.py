"""Stops itself, so that no clock of its own runs.

Ends: killed
Reason: ran longer than 2 s
"""

import os
import signal


def fit(train, context):
    os.kill(os.getpid(), signal.SIGSTOP)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
