"""Z (Z / n)^0.5 in place of Z in the second layer: by the mean of the kernel, not by its sum."""

import numpy as np

from submissions.references.transformers.icl_ablation_power import log_sum


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return half of log (Z / n) more."""
    if "scores" not in inputs:
        return {}
    mean = log_sum(inputs["scores"]) - np.log(inputs["n"])
    return {"log_divisor": np.where(inputs["layer"] == 1, 0.5 * mean, 0)}
