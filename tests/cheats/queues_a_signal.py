"""Kills by a queued signal.

Ends: ok
Needs: seccomp
"""

import ctypes
import signal
import struct

import numpy as np

RT_SIGQUEUEINFO = 129
SI_QUEUE = -1


def attack(world):
    info = struct.pack("<iii", signal.SIGTERM, 0, SI_QUEUE) + bytes(116)
    return ctypes.CDLL(None).syscall(RT_SIGQUEUEINFO, world["victim"], signal.SIGTERM, info) == 0


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
