"""Searches for critical points of any kind and sends them: saddles, most of them.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.baselines.optimization.minima_noise import Problem


def fit(train, context):
    problem = Problem(train, context.facts)
    theta = 0.5 * problem.starts(context.seed, 100)
    eye = 1e-3 * np.eye(problem.size)
    for _ in range(60):  # Newton, damped, which saddles attract
        _, g, H = problem.expand(theta)
        theta = theta - np.linalg.solve(H @ H + eye, H @ g[:, :, None])[:, :, 0]
    return {"points": np.clip(theta, -900, 900)}
