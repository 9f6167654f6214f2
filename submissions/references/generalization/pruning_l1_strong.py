"""The L1 penalty, of twice the strength."""

from submissions.references.generalization.pruning_l1 import SPARSITY
from submissions.references.generalization.pruning_l1 import fit as lighter


def fit(train, context):
    """Return the dense network, then what of it is left within a budget."""
    return lighter(train, context, 2 * SPARSITY)
