"""Memorises: the standard view of the training view nearest in pixels.

It is at home among the objects it saw and lost among new ones.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    n_views = train["view"].shape[1]
    return {
        "view": train["view"].reshape(-1, train["view"][0, 0].size),
        "canonical": np.repeat(train["canonical"], n_views, axis=0),
    }


def predict(artifact, inputs):
    answers = np.empty_like(inputs["image"])
    for index, kind in enumerate(("affine", "depth")):
        rows = inputs["kind"] == index
        image, view = inputs["image"][rows], artifact[f"{kind}/view"]
        distance = (view**2).sum(1) - 2 * image.reshape(len(image), -1) @ view.T
        answers[rows] = artifact[f"{kind}/canonical"][distance.argmin(1)]
    return {"image": answers}
