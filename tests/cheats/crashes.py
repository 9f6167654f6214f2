"""Reads address 0.

Ends: failed
Reason: SIGSEGV
"""

import ctypes


def fit(train, context):
    ctypes.string_at(0)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
