"""One map for queries and centers, but queries look at some distance from where they stand."""

from submissions.baselines.transformers import hyperbf_attention as plain
from submissions.references.transformers import hyperbf_attention_distilled as distilled
from submissions.references.transformers import hyperbf_attention_tied as tied
from submissions.references.transformers import hyperbf_attention_tied_distilled as strict


def fit(train, context):
    """Start at the closed form and no distance."""
    found = []
    for layer in range(context.facts["layers"]):
        start = tied.closest(train, context, layer, strict.LEAST)
        A, ua, _, ub = distilled.learned(train, context, layer, start, read)
        found.append((A, ua, ub))
    return plain.stored(found, ("A", "ua", "ub"))


def read(parameters):
    """Return A, ua, B and ub; centers are not moved."""
    A, ua = parameters
    return A, ua, A, 0 * ua
