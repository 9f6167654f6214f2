"""Naive: plain gradient descent from 60 Gaussian starts, 5000 steps, as it ends."""

import numpy as np

from submissions.baselines.optimization.minima_noise import N_STARTS, Problem

STEPS, RATE = 5000, 0.3


def fit(train, context):
    """Return where descent ends, float32."""
    problem = Problem(train, context.facts)
    theta = problem.starts(context.seed, N_STARTS)
    for _ in range(STEPS):
        theta -= RATE * problem.gradient(theta)
    return {"points": theta.astype(np.float32)}
