"""A mean is enough: x1 (1 + x2) - x1 = x1 x2. No variable is shared: five terms."""

from submissions.baselines.optimization.staircase_certificate import expansions


def fit(train, context):
    """Return the composition."""
    return expansions({0b01: -1, 0b11: 1}, {0b01: 1}, {0b00: 1, 0b10: 1})
