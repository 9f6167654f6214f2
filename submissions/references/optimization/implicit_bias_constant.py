"""The mean of what was shown, whatever the run: naive."""

from submissions.references.optimization import rank_law_constant as constant


def fit(train, context):
    """Fit every target by itself."""
    return constant.fit(train, context)


def predict(artifact, inputs):
    """Return all four targets."""
    return constant.predict(artifact, inputs)
