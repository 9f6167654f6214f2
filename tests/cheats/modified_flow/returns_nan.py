r"""Returns a coefficient that is not a number.

Ends: refused
Reason: fit\['rates'\] must be finite
"""

import numpy as np

from submissions.baselines.optimization import modified_flow


def fit(train, context):
    return modified_flow.fit(train, context) | {"rates": np.full((2, 3), np.nan)}
