"""Sends arrays whose header claims to be huge.

Ends: refused
Reason: hold no named arrays
"""

import os
import struct
import time

HEADER = struct.Struct("<cIQ")


def fit(train, context):
    body = struct.pack("<Q", 1 << 40) + bytes(64)
    os.write(3, HEADER.pack(b"R", 2, len(body)) + b"{}" + body)
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
