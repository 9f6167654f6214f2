"""Naive: one fully connected network, 3 x 128, that is told nothing of the graph.

The same network for every accuracy, fitted to end-to-end samples of the tables' composition.
"""

import numpy as np
import torch

from submissions.baselines.approximation.relu_composition import Network, Target

WIDTH, POINTS, BATCH, STEPS, RATE = 128, 200_000, 1024, 1200, 3e-3


def fit(train, context):
    """Return the network as it is, whether it passes or not."""
    target = Target(train["tables"], context.facts["children"])
    rng = np.random.default_rng(context.seed)
    torch.manual_seed(context.seed)
    x = rng.uniform(-1, 1, (POINTS, target.d))
    y = torch.from_numpy(target(x).astype(np.float32))
    x = torch.from_numpy(x.astype(np.float32))
    sizes = [target.d, WIDTH, WIDTH, WIDTH, 1]
    layers = [torch.nn.Linear(*pair) for pair in zip(sizes, sizes[1:], strict=False)]
    net = torch.nn.Sequential(*[m for layer in layers for m in (layer, torch.nn.ReLU())][:-1])
    optimizer = torch.optim.Adam(net.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        rows = torch.from_numpy(rng.integers(0, POINTS, BATCH))
        loss = ((net(x[rows])[:, 0] - y[rows]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return arrays([[p.detach().numpy() for p in layer.parameters()] for layer in layers])


def arrays(layers):
    """Return a strictly layered network, pairs of W (n_out, n_in) and b, as named arrays."""
    d = layers[0][0].shape[1]
    net, columns = Network(d), np.arange(d)
    for W, b in layers[:-1]:
        columns = net.add(np.tile(columns, (len(W), 1)), W, b)
    W, b = layers[-1]
    return net.end(columns, W[0], b[0])
