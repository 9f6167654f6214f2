"""Holds kernel memory in rulesets of Landlock.

Ends: ok
Needs: seccomp
"""

import ctypes
import struct

import numpy as np


def attack(world):
    ruleset = ctypes.CDLL(None).syscall(444, struct.pack("<Q", 1), ctypes.c_size_t(8), 0)
    return ruleset >= 0


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
