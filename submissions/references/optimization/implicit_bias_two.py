"""The theorem read literally: rank 2 at the end of every run, and the mean of all else."""

import numpy as np


def fit(train, context):
    """Keep the means."""
    mean = train["Y"].mean(0)
    mean[context.facts["targets"].index("log10_stable_rank")] = np.log10(2)
    return {"mean": mean.astype(np.float32)}


def predict(artifact, inputs):
    """Answer them."""
    return {"Y": np.tile(artifact["mean"].astype(np.float64), (len(inputs["X"]), 1))}
