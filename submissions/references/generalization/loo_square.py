"""The formula of the square loss as it stands: exact, and for another machine.

With c = K^-1 y the interpolant's residual is c_i / (K^-1)_ii.
"""

import numpy as np

from submissions.baselines.generalization import loo as bound

fit = bound.fit


def predict(artifact, inputs):
    """Return the leave-one-out margins of the interpolants of least squares."""
    y, inverse = inputs["y"], np.linalg.inv(inputs["K"])
    c = (inverse @ y[:, :, None])[:, :, 0]
    return {"margin": 1 - y * c / np.diagonal(inverse, axis1=1, axis2=2)}
