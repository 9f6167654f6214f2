"""Occam: a network in a random subspace of 100 dimensions, its coordinates out of a short codebook.

S. Lotfi et al., *PAC-Bayes Compression Bounds So Tight That They Can Explain Generalization*,
NeurIPS 2022; not checked against the source. The number of values that gives the least bound on the
sample is taken: one code covers all of them.
"""

import math

import numpy as np
import torch
from torch.nn import functional

from submissions.baselines.generalization.certificate import (
    batches,
    cosine,
    forward,
    start,
    widths,
)

N_DIRECTIONS, LEVELS = 100, (5, 9)
EPOCHS, FINE_EPOCHS, RATE, FINE_RATE = 20, 10, 0.1, 0.03


def fit(train, context):
    """Return the subspace, then the coordinates."""
    facts = context.facts
    sizes = widths(facts)
    if facts["stage"] == "prior":
        spread = [
            np.full((m + 1) * k, 1 / math.sqrt(m * N_DIRECTIONS))
            for m, k in zip(sizes[:-1], sizes[1:], strict=True)
        ]
        return {"origin": start(context), "spread": np.concatenate(spread).astype(np.float32)}
    A = directions(train["prior/spread"], facts["subspace_seed"])
    return {"coordinates": shortest(train, context, A)}


def directions(spread, seed):
    """Return the columns that the task multiplies coordinates with."""
    columns = [
        np.random.default_rng([seed, j]).standard_normal(len(spread), dtype=np.float32)
        for j in range(N_DIRECTIONS)
    ]
    return torch.from_numpy(np.stack(columns, 1) * spread[:, None])


def shortest(train, context, A):
    """Train the coordinates, then a codebook of either size; return what bounds the risk better."""
    sizes = widths(context.facts)
    draw = torch.Generator().manual_seed(context.seed)
    X, y, origin = (torch.from_numpy(train[name]) for name in ("X", "y", "prior/origin"))

    def descend(parameters, value, epochs, rate):
        optimizer = torch.optim.Adam(parameters, rate)
        n_steps = epochs * (len(y) // 100)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: cosine(k / n_steps))
        for rows in batches(len(y), epochs, draw):
            said = forward(origin + A @ value(), X[rows], sizes)
            optimizer.zero_grad()
            functional.cross_entropy(said, y[rows]).backward()
            optimizer.step()
            schedule.step()

    v = torch.zeros(A.shape[1], requires_grad=True)
    descend([v], lambda: v, EPOCHS, RATE)
    found = []
    for levels in LEVELS:
        z, book = v.detach().clone(), clusters(v.detach(), levels)
        z.requires_grad_()
        book.requires_grad_()
        descend([z, book], lambda z=z, book=book: rounded(z, book), FINE_EPOCHS, FINE_RATE)
        u = rounded(z, book).detach().numpy().astype(np.float16)
        said = forward(origin + A @ torch.from_numpy(u.astype(np.float32)), X, sizes)
        wrong = float((said.argmax(1) != y).double().mean())
        found.append((worst(wrong, (nats(u) + 3) / len(y)), levels, u))
    return min(found)[2]


def clusters(v, levels):
    """Return the centres of one-dimensional k-means."""
    book = torch.quantile(v, (torch.arange(levels) + 0.5) / levels)
    for _ in range(30):
        nearest = (v[:, None] - book).abs().argmin(1)
        book = torch.stack(
            [v[nearest == j].mean() if (nearest == j).any() else book[j] for j in range(levels)]
        )
    return book


def rounded(z, book):
    """Return the nearest values of the codebook; the slope passes through to z."""
    return book[(z[:, None] - book).abs().argmin(1)] + (z - z.detach())


def nats(u):
    """Return about what a table of values and their places costs."""
    counts = np.unique(u, return_counts=True)[1]
    entropy = -(counts * np.log(counts / len(u))).sum()
    return float(entropy + len(counts) * (16 * math.log(2) + math.log(len(u) + 1)))


def worst(q, c):
    """Return the largest risk p with kl(q || p) <= c, by bisection."""
    low, high = q, 1 - 1e-9
    for _ in range(40):
        p = (low + high) / 2
        kl = sum(a * math.log(a / b) for a, b in ((q, p), (1 - q, 1 - p)) if a > 0)
        low, high = (p, high) if kl <= c else (low, p)
    return high
