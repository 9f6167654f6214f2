"""The baseline: a dense autoencoder from any view to the standard one, trained by AdamW."""

import math

import numpy as np
import torch
from torch.nn import functional

WIDTHS = (256, 48, 256)
KINDS = ("affine", "depth")
STEPS, BATCH, RATE, DECAY = 1500, 128, 2e-3, 1e-3


def fit(train, context):
    """Train one autoencoder on the views of one kind."""
    return train_dense(train["view"], train["canonical"], context)


def predict(artifact, inputs):
    """Run each kind through its own autoencoder."""
    return {"image": by_kind(artifact, inputs, dense)}


def by_kind(artifact, inputs, rectify):
    """Answer every image with `rectify(arrays of its kind, images, kind)`."""
    image, kind = inputs["image"], inputs["kind"]
    answers = np.empty_like(image)
    for index, name in enumerate(KINDS):
        own = {n.removeprefix(f"{name}/"): a for n, a in artifact.items() if n.startswith(name)}
        rows = kind == index
        if rows.any():
            answers[rows] = rectify(own, image[rows], name)
    return answers


def dense(arrays, image, kind=""):
    """Run images through a dense network."""
    h = torch.from_numpy(np.ascontiguousarray(image)).flatten(1)
    n_layers = len(arrays) // 2
    for k in range(n_layers):
        h = functional.linear(h, *(torch.from_numpy(arrays[f"{k}/{n}"]) for n in ("W", "b")))
        h = functional.relu(h) if k + 1 < n_layers else h
    return h.view(image.shape).numpy()


def train_dense(view, canonical, context):
    """Return the weights of a dense autoencoder."""
    torch.manual_seed(context.seed)
    size = canonical[0].size
    layers = []
    for n_in, n_out in zip((size, *WIDTHS), (*WIDTHS, size), strict=True):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    X = torch.from_numpy(view).flatten(2)
    Y = torch.from_numpy(canonical).flatten(1)
    descend(network, X, Y, context)
    found = {}
    for k, layer in enumerate(layers[:-1:2]):
        found[f"{k}/W"] = layer.weight.detach().numpy()
        found[f"{k}/b"] = layer.bias.detach().numpy()
    return found


def descend(network, X, Y, context):
    """Minimize the mean squared error of `network(X[:, any view])` to Y."""
    n_steps = round(STEPS * context.facts["effort"])
    draw = torch.Generator().manual_seed(context.seed)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: (1 + math.cos(math.pi * step / n_steps)) / 2
    )
    for _ in range(n_steps):
        rows = torch.randint(len(Y), (BATCH,), generator=draw)
        views = torch.randint(X.shape[1], (BATCH,), generator=draw)
        loss = (network(X[rows, views]) - Y[rows]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
