"""Both maps of every head, moved by Adam until the kernel's weights are the model's.

The loss is the cross entropy of attention on sequences that were shown, and the kernel is balanced
on each batch as the task balances it.
"""

import math

import numpy as np
import torch

from submissions.baselines.transformers import hyperbf_attention as plain

STEPS, BATCH, RATE = 200, 12, 0.01
LEAST = 1e-9
"""Spread that is added, so that no scale is infinite."""


def fit(train, context):
    """Start at the model's own weights."""
    layers = range(context.facts["layers"])
    return plain.stored(
        [learned(train, context, layer, plain.own(train, context, layer), kept) for layer in layers]
    )


def kept(maps):
    """Return what was learned as it is."""
    return maps


def learned(train, context, layer, start, read, spread=None):
    """Return what Adam makes of arrays `start`; `read` makes A, ua, B and ub of them."""
    spread = spread or median_deviation
    rng = np.random.default_rng([context.seed, layer])
    x = torch.from_numpy(train[f"x{layer}"])
    model = [torch.from_numpy(of) for of in plain.own(train, context, layer)]
    wanted = log_weights(*projected(x, model)).exp()
    parameters = [torch.tensor(of, dtype=torch.float32, requires_grad=True) for of in start]
    optimizer = torch.optim.Adam(parameters, RATE)
    for _ in range(STEPS):
        rows = rng.choice(len(x), min(BATCH, len(x)), replace=False)
        query, center = balanced(*projected(x[rows], read(parameters)), spread)
        weights = log_weights(query, center, center.square().sum(-1) / 2)
        # The future has weight 0, whose logarithm must not be asked.
        loss = -(wanted[rows] * weights.clamp_min(-1e4)).sum(-1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return [of.detach() for of in read(parameters)]


def projected(x, maps):
    """Return queries and centers, (n, H, L, r)."""
    A, ua, B, ub = maps
    return [torch.einsum("nld,hrd->nhlr", x, W) + u[:, None] for W, u in ((A, ua), (B, ub))]


def balanced(query, center, spread):
    """Return both with equal spread in every dimension."""
    t = ((spread(center) + LEAST) / (spread(query) + LEAST)).sqrt()[:, None]
    return query * t, center / t


def median_deviation(z):
    """Return the mean over sequences of the median absolute deviation, (H, r)."""
    return median((z - median(z)).abs()).squeeze(-2).mean(0)


def median(z):
    """Return the median over tokens, the mean of two where they are even, (n, H, 1, r)."""
    n = z.shape[-2]
    ordered = z.sort(-2).values
    return (ordered[..., (n - 1) // 2, None, :] + ordered[..., n // 2, None, :]) / 2


def log_weights(query, center, less=None):
    """Return logarithms of causal weights, -inf for the future; `less` (n, H, L) by center."""
    scores = query @ center.mT
    if less is not None:
        scores = scores - less[..., None, :]
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    return scores.masked_fill(future, -math.inf).log_softmax(-1)
