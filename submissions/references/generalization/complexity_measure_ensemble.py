"""Disagreement with an ensemble of one's own: convolutional networks, trained once a data set.

Asked on training samples that are shifted and noised, where the network's own training says little.
"""

import numpy as np
import torch

from submissions.references.generalization.complexity_measure_margin import forward

NETWORKS, WIDTH, STEPS, BATCH, RATE, DECAY = 4, 32, 400, 64, 0.01, 3e-3
FAR, NOISE, COPIES = 3, 0.3, 4
KNOWN = {}
"""What the ensemble says of a data set, which is the same whoever asks."""


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return how often the network and the ensemble differ."""
    key = inputs["x"].tobytes()
    if key not in KNOWN:
        KNOWN[key] = ensemble(inputs["x"], inputs["y"])
    x, answers = KNOWN[key]
    return {"score": np.array((forward(inputs, x)[-1].argmax(1) != answers).mean())}


def ensemble(x, y):
    """Return new samples and what most networks call them."""
    rng = np.random.default_rng(0)
    moved = np.concatenate([np.stack([np.roll(row, rng.integers(-FAR, FAR + 1)) for row in x])
                            for _ in range(COPIES)])  # fmt: skip
    moved = (moved + NOISE * rng.standard_normal(moved.shape)).astype(np.float32)
    generator = torch.Generator().manual_seed(0)
    shapes = {"W": (NETWORKS, 7, WIDTH), "a": (NETWORKS, 1, WIDTH), "V": (NETWORKS, WIDTH, WIDTH),
              "b": (NETWORKS, 1, WIDTH), "A": (NETWORKS, WIDTH, int(y.max()) + 1)}  # fmt: skip
    net = {name: (2 / shape[1]) ** 0.5 * torch.randn(shape, generator=generator)
           if name.isupper() else torch.zeros(shape) for name, shape in shapes.items()}  # fmt: skip
    for values in net.values():
        values.requires_grad_()
    optimizer = torch.optim.AdamW(list(net.values()), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    data, labels = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(STEPS):
        rows = torch.randint(len(y), (BATCH,), generator=generator)
        logits = outputs(net, data[rows])
        loss = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), labels[rows].repeat(NETWORKS)
        )
        optimizer.zero_grad()
        (NETWORKS * loss).backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        return moved, outputs(net, torch.from_numpy(moved)).softmax(2).mean(0).argmax(1).numpy()


def outputs(net, x):
    """Return the logits of all networks, (networks, n, classes)."""
    windows = x.unfold(1, 7, 1).reshape(1, -1, 7)
    h = (windows @ net["W"]).view(NETWORKS, len(x), -1, WIDTH).max(2).values + net["a"]
    return torch.relu(torch.relu(h) @ net["V"] + net["b"]) @ net["A"]
