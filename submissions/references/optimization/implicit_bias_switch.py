"""Rank 2 after one step and at the end if the start is small, and the start's rank elsewhere."""

import numpy as np

from submissions.references.optimization import implicit_bias_two as two

SMALL = 0.03


def fit(train, context):
    """Keep the means of what the theorem does not speak of, and where the start stands."""
    columns = [context.facts["features"].index(name) for name in ("init", "stable_rank_0")]
    return {**two.fit(train, context), "columns": np.array(columns, np.int8)}


def predict(artifact, inputs):
    """Switch at a start of 0.03."""
    Y = two.predict(artifact, inputs)["Y"]
    init, rank = inputs["X"][:, artifact["columns"]].T
    Y[:, :2] = np.where(init < SMALL, np.log10(2), np.log10(rank))[:, None]
    return {"Y": Y}
