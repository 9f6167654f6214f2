"""Sends JSON that is no object.

Ends: refused
Reason: sent a list where a JSON object belongs
"""

import os
import struct
import time

HEADER = struct.Struct("<cIQ")


def fit(train, context):
    os.write(3, HEADER.pack(b"R", 2, 0) + b"[]")
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
