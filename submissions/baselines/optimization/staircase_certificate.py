"""y1 + y1 y2 of two staircases on the same two variables is 3 x1 x2: eight terms."""

import numpy as np


def fit(train, context):
    """Return the composition."""
    return expansions(
        {0b01: 1, 0b11: 1},
        {0b01: 1, 0b10: 1, 0b11: 1},
        {0b01: 1, 0b10: 1, 0b11: -2},
    )


def expansions(outer, *inner):
    """Return the arrays of expansions with whole coefficients, {mask: coefficient}."""
    arrays = {}
    for name, f in [("outer", outer), *((f"inner{i}", f) for i, f in enumerate(inner))]:
        arrays[f"{name}/mask"] = np.array(list(f), dtype=np.int64)
        arrays[f"{name}/numerator"] = np.array(list(f.values()), dtype=np.int64)
        arrays[f"{name}/denominator"] = np.ones(len(f), dtype=np.int64)
    return arrays
