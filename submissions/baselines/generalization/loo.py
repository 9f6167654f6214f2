"""The bound: a margin falls by no more than alpha_i K_ii."""

import numpy as np


def fit(train, context):
    """Learn nothing: there is nothing to tune."""
    return {}


def predict(artifact, inputs):
    """Return the margins of the machines themselves less what each sample can have brought."""
    brings = inputs["alpha"] * np.diagonal(inputs["K"], axis1=1, axis2=2)
    return {"margin": margins(inputs) - brings}


def margins(inputs):
    """Return y_i f(x_i) of the machines that were taught all samples: (m, n)."""
    y = inputs["y"]
    return y * (inputs["K"] @ (y * inputs["alpha"])[:, :, None])[:, :, 0]


def one_by_one(inputs, rule):
    """Return what a rule makes of each instance: of Q = y K y, alpha and margins (n,)."""
    y = inputs["y"]
    Q = inputs["K"] * y[:, :, None] * y[:, None]
    machines = zip(Q, inputs["alpha"], margins(inputs), strict=True)
    return {"margin": np.stack([rule(*machine) for machine in machines])}
