"""Line: the dense network of the L1 penalty without the weights that hardly matter."""

from submissions.references.generalization import pruning_l1 as l1
from submissions.references.generalization.pruning_removed import removed

DIVISION = "line"


def fit(train, context):
    """Return the dense network, then the same without its smallest weights."""
    return l1.fit(train, context) if context.facts["stage"] == "dense" else removed(train, context)
