"""A small network at every node, trained on its table, then all of them from end to end.

Two hidden layers of H neurons a node, 7 (H^2 + 5 H + 4) weights in all for 7 nodes: gradient
descent places its creases where they are needed, which wins at loose accuracies, and finds them
less and less well at tight ones. One or two widths are tried for each accuracy; where none
passes, the baseline's network stands.
"""

import numpy as np
import torch

from submissions.baselines.approximation.relu_composition import (
    MARGIN,
    Network,
    Target,
    levels,
    passes,
    plain,
    points,
)
from submissions.baselines.approximation.relu_composition import network as plain_network

WIDTHS, WITHIN = (12, 24, 40), (60, 400)
"""H, and of eps H^2: narrower ones have no chance, and wider ones are seldom needed."""
BATCH, STEPS, RATE, POWERS = 2048, 500, 1e-2, (2, 4, 8)
POINTS, END_BATCH, END_STEPS, END_RATE = 100_000, 1024, 200, 1e-3
LOWEST = -1.05
"""What a node hands on is held above this."""


def fit(train, context):
    """Return the first trained network that passes, or the plain one."""
    target = Target(train["tables"], context.facts["children"])
    rng = np.random.default_rng(context.seed)
    torch.manual_seed(context.seed)
    eps = context.facts["eps"]
    for H in WIDTHS:
        if WITHIN[0] <= eps * H**2 <= WITHIN[1]:
            nodes = trained(train["tables"], target, H, rng)
            if passes(answering(nodes, target.children), target, MARGIN * eps, rng):
                return network([p.detach().numpy() for p in nodes], target.children)
    return plain_network(plain(target, MARGIN * eps, rng), target.children)


def answering(nodes, children):
    """Return the composed network as a function of arrays."""

    def answer(x):
        with torch.no_grad():
            return composed(nodes, children, torch.from_numpy(x).float()).double().numpy()

    return answer


def trained(tables, target, H, rng):
    """Return W1 (n, 2, H), b1 (n, 1, H), W2, b2, W3 (n, H, 1), b3 (n, 1, 1) of all nodes."""
    n, side = len(tables), tables.shape[1]
    nodes = []
    for n_in, n_out in ((2, H), (H, H), (H, 1)):
        W = torch.randn(n, n_in, n_out) * (2 / n_in) ** 0.5
        b = torch.rand(n, 1, n_out) * 2 - 1 if n_in == 2 else torch.zeros(n, 1, n_out)
        nodes += [W.requires_grad_(), b.requires_grad_()]
    grid = torch.linspace(-1, 1, side)
    flat = torch.from_numpy(tables.reshape(n, -1).astype(np.float32))

    def on_tables():
        at = torch.from_numpy(rng.integers(0, side, (2, BATCH)))
        uw = torch.stack([grid[at[0]], grid[at[1]]], 1).expand(n, BATCH, 2)
        return applied(nodes, slice(None), uw) - flat[:, at[0] * side + at[1]]

    descend(nodes, on_tables, POWERS, RATE, STEPS)
    x = points(rng, POINTS, target.d)
    y = torch.from_numpy(target(x).astype(np.float32))
    x = torch.from_numpy(x.astype(np.float32))

    def from_end_to_end():
        rows = torch.from_numpy(rng.integers(0, POINTS, END_BATCH))
        return composed(nodes, target.children, x[rows]) - y[rows]

    descend(nodes, from_end_to_end, POWERS[-1:], END_RATE, END_STEPS)
    return nodes


def descend(parameters, off, powers, rate, steps):
    """Make `off()` small in the mean of one power after the other, by Adam."""
    optimizer = torch.optim.Adam(parameters, rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, len(powers) * steps)
    for power in powers:
        for _ in range(steps):
            loss = ((off() ** power).mean(-1) ** (1 / power)).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def applied(nodes, which, h):
    """Return the nodes' values (m, N) at h (m, N, 2)."""
    W1, b1, W2, b2, W3, b3 = (p[which] for p in nodes)
    h = torch.relu(torch.baddbmm(b1, h, W1))
    h = torch.relu(torch.baddbmm(b2, h, W2))
    return torch.baddbmm(b3, h, W3)[..., 0]


def composed(nodes, children, x):
    """Return what `network` computes for x (N, d)."""
    d = x.shape[1]
    values = dict(enumerate(x.T))
    for level in levels(children):
        h = torch.stack([torch.stack([values[c] for c in children[k]], 1) for k in level])
        v = applied(nodes, torch.from_numpy(level), h)
        values |= {d + int(k): row.clamp(min=LOWEST) for k, row in zip(level, v, strict=True)}
    return v[0]


def network(nodes, children):
    """Return the arrays of the composed network."""
    W1, b1, W2, b2, W3, b3 = nodes
    n, _, H = W1.shape
    net = Network(n + 1)
    column, shift = np.arange(2 * n + 1), np.r_[np.zeros(n + 1), np.full(n, LOWEST)]
    for level in levels(children):
        m = len(level)
        below = np.array(children)[level]  # (m, 2)
        bias = b1[level, 0] + (shift[below][:, :, None] * W1[level]).sum(1)  # (m, H)
        inputs = np.repeat(column[below], H, axis=0)
        h = net.add(inputs, W1[level].transpose(0, 2, 1).reshape(m * H, 2), bias.ravel())
        inputs = np.repeat(h.reshape(m, H), H, axis=0)
        h = net.add(inputs, W2[level].transpose(0, 2, 1).reshape(m * H, H), b2[level].ravel())
        h, w, b = h.reshape(m, H), W3[level, :, 0], b3[level, 0, 0]
        if level[0] < n - 1:
            column[n + 1 + level] = net.add(h, w, b - LOWEST)
    return net.end(h[0], w[0], b[0])
