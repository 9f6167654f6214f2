"""Naive: the baseline, keeping weights at random."""

import torch

from submissions.baselines.generalization import pruning as baseline


def fit(train, context):
    """Return the dense network, then what of it is left within a budget."""
    if context.facts["stage"] == "dense":
        return baseline.fit(train, context)
    net = baseline.dense(train)
    draw = torch.Generator().manual_seed(context.seed)
    scores = [torch.rand(W.shape, generator=draw) for W in net[::2]]
    masks = baseline.largest(scores, net[1::2], context.facts["budget"])
    net = baseline.descend(net, train, context, baseline.FINE_EPOCHS, masks, decay=baseline.DECAY)
    return baseline.arrays(net)
