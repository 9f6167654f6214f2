"""Greedy layer-wise AdamW (Loshchilov and Hutter, arXiv 1711.05101), otherwise the baseline."""

import numpy as np

from submissions.baselines.optimization.layerwise import SETTINGS, descend

RATES = {"hierarchy": 3e-3, "digits": 2e-3, "cifar10": 2e-3}


def plan(facts):
    """Propose the baseline's schedule with AdamW's step size and decay."""
    name = facts["data"]
    return [{"hyper": SETTINGS[name] | {"rate": RATES[name], "decay": 1e-2}}]


def fit(train, context):
    """Train one layer by AdamW."""
    return descend(train, context, AdamW)


class AdamW:
    """Adam with decoupled weight decay and bias correction, in place."""

    def __init__(self, layer, hyper):
        self.layer, self.decay, self.n_steps = layer, hyper["decay"], 0
        self.mean = {name: np.zeros_like(array) for name, array in layer.items()}
        self.square = {name: np.zeros_like(array) for name, array in layer.items()}

    def step(self, gradient, rate):
        """Take one step."""
        self.n_steps += 1
        for name, g in gradient.items():
            self.mean[name] = 0.9 * self.mean[name] + 0.1 * g
            self.square[name] = 0.999 * self.square[name] + 0.001 * g * g
            mean = self.mean[name] / (1 - 0.9**self.n_steps)
            root = np.sqrt(self.square[name] / (1 - 0.999**self.n_steps)) + 1e-8
            kept = (1 - rate * self.decay) * self.layer[name]
            self.layer[name] = (kept - rate * mean / root).astype(np.float32)
