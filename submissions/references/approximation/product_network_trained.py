"""Naive: two layers of 48 relus, trained by Adam on random points; shallow: declined.

At q = 8 the product is near 0 almost everywhere, and the trained network is so at the corners, too.
"""

import torch

from submissions.baselines.approximation.product_network import ONE, network

WIDTH, STEPS, BATCH, RATE = 48, 3000, 256, 1e-3


def fit(train, context):
    """Return the trained network of a deep cell, right or wrong."""
    if context.facts["track"] == "shallow":
        return {}
    q = context.facts["q"]
    torch.manual_seed(context.seed)
    widths = (q, WIDTH, WIDTH, 1)
    linear = [torch.nn.Linear(a, b) for a, b in zip(widths, widths[1:], strict=False)]
    model = torch.nn.Sequential(linear[0], torch.nn.ReLU(), linear[1], torch.nn.ReLU(), linear[2])
    optimizer = torch.optim.Adam(model.parameters(), RATE, fused=True)
    for _ in range(STEPS):
        x = 2 * torch.rand(BATCH, q) - 1
        loss = ((model(x)[:, 0] - x.prod(1)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    rows = []
    first = 0
    for layer in linear:
        W, b = (array.detach().numpy() for array in (layer.weight, layer.bias))
        rows.append([dict(enumerate(w, first)) | {ONE: c} for w, c in zip(W, b, strict=True)])
        first = first + q if first == 0 else first + WIDTH
    return network(rows[:-1], rows[-1][0], "relu")
