"""Exits politely.

Ends: failed
Reason: SystemExit: 0
"""

import sys


def fit(train, context):
    sys.exit(0)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
