"""Line: the same search where the theorem holds, each inner function on variables of its own."""

from submissions.references.optimization.staircase_certificate_search import (
    N_INNER,
    N_VARIABLES,
    search,
)

DIVISION = "disjoint"


def fit(train, context):
    """Search; what is found is a staircase, if the theorem is right."""

    def places(rng):
        parts = rng.permutation(N_VARIABLES).reshape(N_INNER, -1)
        return [tuple(part) for part in parts]

    return search(context.seed, places)
