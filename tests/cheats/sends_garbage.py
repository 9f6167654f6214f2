"""Sends random bytes.

Ends: refused
Reason: fit (announced|sent)
"""

import os
import struct
import time

HEADER = struct.Struct("<cIQ")


def fit(train, context):
    os.write(3, b"\xff" * 4096)
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
