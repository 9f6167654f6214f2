"""Line: the closed-form solution of the neural tangent kernel at twice 1024 units, He's size."""

import numpy as np

from submissions.references.optimization.min_rho_kernel import solve

DIVISION = "line"
WIDTH = 1024


def fit(train, context):
    """Solve for the weights of a network wide enough for its linearization to hold."""
    rng = np.random.default_rng([context.seed, 0])
    widths = (train["X"].shape[1], WIDTH, WIDTH, 1)
    weights = [
        rng.normal(0, np.sqrt(2 / fan_in), (fan_in, width))
        for fan_in, width in zip(widths[:-1], widths[1:], strict=True)
    ]
    return solve(weights, train)
