"""AdamW on all samples, with a weight decay that is large for it.

Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019, arXiv 1711.05101; not
checked against the source.
"""

import numpy as np

from submissions.baselines.optimization.full_batch_collapse import descend

RATE, DECAY, B1, B2, EPS = 1e-3, 0.5, 0.9, 0.999, 1e-8


def fit(train, context):
    """Descend."""
    first = {name: 0 * W for name, W in train.items()}
    second = {name: 0 * W for name, W in train.items()}
    t = dict.fromkeys(train, 0)

    def step(name, W, slope):
        t[name] += 1
        first[name] = B1 * first[name] + (1 - B1) * slope
        second[name] = B2 * second[name] + (1 - B2) * slope**2
        mean = first[name] / (1 - B1 ** t[name])
        scale = np.sqrt(second[name] / (1 - B2 ** t[name])) + EPS
        return W - RATE * (mean / scale + DECAY * W)

    return descend(train, context, step)
