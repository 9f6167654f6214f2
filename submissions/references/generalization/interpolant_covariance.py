"""The least norm in the metric of the inverse covariance of the features, plus a tenth of its mean.

Directions in which the features vary little are expensive, where for the least norm all are alike.
"""

import numpy as np

from submissions.baselines.generalization import interpolant as least

SHARE = 0.1


def fit(train, context):
    """Scale the features' principal directions by their spread, solve there, and go back."""
    Z = train["phi"] * train["y"][:, None]
    n, p = Z.shape
    _, s, directions = np.linalg.svd(Z, full_matrices=False)
    variance = s**2 / n
    spread = np.sqrt(variance + SHARE * variance.sum() / p)
    v = least.nearest((Z @ directions.T) * spread, 0 * spread, context.facts)
    return {"w": (spread * v) @ directions}
