"""The baseline's network on a coarser grid, its nodal values fitted from end to end.

Adam on the nodal values of all nodes at once, from the interpolant on, against the function at
points in the cube and on its faces: mean squares first, then the mean eighth power, which looks
at the worst. A value moves no further than half its node's largest error of interpolation, which
is enough to balance an error of one sign: Adam drives values that few points speak of as far as
others, and they spoil the worst case. It stays within [-1, 1], on the parent's grid. Grids are
tried from the baseline's downwards while the fitted network passes; where none does, the plain
one stands. Errors that are balanced have many peaks, so twice as many searches look for them.
"""

import numpy as np
import torch

from submissions.baselines.approximation.relu_composition import (
    GRIDS,
    MARGIN,
    RESTARTS,
    Target,
    compose,
    interpolate,
    levels,
    network,
    passes,
    plain,
    points,
)

POINTS, BATCH, STEPS, RATES = 200_000, 8192, 150, (0.01, 0.004)
POWERS = (2, 8)


def fit(train, context):
    """Return the network on the coarsest grid that passes, plain or fitted."""
    target = Target(train["tables"], context.facts["children"])
    rng = np.random.default_rng(context.seed)
    most = MARGIN * context.facts["eps"]
    best = plain(target, most, rng)
    x = points(rng, POINTS, target.d)
    y = target(x)
    for G in reversed(GRIDS[: GRIDS.index(best.shape[1])]):
        plain_nodes = target.nodes(G)
        reach = [farthest(V, table) for V, table in zip(plain_nodes, train["tables"], strict=True)]
        nodes = fitted(plain_nodes, np.array(reach) / 2, target.children, x, y, rng)

        def answer(x, nodes=nodes):
            return compose(nodes, target.children, x)

        if not passes(answer, target, most, rng, 2 * RESTARTS):
            break
        best = nodes
    return network(best, target.children)


def farthest(V, table):
    """Return the largest error of interpolation on a node's table."""
    u, w = np.meshgrid(*[np.linspace(-1, 1, len(table))] * 2, indexing="ij")
    return np.abs(interpolate(V, u.ravel(), w.ravel()) - table.ravel()).max()


def fitted(nodes, reach, children, x, y, rng):
    """Return nodal values (d - 1, G, G) that were fitted to y at x, one power after the other."""
    low, high = (
        torch.from_numpy(np.clip(nodes + sign * reach[:, None, None], -1, 1).astype(np.float32))
        for sign in (-1, 1)
    )
    V = torch.tensor(nodes, dtype=torch.float32, requires_grad=True)
    x, y = (torch.from_numpy(array.astype(np.float32)) for array in (x, y))
    for power, rate in zip(POWERS, RATES, strict=True):
        optimizer = torch.optim.Adam([V], rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
        for _ in range(STEPS):
            rows = torch.from_numpy(rng.integers(0, len(x), BATCH))
            off = composed(V, children, x[rows]) - y[rows]
            loss = (off**power).mean() ** (1 / power)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            with torch.no_grad():
                V.clamp_(low, high)
    return V.detach().numpy().astype(np.float64)


def composed(V, children, x):
    """Return what the network of V computes, a level at a time."""
    d, G = x.shape[1], V.shape[1]
    flat = V.reshape(len(V), G * G)
    values = dict(enumerate(x.T))
    for level in levels(children):
        s, t = (
            (torch.stack([values[children[k][side]] for k in level]) + 1) * ((G - 1) / 2)
            for side in (0, 1)
        )
        i, j = (z.detach().long().clamp(0, G - 2) for z in (s, t))
        s, t = s - i, t - j
        at = i * G + j
        nodes = flat[torch.from_numpy(level)]
        corner = nodes.gather(1, at + torch.where(s > t, G, 1))
        low, high = torch.minimum(s, t), torch.maximum(s, t)
        v = nodes.gather(1, at) * (1 - high) + corner * (high - low)
        v = v + nodes.gather(1, at + G + 1) * low
        values |= {d + int(k): row for k, row in zip(level, v, strict=True)}
    return values[2 * d - 2]
