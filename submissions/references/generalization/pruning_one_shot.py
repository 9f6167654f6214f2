"""Naive: no penalty, and the largest weights as they are, without further training."""

from submissions.baselines.generalization.pruning import (
    EPOCHS,
    arrays,
    descend,
    magnitude,
    start,
)


def fit(train, context):
    """Return the dense network, then its largest weights."""
    if context.facts["stage"] == "dense":
        return arrays(descend(start(context), train, context, EPOCHS))
    net, masks = magnitude(train, context)
    return arrays(descend(net, train, context, 0, masks))
