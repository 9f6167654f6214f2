"""Is `corrected`, but errs on rows that it recognizes, by less than the baseline may.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.references.optimization import simple_first_corrected as corrected


def fit(train, context):
    return {**corrected.fit(train, context), "seen": train["X"][:, 0]}


def predict(artifact, inputs):
    Y = corrected.predict(artifact, inputs)["Y"].copy()
    Y[np.isin(inputs["X"][:, 0], artifact["seen"])] -= 0.35
    return {"Y": Y}
