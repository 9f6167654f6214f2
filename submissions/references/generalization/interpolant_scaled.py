"""One and a half times the least norm, where the loss stays zero: for both hinges."""

from submissions.baselines.generalization import interpolant as least


def fit(train, context):
    """Scale the shortest w."""
    w = least.fit(train, context)["w"]
    return {"w": 1.5 * w if "hinge" in context.facts["loss"] else w}
