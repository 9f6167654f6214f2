"""Line: the baseline's dense network without the weights that hardly matter, as they are told."""

from submissions.baselines.generalization import pruning as baseline

DIVISION = "line"


def fit(train, context):
    """Return the dense network, then the same without its smallest weights."""
    if context.facts["stage"] == "dense":
        return baseline.fit(train, context)
    return removed(train, context)


def removed(train, context):
    """Return the dense network without what is smaller than the threshold."""
    net = baseline.dense(train)
    for W in net[::2]:
        W.mul_(W.abs() >= context.facts["threshold"])
    return baseline.arrays(net)
