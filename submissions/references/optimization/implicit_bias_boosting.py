"""Boosted trees on the settings as they are: no theory."""

from submissions.references.optimization import rank_law_boosting as boosting


def fit(train, context):
    """Fit every target by itself."""
    return boosting.fit(train, context)


def predict(artifact, inputs):
    """Return all four targets."""
    return boosting.predict(artifact, inputs)
