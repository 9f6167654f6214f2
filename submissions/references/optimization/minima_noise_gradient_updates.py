"""Gradient descent from the starts of `sgd`, at as many updates, and where it comes to rest."""

import numpy as np

from submissions.baselines.optimization.minima_noise import N_STARTS, Problem, minimize
from submissions.references.optimization.minima_noise_sgd import RATE, UPDATES


def fit(train, context):
    """Return the minima at which descent ends, float32."""
    return descend(train, context, UPDATES)


def descend(train, context, n_updates):
    """Return where so many updates and then saddle-free Newton lead."""
    problem = Problem(train, context.facts)
    theta = problem.starts(context.seed, N_STARTS)
    for _ in range(n_updates):
        theta -= RATE * problem.gradient(theta)
    return {"points": minimize(problem, theta).astype(np.float32)}
