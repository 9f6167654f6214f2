"""Runs a shell beside itself.

Ends: ok
Needs: seccomp
"""

import subprocess

import numpy as np


def attack(world):
    subprocess.run(["/bin/true"], check=True)
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
