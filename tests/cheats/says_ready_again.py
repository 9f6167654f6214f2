"""Claims layers of the wall that it does not have.

Ends: refused
Reason: unknown kind b'Y'
"""

import os
import struct
import time

HEADER = struct.Struct("<cIQ")


def fit(train, context):
    text = b'{"holding": ["everything"], "missing": [], "processor_seconds": 1e9}'
    os.write(3, HEADER.pack(b"Y", len(text), 0) + text)
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
