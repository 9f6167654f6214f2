"""Closes the channel and stays.

Ends: refused
Reason: closed its channel
"""

import os
import struct
import time

HEADER = struct.Struct("<cIQ")


def fit(train, context):
    os.close(3)
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
