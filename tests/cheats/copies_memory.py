"""Copies memory out of another process.

Ends: ok
Needs: seccomp
"""

import ctypes

import numpy as np


class Span(ctypes.Structure):
    """struct iovec."""

    _fields_ = [("start", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def attack(world):
    buffer = ctypes.create_string_buffer(8)
    mine = Span(ctypes.addressof(buffer), 8)
    # A fork has its parent's addresses.
    theirs = Span(ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "Py_Version")), 8)
    call = ctypes.CDLL(None).process_vm_readv
    return call(world["nursery"], ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0) > 0


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
