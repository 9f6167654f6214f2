"""Boosted trees on the properties as they are: no theory."""

from submissions.references.optimization import rank_law_boosting as boosting


def fit(train, context):
    """Fit the share."""
    return boosting.fit(train, context)


def predict(artifact, inputs):
    """Return the share that leaves."""
    return boosting.predict(artifact, inputs)
