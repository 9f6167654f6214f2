"""A minimum is left where the noise lifts SGD above the pass: theory, and nothing fitted.

Above a quadratic minimum the mean loss of SGD is eta tr C / (4 B): half of tr(H S), with H S + S H
= (eta / B) C of its stationary covariance S, to first order in the rate.
"""

import numpy as np


def fit(train, context):
    """Keep log10 of eta / (4 B)."""
    facts = context.facts
    columns = [facts["features"].index(name) for name in ("log_noise", "log_barrier")]
    lift = np.log10(facts["rate"] / (4 * facts["batch"]))
    return {"columns": np.array(columns, np.int8), "lift": np.array(lift)}


def predict(artifact, inputs):
    """Answer that all runs leave, or none."""
    noise, barrier = inputs["X"][:, artifact["columns"]].T
    return {"Y": (noise + artifact["lift"] > barrier)[:, None].astype(np.float64)}
