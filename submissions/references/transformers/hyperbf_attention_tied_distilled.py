"""One map for queries and centers, HyperBF in the strict sense, moved by Adam."""

from submissions.baselines.transformers import hyperbf_attention as plain
from submissions.references.transformers import hyperbf_attention_distilled as distilled
from submissions.references.transformers import hyperbf_attention_tied as tied

LEAST = 1e-6
"""An eigenvalue of 0 would have no gradient."""


def fit(train, context):
    """Start at the closed form."""
    found = []
    for layer in range(context.facts["layers"]):
        start = tied.closest(train, context, layer, LEAST)[:1]
        found.append(distilled.learned(train, context, layer, start, read)[:2])
    return plain.stored(found, ("A", "ua"))


def read(parameters):
    """Return A, ua, B and ub of one map; what both are moved by makes no difference."""
    (A,) = parameters
    none = A.new_zeros(A.shape[:2])
    return A, none, A, none
