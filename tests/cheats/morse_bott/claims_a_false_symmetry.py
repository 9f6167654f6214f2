r"""Claims that all directions are symmetries, so that any kernel would be an orbit's.

Ends: refused
Reason: \['generators'\]\[0\] is no symmetry
"""

import numpy as np

from submissions.baselines.optimization import morse_bott as baseline


def fit(train, context):
    P = len(train["c"])
    return baseline.fit(train, context) | {"generators": np.eye(P)[None]}
