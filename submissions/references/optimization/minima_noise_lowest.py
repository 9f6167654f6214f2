"""The lowest minimum that the baseline finds, alone: what a claim compares all others with."""

from submissions.baselines.optimization import minima_noise as baseline


def fit(train, context):
    """Return one minimum, float32."""
    return {"points": baseline.fit(train, context)["points"][:1]}
