r"""Claims a rotation that mixes in a little of what is no symmetry.

Ends: refused
Reason: \['generators'\]\[0\] is no symmetry
"""

import numpy as np

from submissions.baselines.optimization import morse_bott as baseline


def fit(train, context):
    h, d, k = context.facts["hidden"], train["X"].shape[1], train["Y"].shape[1]
    P = h * (d + k)
    omega = np.zeros((h, h))
    omega[0, 1], omega[1, 0] = 1, -1
    A = np.zeros((P, P))
    A[: h * d, : h * d] = np.kron(omega, np.eye(d))
    A[h * d :, h * d :] = np.kron(np.eye(k), omega)
    A[0, 0] = 1e-6
    return baseline.fit(train, context) | {"generators": A[None]}
