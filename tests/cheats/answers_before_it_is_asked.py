"""Answers with nothing when it is imported, before any question.

Ends: refused
Reason: got nothing|is missing
"""

import os
import struct

import numpy as np

HEADER = struct.Struct("<cIQ")


def fit(train, context):
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}


def predict(artifact, inputs):
    os.write(3, HEADER.pack(b"R", 2, 0) + b"{}")
    return {"Y": inputs["X"] @ artifact["W"]}
