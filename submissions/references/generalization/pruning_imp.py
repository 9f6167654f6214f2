"""Iterative magnitude pruning: keep three fifths, go back to the first start, train, and again.

J. Frankle, M. Carbin, *The Lottery Ticket Hypothesis*, ICLR 2019; not checked against the source.
"""

from submissions.baselines.generalization.pruning import (
    DECAY,
    EPOCHS,
    arrays,
    cut,
    dense,
    descend,
    largest,
    start,
)

KEPT = 0.6
"""Of the weights, in every round but the last, which keeps what the budget holds."""


def fit(train, context):
    """Return the dense network, then what is left of it after rounds of training and pruning."""
    if context.facts["stage"] == "dense":
        return arrays(descend(start(context), train, context, EPOCHS, decay=DECAY))
    net = dense(train)
    kept = sum(W.numel() for W in net[::2])
    last = False
    while not last:
        scores = [W.abs() for W in net[::2]]
        masks = largest(scores, net[1::2], context.facts["budget"])
        held, kept = sum(int(mask.sum()) for mask in masks), int(KEPT * kept)
        last = kept <= held
        masks = masks if last else cut(scores)(kept)
        net = descend(start(context), train, context, EPOCHS, masks, decay=DECAY)
    return arrays(net)
