"""Asks the examiner although the task answers nothing.

Ends: refused
Reason: unknown kind b'Q'
"""

import os
import struct
import time

HEADER = struct.Struct("<cIQ")


def fit(train, context):
    os.write(3, HEADER.pack(b"Q", 2, 0) + b"{}")
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
