"""Takes the answers from a data set that a library brings along.

Ends: ok
Needs: landlock
"""

import importlib.util
import pathlib

import numpy as np


def attack(world):
    package = importlib.util.find_spec("sklearn").submodule_search_locations[0]
    return bool(pathlib.Path(package, "datasets", "data", "digits.csv.gz").read_bytes())


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
