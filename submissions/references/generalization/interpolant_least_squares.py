"""The interpolant of least squares, whatever the loss: every margin is 1."""

from submissions.baselines.generalization import interpolant as least


def fit(train, context):
    """Return the shortest w with every margin at 1."""
    Z = train["phi"] * train["y"][:, None]
    return {"w": least.nearest(Z, 0 * Z[0], {**context.facts, "loss": "square"})}
