"""Sends two arrays of one name.

Ends: refused
Reason: no readable arrays
"""

import os
import struct
import time

HEADER = struct.Struct("<cIQ")


def fit(train, context):
    one = b'"W":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}'
    two = b'"W":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}'
    header = b"{" + one + b"," + two + b"}"
    body = struct.pack("<Q", len(header)) + header + bytes(16)
    os.write(3, HEADER.pack(b"R", 2, len(body)) + b"{}" + body)
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
