"""The linear theory as it stands, and Gaussian quantiles: nothing is fitted."""

import numpy as np
from scipy.special import ndtri


def fit(train, context):
    """Keep where the theory's variance stands, and the quantiles of a Gaussian."""
    column = context.facts["features"].index("log10_ou_variance")
    return {
        "column": np.array(column, np.int8),
        "quantiles": ndtri(context.facts["levels"]).astype(np.float32),
    }


def predict(artifact, inputs):
    """Answer the theory's variance, no kurtosis and Gaussian quantiles."""
    return {"Y": gaussian(inputs["X"][:, artifact["column"]], artifact["quantiles"])}


def gaussian(log10_variance, quantiles):
    """Return a row of targets for every variance."""
    n = len(log10_variance)
    shape = np.tile(quantiles.astype(np.float64), (n, 1))
    return np.concatenate([log10_variance[:, None], np.zeros((n, 1)), shape], 1)
