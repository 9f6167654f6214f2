"""Naive: the prior is the posterior, which nothing can be said against and which guesses."""

from submissions.baselines.generalization.certificate import SIGMA, prior


def fit(train, context):
    """Return the prior, twice."""
    return prior(context, SIGMA)
