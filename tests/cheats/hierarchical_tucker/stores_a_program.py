r"""Hands over the bytes of a program beside a small tree.

Ends: refused
Reason: 'program' is no array of a tree with \d+ nodes
"""

import numpy as np

from submissions.baselines.approximation.hierarchical_tucker import constant


def fit(train, context):
    program = np.frombuffer(b"lambda x: (-1) ** x.sum()", np.uint8)
    return constant(context.facts["shape"], 0.0) | {"program": program}
