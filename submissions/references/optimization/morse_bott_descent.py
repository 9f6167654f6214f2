"""Naive: gradient descent from 40 starts, which ends at minima, and near saddles on its way."""

import numpy as np

from submissions.baselines.optimization.morse_bott import N_STARTS, SCALE, distinct, problem_of

STEPS, RATE = 3000, 0.1


def fit(train, context):
    """Return where descent ends, float32."""
    problem = problem_of(train, context.facts)
    rng = np.random.default_rng(context.seed)
    theta = SCALE * rng.standard_normal((N_STARTS, problem.size))
    for _ in range(STEPS):
        theta = theta - RATE * problem.gradient(theta)
    return {"points": distinct(problem, theta).astype(np.float32)}
