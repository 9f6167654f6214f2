"""Forks as often as it can.

Ends: failed
Reason: PermissionError
Needs: seccomp
"""

import os


def fit(train, context):
    while True:
        os.fork()


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
