r"""Hands over the bytes of a program beside a small network.

Ends: refused
Reason: 'program' is no array of a network with \d+ layers
"""

import numpy as np

from submissions.baselines.approximation.product_network import network


def fit(train, context):
    program = np.frombuffer(b"lambda x: x.prod(axis=1)", np.uint8)
    return network([], {}, "relu") | {"program": program}
