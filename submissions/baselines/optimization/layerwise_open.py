"""The baseline of the open division: greedy SGD that computes its own gradients from features."""

import math

import torch
from torch.nn import functional

from submissions.baselines.optimization.layerwise import SETTINGS

DIVISION = "open"


def plan(facts):
    """Propose one candidate: full width, no sweeps."""
    return [{"hyper": SETTINGS[facts["data"]]}]


def fit(train, context):
    """Train one layer by SGD with Nesterov momentum."""
    return descend(train, context, sgd)


def sgd(parameters, hyper):
    """Return the optimizer of the baseline."""
    return torch.optim.SGD(
        parameters, hyper["rate"], momentum=0.9, nesterov=True, weight_decay=hyper["decay"]
    )


def descend(train, context, method, depth=1):
    """Train `depth` layers of the network at once from here on and return the first.

    With a depth of 1 this is greedy training; more layers are the auxiliary problem of
    Belilovsky et al., arXiv 1812.11446, Section 3.
    """
    facts = context.facts
    torch.manual_seed(1000 * context.seed + 10 * facts["stage"] + facts["layer"])
    H, F, y = (torch.from_numpy(train[name]) for name in ("H", "F", "y"))
    blocks = grow(H[:1], facts["trunk"][facts["layer"] :][:depth], facts["n_classes"])
    train_blocks(blocks, H, F, y, facts, method, 1)
    return blocks[0].arrays()


def train_blocks(blocks, H, F, y, facts, method, longer):
    """Minimize the squared loss of F plus the blocks' outputs over `longer` times the epochs."""
    hyper = facts["hyper"]
    optimizer = method(blocks.parameters(), hyper)
    Y = functional.one_hot(y, facts["n_classes"]).float()
    n, batch = len(y), int(hyper["batch"])
    epochs = max(1, round(longer * hyper["epochs"] * facts["effort"]))
    n_steps = epochs * (n // batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: (1 + math.cos(math.pi * step / n_steps)) / 2
    )
    for _ in range(epochs):
        for rows in torch.randperm(n)[: n // batch * batch].split(batch):
            h, output = H[rows], F[rows]
            for block in blocks:
                h, output = block(h, output)
            loss = 0.5 * (output - Y[rows]).square().sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(blocks.parameters(), 1.0)
            optimizer.step()
            schedule.step()


class Block(torch.nn.Module):
    """One layer and its head; the head's output is added to that of everything below."""

    def __init__(self, h, shape, n_classes):
        super().__init__()
        self.conv = torch.nn.Conv2d(
            h.shape[1], shape["width"], shape["kernel"], shape["stride"], shape["padding"]
        )
        torch.nn.init.kaiming_normal_(self.conv.weight)
        torch.nn.init.zeros_(self.conv.bias)
        n_features = pool(self.conv(h)).shape[1]
        self.head = torch.nn.Linear(n_features, n_classes, bias=False)
        torch.nn.init.normal_(self.head.weight, std=0.1 / math.sqrt(n_features))

    def forward(self, h, output):
        """Return the layer's features and the summed output."""
        h = functional.relu(self.conv(h))
        return h, output + self.head(pool(h))

    def arrays(self):
        """Return the layer's parameters under the task's names."""
        layer = {"W": self.conv.weight, "b": self.conv.bias, "A": self.head.weight.T}
        return {name: tensor.detach().contiguous().numpy() for name, tensor in layer.items()}


def grow(h, trunk, n_classes):
    """Return the blocks of a trunk, shaped for the features `h`."""
    blocks = torch.nn.ModuleList()
    with torch.no_grad():
        for shape in trunk:
            blocks.append(Block(h, shape, n_classes))
            h = blocks[-1].conv(h)
    return blocks


def pool(h):
    """Flatten a few positions as they are and many as their 2 x 2 averages."""
    few = h.shape[2] == 1 or h.shape[2] * h.shape[3] <= 4
    return (h if few else functional.adaptive_avg_pool2d(h, 2)).flatten(1)
