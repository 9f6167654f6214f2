"""Reads the memory of every process that it can name, other phases among them.

Ends: ok
Needs: landlock
"""

import os

import numpy as np


def attack(world):
    opened = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        if int(name) != os.getpid():
            for file in ("mem", "environ", "maps"):
                try:
                    opened.append(os.open(f"/proc/{name}/{file}", os.O_RDONLY))
                except OSError:
                    continue
    return bool(opened)


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
