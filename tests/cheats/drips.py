"""Sends an endless answer byte by byte, so that the examiner never waits.

Ends: killed
Reason: ran longer than 2 s
"""

import os
import struct


def fit(train, context):
    os.write(3, struct.pack("<cIQ", b"R", 2, 1 << 27) + b"{}")
    while True:
        os.write(3, bytes(8))


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
