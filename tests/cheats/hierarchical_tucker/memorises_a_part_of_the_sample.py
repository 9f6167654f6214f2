"""Adds up as many of the handed-out entries as fit into the limit.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.baselines.approximation.hierarchical_tucker import Cluster, arrays_of

MOST = 40


def fit(train, context):
    index, value = train["index"][:MOST], train["value"][:MOST]
    both = np.zeros((MOST, MOST, MOST), np.float16)
    both[np.arange(MOST), np.arange(MOST), np.arange(MOST)] = 1
    clusters = []
    for mode, n in enumerate(context.facts["shape"]):
        frame = (np.arange(n)[:, None] == index[:, mode]).astype(np.float16)
        clusters.append(Cluster([mode], None, frame))
    while len(clusters) > 2:
        a, b, *rest = clusters
        clusters = [*rest, Cluster(a.modes + b.modes, None, both, (a, b))]
    return arrays_of(Cluster([], None, np.diag(value)[..., None], tuple(clusters)))
