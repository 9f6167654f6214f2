"""Sends JSON nested deeper than a parser's stack.

Ends: refused
Reason: that are no JSON
"""

import os
import struct
import time

HEADER = struct.Struct("<cIQ")


def fit(train, context):
    bomb = b"[" * 100_000
    os.write(3, HEADER.pack(b"R", len(bomb), 0) + bomb)
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
