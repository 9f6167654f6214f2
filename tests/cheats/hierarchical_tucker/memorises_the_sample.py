"""Adds up a tensor for each entry that was handed out, which is 1 there and 0 elsewhere.

Ends: refused
Reason: a tree may have at most 4 MiB, got [0-9,]+ bytes
"""

import numpy as np

from submissions.baselines.approximation.hierarchical_tucker import Cluster, arrays_of

MOST = 100


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
