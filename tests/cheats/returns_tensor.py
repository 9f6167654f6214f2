r"""Returns a torch tensor.

Ends: refused
Reason: must be a numpy array, got Tensor; use .detach\(\).numpy\(\)
"""

import torch


def fit(train, context):
    return {"W": torch.zeros(5, 3)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
