"""Leaves compiled code where the next phase would import it.

Ends: ok
Needs: landlock
"""

import os
import pathlib
import py_compile

import numpy as np


def attack(world):
    here = pathlib.Path("payload.py")
    here.write_text("won = True")
    for folder in (world["runtime"], os.path.dirname(os.__file__), os.path.dirname(np.__file__)):
        try:
            os.makedirs(f"{folder}/__pycache__", exist_ok=True)
            py_compile.compile(
                str(here), cfile=f"{folder}/__pycache__/library.cpython-0.pyc", doraise=True
            )
            return True
        except OSError:
            continue
    return False


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
