"""Announces four gigabytes of JSON.

Ends: refused
Reason: announced 4,294,967,295 bytes
"""

import os
import struct
import time

HEADER = struct.Struct("<cIQ")


def fit(train, context):
    os.write(3, HEADER.pack(b"R", (1 << 32) - 1, 0))
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
