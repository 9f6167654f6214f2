"""Line: the same network, skips included, trained end to end by SGD, three times the epochs."""

import torch

from submissions.baselines.optimization.layerwise import plan
from submissions.baselines.optimization.layerwise_open import grow, sgd, train_blocks

__all__ = ["fit", "plan"]

DIVISION = "line"


def fit(train, context):
    """Train the whole network by SGD with Nesterov momentum."""
    return descend(train, context, sgd)


def descend(train, context, method):
    """Train every layer at once and return them all."""
    facts = context.facts
    torch.manual_seed(context.seed)
    X, y = torch.from_numpy(train["X"]), torch.from_numpy(train["y"])
    frequencies = torch.bincount(y, minlength=facts["n_classes"]) / len(y)
    blocks = grow(X[:1], facts["trunk"], facts["n_classes"])
    train_blocks(blocks, X, frequencies.expand(len(y), -1), y, facts, method, 3)
    network = {"F0": frequencies.numpy()}
    for index, block in enumerate(blocks):
        network |= {f"0/{index}/{name}": array for name, array in block.arrays().items()}
    return network
