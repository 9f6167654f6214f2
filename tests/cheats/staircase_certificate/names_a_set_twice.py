r"""Names a set twice, so that one of its coefficients takes back the other.

Ends: refused
Reason: fit\['inner0/mask'\] must hold different masks
"""

import numpy as np

from submissions.baselines.optimization.staircase_certificate import expansions


def fit(train, context):
    arrays = expansions({0b01: 1}, {0b01: 1, 0b10: -1})
    arrays["inner0/mask"] = np.array([1, 1])
    return arrays
