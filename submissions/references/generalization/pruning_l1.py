"""The baseline with an L1 penalty in place of L2, by proximal steps: zeros are exact.

I. Daubechies, M. Defrise, C. De Mol, *An Iterative Thresholding Algorithm*, Communications on Pure
and Applied Mathematics 57, 2004, for the step; not checked against the source.
"""

from submissions.baselines.generalization.pruning import (
    EPOCHS,
    FINE_EPOCHS,
    arrays,
    descend,
    magnitude,
    start,
)

SPARSITY = 2e-3


def fit(train, context, sparsity=SPARSITY):
    """Return the dense network, then what of it is left within a budget."""
    if context.facts["stage"] == "dense":
        return arrays(descend(start(context), train, context, EPOCHS, sparsity=sparsity))
    net, masks = magnitude(train, context)
    return arrays(descend(net, train, context, FINE_EPOCHS, masks, sparsity=sparsity))
