"""The baseline's search from 300 starts of many scales, 10^U(-2, 0.3)."""

import numpy as np

from submissions.baselines.optimization.morse_bott import distinct, problem_of, search

N_STARTS = 300


def fit(train, context):
    """Return the critical points found, float32."""
    problem = problem_of(train, context.facts)
    rng = np.random.default_rng(context.seed)
    scale = 10 ** rng.uniform(-2, 0.3, (N_STARTS, 1))
    starts = scale * rng.standard_normal((N_STARTS, problem.size))
    return {"points": distinct(problem, search(problem, starts)).astype(np.float32)}
