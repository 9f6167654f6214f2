"""Line: told the family and the tree; a network 2-16-16-1 at every node of it, 2,359 weights.

For `additive` it is the sum of splines; for what has no known structure, the baseline.
"""

import numpy as np
import torch

from submissions.baselines.approximation import composition_regression as baseline
from submissions.references.approximation import composition_regression_splines as splines

DIVISION = "line"
WIDTH, RATE, STEPS, STARTS = 16, 5e-3, 3000, 2


def fit(train, context):
    """Fit what the family asks for."""
    family = context.facts["family"]
    if family == "additive":
        return splines.fit(train, context)
    if family != "tree":
        return baseline.fit(train, context)
    x = torch.from_numpy(train["x"][:, context.facts["leaves"]])
    y = torch.from_numpy(train["y"])
    mean, scale = y.mean(), y.std()
    found = []
    for start in range(STARTS):
        torch.manual_seed(STARTS * context.seed + start)
        network = TreeNetwork(x.shape[1])
        error = baseline.descend(network, x, (y - mean) / scale, RATE, STEPS)
        found.append((error, start, network))
    arrays = {name: p.detach().numpy() for name, p in min(found)[2].named_parameters()}
    leaves = np.array(context.facts["leaves"])
    return arrays | {"scale": torch.stack([mean, scale]).numpy(), "leaves": leaves}


def predict(artifact, inputs):
    """Answer with what was fitted."""
    if "m" in artifact:
        return splines.predict(artifact, inputs)
    if "leaves" not in artifact:
        return baseline.predict(artifact, inputs)
    network = TreeNetwork(inputs["x"].shape[1])
    names = network.state_dict()
    network.load_state_dict({name: torch.from_numpy(artifact[name]) for name in names})
    mean, scale = artifact["scale"]
    with torch.no_grad():
        y = network(torch.from_numpy(inputs["x"][:, artifact["leaves"]]))[:, 0]
    return {"y": y.numpy() * scale + mean}


class TreeNetwork(torch.nn.Module):
    """A small network at every node of a complete binary tree, level by level."""

    def __init__(self, d):
        super().__init__()
        sizes = [2, WIDTH, WIDTH, 1]
        for number, (n_in, n_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
            for name, shape in (("W", (d - 1, n_in, n_out)), ("b", (d - 1, 1, n_out))):
                bound = n_in**-0.5
                start = torch.empty(shape).uniform_(-bound, bound)
                self.register_parameter(f"{name}{number}", torch.nn.Parameter(start))

    def forward(self, x):
        """Return the root's value, (n, 1)."""
        first = 0
        h = x.T  # (nodes of the level below, n)
        while len(h) > 1:
            nodes = slice(first, first + len(h) // 2)
            h = h.reshape(-1, 2, h.shape[1]).transpose(1, 2)  # (nodes, n, 2)
            for number in range(3):
                W, b = (getattr(self, f"{name}{number}")[nodes] for name in "Wb")
                h = torch.baddbmm(b, h, W)
                if number < 2:
                    h = torch.relu(h)
            first, h = nodes.stop, h[:, :, 0]
        return h.T
