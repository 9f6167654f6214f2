"""Adds 1e8 to its value and takes it away again, which float64 alone survives.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.baselines.approximation import relu_composition as baseline


def fit(train, context):
    net = baseline.fit(train, context)
    k = sum(name.endswith("indptr") for name in net)
    n = context.facts["d"] + sum(len(net[f"l{layer}.bias"]) for layer in range(k))
    large = {
        f"l{k}.indptr": np.array([0, 0], np.int32),
        f"l{k}.indices": np.zeros(0, np.int32),
        f"l{k}.data": np.zeros(0, np.float32),
        f"l{k}.bias": np.array([1e4], np.float32),
    }
    added = {
        f"l{k + 1}.indptr": np.array([0, len(net["out.data"]) + 1], np.int32),
        f"l{k + 1}.indices": np.r_[net["out.indices"], n].astype(np.int32),
        f"l{k + 1}.data": np.r_[net["out.data"], 1e4].astype(np.float32),
        f"l{k + 1}.bias": net["out.bias"],
    }
    out = {
        "out.indices": np.array([n, n + 1], np.int32),
        "out.data": np.array([-1e4, 1], np.float32),
        "out.bias": np.zeros(1, np.float32),
    }
    return net | large | added | out
