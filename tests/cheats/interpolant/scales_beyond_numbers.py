"""Scales w until the squared hinge of a wrong sign is no number.

Ends: refused
Reason: the loss on fresh samples is not finite: scale w down
"""

from submissions.baselines.generalization import interpolant


def fit(train, context):
    w = interpolant.fit(train, context)["w"]
    return {"w": 1e200 * w if "hinge" in context.facts["loss"] else w}
