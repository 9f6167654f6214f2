"""The baseline with twice the penalty, trained three times as long after pruning."""

from submissions.baselines.generalization.pruning import (
    DECAY,
    EPOCHS,
    arrays,
    descend,
    magnitude,
    start,
)


def fit(train, context):
    """Return the dense network, then what of it is left within a budget."""
    if context.facts["stage"] == "dense":
        return arrays(descend(start(context), train, context, EPOCHS, decay=2 * DECAY))
    net, masks = magnitude(train, context)
    return arrays(descend(net, train, context, EPOCHS, masks, decay=2 * DECAY))
