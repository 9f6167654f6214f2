"""Attaches to the examiner as a debugger.

Ends: ok
Needs: seccomp
"""

import ctypes

import numpy as np

PTRACE_ATTACH, PTRACE_DETACH = 16, 17


def attack(world):
    libc = ctypes.CDLL(None)
    won = libc.ptrace(PTRACE_ATTACH, world["victim"], None, None) == 0
    if won:
        libc.ptrace(PTRACE_DETACH, world["victim"], None, None)
    return won


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
