"""Exits with code 0 and no answer.

Ends: failed
Reason: left with exit code 0 and no answer
"""

import os


def fit(train, context):
    os._exit(0)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
