"""The interpolant of the least L1 norm, a linear program."""

import numpy as np
from scipy.optimize import linprog


def fit(train, context):
    """Return the w of least L1 norm whose loss is zero."""
    Z, epsilon = train["phi"] * train["y"][:, None], context.facts["epsilon"]
    A = np.hstack([Z, -Z])  # w = u - v, u and v at least 0
    one = np.ones(len(Z))
    wanted = {
        "square": {"A_eq": A, "b_eq": one},
        "eps_insensitive": {
            "A_ub": np.vstack([-A, A]),
            "b_ub": np.concatenate([-(1 - epsilon) * one, (1 + epsilon) * one]),
        },
    }.get(context.facts["loss"], {"A_ub": -A, "b_ub": -one})
    u, v = np.split(linprog(np.ones(A.shape[1]), **wanted).x, 2)
    return {"w": u - v}
