"""Sends eight bytes as an array of 10 ** 18 numbers.

Ends: refused
Reason: no readable arrays
"""

import os
import struct
import time

HEADER = struct.Struct("<cIQ")


def fit(train, context):
    header = b'{"W":{"dtype":"F64","shape":[1000000000,1000000000],"data_offsets":[0,8]}}'
    body = struct.pack("<Q", len(header)) + header + bytes(8)
    os.write(3, HEADER.pack(b"R", 2, len(body)) + b"{}" + body)
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
