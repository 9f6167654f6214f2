"""A hold-out: a network trained on 80 % of the sample, certified by the rest."""

import torch

from submissions.baselines.generalization.certificate import descend, start, widths

DIVISION = "open"
SHARE, EPOCHS = 0.8, 20


def plan(facts):
    """Say how much of the sample the network is trained on."""
    return [{"prior_share": SHARE}]


def fit(train, context):
    """Return the network before the rest of the sample is shown."""
    return {"weights": trained(train, context, EPOCHS).numpy()}


def trained(train, context, epochs, decay=0.0):
    """Return a network after SGD."""
    draw = torch.Generator().manual_seed(context.seed)
    X, y = (torch.from_numpy(train[name]) for name in ("X", "y"))
    w = torch.from_numpy(start(context))
    return descend(w, X, y, widths(context.facts), epochs, draw, decay)
