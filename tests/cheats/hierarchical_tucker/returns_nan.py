r"""Returns a tree with an entry that is not a number.

Ends: refused
Reason: fit\['node0.data'\] must be finite
"""

import numpy as np

from submissions.baselines.approximation.hierarchical_tucker import constant


def fit(train, context):
    tree = constant(context.facts["shape"], 1.0)
    return tree | {"node0.data": np.full_like(tree["node0.data"], np.nan)}
