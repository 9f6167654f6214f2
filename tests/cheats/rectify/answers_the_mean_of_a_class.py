"""Guesses the class by the nearest mean and answers with the mean standard view of that class.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    classes = np.unique(train["label"])
    return {
        "view": np.stack([train["view"][train["label"] == c].mean((0, 1)) for c in classes]),
        "canonical": np.stack([train["canonical"][train["label"] == c].mean(0) for c in classes]),
    }


def predict(artifact, inputs):
    answers = np.empty_like(inputs["image"])
    for index, kind in enumerate(("affine", "depth")):
        rows = inputs["kind"] == index
        image = inputs["image"][rows]
        distance = ((image[:, None] - artifact[f"{kind}/view"]) ** 2).sum((2, 3))
        answers[rows] = artifact[f"{kind}/canonical"][distance.argmin(1)]
    return {"image": answers}
