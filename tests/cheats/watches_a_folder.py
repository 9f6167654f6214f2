"""Watches a folder of the user for changes.

Ends: ok
Needs: seccomp
"""

import ctypes

import numpy as np

IN_ALL_EVENTS = 0xFFF


def attack(world):
    libc = ctypes.CDLL(None)
    watch = libc.inotify_init()
    return libc.inotify_add_watch(watch, world["folder"].encode(), IN_ALL_EVENTS) >= 0


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
