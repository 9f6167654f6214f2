"""Greedy layer-wise SGD: each layer is trained once, with its head, on the output so far.

Nesterov momentum 0.9 on the squared loss, He initialization, gradients clipped to norm 1 (without
it a step of 0.05 can silence every ReLU), and a step size that falls to 0 like a cosine.
"""

import numpy as np

SETTINGS = {
    "hierarchy": {"rate": 0.1, "epochs": 40, "batch": 64, "decay": 1e-4},
    "digits": {"rate": 0.05, "epochs": 15, "batch": 32, "decay": 1e-4},
    "cifar10": {"rate": 0.05, "epochs": 20, "batch": 128, "decay": 1e-4},
}


def plan(facts):
    """Propose one candidate: full width, no sweeps."""
    return [{"hyper": SETTINGS[facts["data"]]}]


def fit(train, context):
    """Train one layer by SGD with Nesterov momentum."""
    return descend(train, context, Nesterov)


def descend(train, context, method):
    """Train one layer with `method` on the oracle's gradients, from `train` if it holds a layer."""
    facts, hyper = context.facts, context.facts["hyper"]
    rng = np.random.default_rng(
        [context.seed, facts["stage"], facts["sweep"], facts["layer"]],
    )
    layer = dict(train) or start(facts["shapes"], rng)
    optimizer = method(layer, hyper)
    n, batch = facts["n_samples"], int(hyper["batch"])
    epochs = max(1, round(hyper["epochs"] * facts["effort"]))
    n_steps = epochs * (n // batch)
    for step in range(n_steps):
        if step % (n // batch) == 0:
            order = rng.permutation(n)
        at = step % (n // batch) * batch
        gradient = context.oracle({**layer, "rows": order[at : at + batch]})
        del gradient["loss"]
        norm = np.sqrt(sum(float(np.sum(g**2)) for g in gradient.values()))
        rate = hyper["rate"] * (1 + np.cos(np.pi * step / n_steps)) / 2
        optimizer.step({name: g / max(1.0, norm) for name, g in gradient.items()}, rate)
    if facts["head"] == "ridge":
        del layer["A"]  # the task solves for it
    return layer


def start(shapes, rng):
    """Draw a layer: He's weights, no bias, a small head."""
    fan_in = np.prod(shapes["W"][1:])
    layer = {
        "W": rng.normal(0, np.sqrt(2 / fan_in), shapes["W"]).astype(np.float32),
        "b": np.zeros(shapes["b"], np.float32),
    }
    if "scale" in shapes:
        return layer | {"scale": np.ones((), np.float32)}
    head = rng.normal(0, 0.1 / np.sqrt(shapes["A"][0]), shapes["A"])
    return layer | {"A": head.astype(np.float32)}


class Nesterov:
    """SGD with Nesterov momentum and weight decay, in place."""

    def __init__(self, layer, hyper):
        self.layer, self.decay = layer, hyper["decay"]
        self.velocity = {name: np.zeros_like(array) for name, array in layer.items()}

    def step(self, gradient, rate):
        """Take one step."""
        for name, array in self.layer.items():
            g = gradient[name] + self.decay * array
            self.velocity[name] = 0.9 * self.velocity[name] + g
            self.layer[name] = array - np.float32(rate) * (g + 0.9 * self.velocity[name])
