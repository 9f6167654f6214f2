"""Training with an L2 penalty, then the largest weights that a budget holds, trained further.

S. Han, J. Pool, J. Tran, W. Dally, *Learning both Weights and Connections for Efficient Neural
Networks*, NeurIPS 2015; not checked against the source. Biases are few and all stay.
"""

import math

import numpy as np
import torch
from torch.nn import functional

RATE, MOMENTUM, BATCH = 0.05, 0.9, 50
EPOCHS, FINE_EPOCHS, DECAY = 60, 20, 5e-3


def fit(train, context):
    """Return the dense network, then what of it is left within a budget."""
    if context.facts["stage"] == "dense":
        return arrays(descend(start(context), train, context, EPOCHS, decay=DECAY))
    net, masks = magnitude(train, context)
    return arrays(descend(net, train, context, FINE_EPOCHS, masks, decay=DECAY))


def magnitude(train, context):
    """Return the dense network and masks of its largest weights, as many as the budget holds."""
    net = dense(train)
    masks = largest([W.abs() for W in net[::2]], net[1::2], context.facts["budget"])
    return net, masks


def start(context):
    """Draw a network: He's weights, biases of 0."""
    rng = np.random.default_rng(context.seed)
    widths = context.facts["widths"]
    net = []
    for m, k in zip(widths[:-1], widths[1:], strict=True):
        W = rng.normal(0, math.sqrt(2 / m), (m, k)).astype(np.float32)
        net += [torch.from_numpy(W), torch.zeros(k)]
    return net


def dense(train):
    """Return the dense network that was handed back, [W0, b0, W1, ...]."""
    depth = sum(name.startswith("dense/W") for name in train)
    return [torch.from_numpy(train[f"dense/{part}{k}"]) for k in range(depth) for part in "Wb"]


def arrays(net):
    """Return a network by its arrays' names."""
    return {f"{'Wb'[k % 2]}{k // 2}": array.numpy() for k, array in enumerate(net)}


def forward(net, X):
    """Return what a network says."""
    for k in range(0, len(net), 2):
        X = torch.addmm(net[k + 1], torch.relu(X) if k else X, net[k])
    return X


def descend(net, train, context, epochs, masks=None, decay=0.0, sparsity=0.0):
    """Return a network after SGD on the cross-entropy, with an L2 or an L1 penalty on its weights.

    The L1 penalty is a proximal step, of the length that momentum makes of the rate. What is
    masked stays 0.
    """
    draw = torch.Generator().manual_seed(context.seed)
    X, y = (torch.from_numpy(train[name]) for name in ("X", "y"))
    masks = [mask.float() for mask in masks] if masks is not None else None
    net = [array.clone() for array in net]
    if masks is not None:
        for W, mask in zip(net[::2], masks, strict=True):
            W.mul_(mask)
    for array in net:
        array.requires_grad_()
    groups = [{"params": net[::2], "weight_decay": decay}, {"params": net[1::2]}]
    optimizer = torch.optim.SGD(groups, RATE, momentum=MOMENTUM)
    n_batches = len(y) // BATCH
    for epoch in range(epochs):
        for step, rows in enumerate(torch.randperm(len(y), generator=draw).split(BATCH)):
            if len(rows) < BATCH:
                break
            share = (epoch * n_batches + step) / (epochs * n_batches)
            rate = RATE * (1 + math.cos(math.pi * share)) / 2
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad()
            functional.cross_entropy(forward(net, X[rows]), y[rows]).backward()
            optimizer.step()
            with torch.no_grad():
                for k, W in enumerate(net[::2]):
                    if sparsity:
                        W.copy_(functional.softshrink(W, rate * sparsity / (1 - MOMENTUM)))
                    if masks is not None:
                        W.mul_(masks[k])
    return [array.detach() for array in net]


def largest(scores, biases, budget):
    """Return masks of the weights with the largest scores, as many as fit beside the biases.

    Parameters
    ----------
    scores
        Of every weight, in the shapes of the weights.
    biases
        All of which are kept.
    budget
        Bytes.
    """
    masks = cut(scores)
    room = 8 * budget - sum(bits(len(b), len(b)) for b in biases)
    low, high = 0, sum(score.numel() for score in scores) + 1
    while high - low > 1:
        middle = (low + high) // 2
        fits = sum(bits(m.numel(), int(m.sum())) for m in masks(middle)) <= room
        low, high = (middle, high) if fits else (low, middle)
    return masks(low)


def cut(scores):
    """Return the function from a number to masks of that many weights of the largest scores."""
    order = torch.cat([score.ravel() for score in scores]).argsort(descending=True)
    sizes = [score.numel() for score in scores]

    def masks(kept):
        mask = torch.zeros(len(order), dtype=torch.bool)
        mask[order[:kept]] = True
        return [part.view(s.shape) for part, s in zip(mask.split(sizes), scores, strict=True)]

    return masks


def bits(n, k):
    """Return the bits that k values among n cost: which they are, and 16 each."""
    if k in (0, n):
        return 32 + 16 * k
    entropy = -k * math.log2(k / n) - (n - k) * math.log2(1 - k / n)
    return 32 + min(16 * n, math.ceil(entropy) + 16 * k)
