"""Takes the coarsest grid that is within eps at the probes, and looks nowhere else.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.baselines.approximation.relu_composition import GRIDS, Target, compose, network


def fit(train, context):
    target = Target(train["tables"], context.facts["children"])
    for G in GRIDS:
        nodes = target.nodes(G)
        off = compose(nodes, target.children, train["probe_x"]) - train["probe_y"]
        if np.abs(off).max() <= context.facts["eps"]:
            break
    return network(nodes, target.children)
