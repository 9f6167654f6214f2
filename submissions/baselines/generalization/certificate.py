"""PAC-Bayes with a prior around a random network: f_quad, the bounded cross-entropy.

M. Perez-Ortiz, O. Rivasplata, J. Shawe-Taylor, C. Szepesvari, *Tighter Risk Certificates for Neural
Networks*, JMLR 22, 2021; not checked against the source.
"""

import math

import numpy as np
import torch
from torch.nn import functional

WIDTH, SIGMA = 32, 0.3
BATCH, WARM_EPOCHS, EPOCHS = 100, 10, 60
WARM_RATE, RATE, SIGMA_RATE = 0.05, 1e-3, 1e-2
LEAST = 1e-4
"""No probability counts as less, so that the loss is bounded; divided by its maximum it is in
[0, 1]."""


def fit(train, context):
    """Return the prior, then the posterior."""
    if context.facts["stage"] == "prior":
        return prior(context, SIGMA)
    return posterior(train, context, bounded)


def prior(context, sigma):
    """Return a Gaussian around a random network."""
    return {"mu": start(context), "log_sigma": np.array(math.log(sigma), np.float32)}


def posterior(train, context, loss, weight=1.0):
    """Descend on (sqrt(loss + B) + sqrt(B))^2, B = (weight KL + ln(2 sqrt(n) / delta)) / 2n."""
    facts = context.facts
    sizes = widths(facts)
    draw = torch.Generator().manual_seed(context.seed)
    X, y = (torch.from_numpy(train[name]) for name in ("X", "y"))
    m0, s0 = (torch.from_numpy(train[f"prior/{name}"]) for name in ("mu", "log_sigma"))
    mu = descend(m0.clone(), X, y, sizes, WARM_EPOCHS, draw).requires_grad_()
    log_sigma = s0.expand(mu.shape).clone().requires_grad_()
    counted = slice(facts["n_prior"], None)
    X, y = X[counted], y[counted]
    n = len(y)
    confidence = math.log(2 * math.sqrt(n) / facts["delta"])
    optimizer = torch.optim.Adam(
        [{"params": [mu], "lr": RATE}, {"params": [log_sigma], "lr": SIGMA_RATE}]
    )
    n_steps = EPOCHS * (n // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: cosine(k / n_steps))
    for rows in batches(n, EPOCHS, draw):
        sigma = log_sigma.exp()
        kl = (s0 - log_sigma - 0.5 + (sigma**2 + (mu - m0) ** 2) / (2 * torch.exp(2 * s0))).sum()
        B = (weight * kl + confidence) / (2 * n)
        risk = loss(noisy(mu, sigma, X[rows], sizes, draw), y[rows])
        objective = (torch.sqrt(risk + B) + torch.sqrt(B)) ** 2
        optimizer.zero_grad()
        objective.backward()
        optimizer.step()
        schedule.step()
    return {"mu": mu.detach().numpy(), "log_sigma": log_sigma.detach().numpy()}


def bounded(said, y):
    """Return the cross-entropy, no probability below `LEAST`, over its maximum."""
    log_p = functional.log_softmax(said, 1).clamp(min=math.log(LEAST))
    return functional.nll_loss(log_p, y) / -math.log(LEAST)


def widths(facts):
    """Return the sizes of the layers."""
    return [facts["n_features"], WIDTH, WIDTH, facts["n_classes"]]


def start(context):
    """Draw a network as torch does: all of a layer uniform within 1 / sqrt(its inputs)."""
    rng = np.random.default_rng(context.seed)
    sizes = widths(context.facts)
    layers = [
        rng.uniform(-1, 1, (m + 1) * k) / math.sqrt(m)
        for m, k in zip(sizes[:-1], sizes[1:], strict=True)
    ]
    return np.concatenate(layers).astype(np.float32)


def layers(w, sizes):
    """Yield the matrix and the bias of each layer."""
    place = 0
    for m, k in zip(sizes[:-1], sizes[1:], strict=True):
        yield w[place : place + m * k].view(m, k), w[place + m * k : place + (m + 1) * k]
        place += (m + 1) * k


def forward(w, X, sizes):
    """Return what one network says."""
    for layer, (W, b) in enumerate(layers(w, sizes)):
        X = (torch.relu(X) if layer else X) @ W + b
    return X


def noisy(mu, sigma, X, sizes, draw):
    """Return what networks say, another one for every sample: noise on what the units read."""
    both = zip(layers(mu, sizes), layers(sigma**2, sizes), strict=True)
    for layer, ((M, m), (V, v)) in enumerate(both):
        h = torch.relu(X) if layer else X
        mean, variance = torch.addmm(m, h, M), torch.addmm(v, h * h, V)
        X = mean + variance.sqrt() * torch.randn(mean.shape, generator=draw)
    return X


def descend(w, X, y, sizes, epochs, draw, decay=0.0):
    """Return the network after SGD with momentum on the cross-entropy."""
    w.requires_grad_()
    optimizer = torch.optim.SGD([w], WARM_RATE, momentum=0.9, weight_decay=decay)
    n_steps = epochs * (len(y) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: cosine(k / n_steps))
    for rows in batches(len(y), epochs, draw):
        loss = functional.cross_entropy(forward(w, X[rows], sizes), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return w.detach()


def batches(n, epochs, draw):
    """Yield the rows of all batches of shuffled passes."""
    for _ in range(epochs):
        order = torch.randperm(n, generator=draw)
        yield from order[: n - n % BATCH].view(-1, BATCH)


def cosine(share):
    """Return the share of the rate at this share of the steps."""
    return (1 + math.cos(math.pi * share)) / 2
