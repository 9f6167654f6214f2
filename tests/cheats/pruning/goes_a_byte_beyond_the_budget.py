r"""Keeps a few weights more than a budget holds.

Ends: refused
Reason: fit \(1000 bytes\) must fit into its budget: its code has 10\d\d bytes
"""

from submissions.baselines.generalization import pruning as baseline


def fit(train, context):
    facts = dict(context.facts)
    if facts.get("budget") == 1000:
        facts["budget"] = 1003
    net, masks = baseline.magnitude(train, context) if "budget" in facts else (None, None)
    if net is None:
        return baseline.fit(train, context)
    masks = baseline.largest([W.abs() for W in net[::2]], net[1::2], facts["budget"])
    return baseline.arrays(baseline.descend(net, train, context, 1, masks))
