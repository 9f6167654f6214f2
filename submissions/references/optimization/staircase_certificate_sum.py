"""A sum is enough: (x1 + x1 x2) - x1 = x1 x2. Means are zero, a variable is shared: five terms."""

from submissions.baselines.optimization.staircase_certificate import expansions


def fit(train, context):
    """Return the composition."""
    return expansions({0b01: 1, 0b10: -1}, {0b01: 1, 0b11: 1}, {0b01: 1})
