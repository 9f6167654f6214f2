"""Announces more bytes than there are.

Ends: refused
Reason: announced 18,446,744,073,709,551,615 bytes
"""

import os
import struct
import time

HEADER = struct.Struct("<cIQ")


def fit(train, context):
    os.write(3, HEADER.pack(b"R", 0, (1 << 64) - 1))
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
