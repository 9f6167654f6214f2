"""One fully connected network: three hidden layers of 128 ReLUs, 34,305 weights at any n.

AdamW (Loshchilov and Hutter, arXiv 1711.05101) on the squared loss of standardized y; a fifth of
the samples is kept back and says when to stop: 15 epochs without a better one, or 3000 steps.
"""

import torch

WIDTH, DEPTH = 128, 3
RATE, DECAY, BATCH = 2e-3, 1e-4, 256
MOST_STEPS, PATIENCE = 3000, 15


def fit(train, context):
    """Train the network and return its weights."""
    return learn(train["x"], train["y"], context.seed)


def predict(artifact, inputs):
    """Run the network."""
    return {"y": run(artifact, inputs["x"])}


def learn(x, y, seed):
    """Return the weights of a network of `WIDTH` and `DEPTH`, the scale of y among them."""
    torch.manual_seed(seed)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    mean, scale = y.mean(), y.std()
    sizes = [x.shape[1]] + [WIDTH] * DEPTH + [1]
    layers = [torch.nn.Linear(*pair) for pair in zip(sizes, sizes[1:], strict=False)]
    network = torch.nn.Sequential(*[m for layer in layers for m in (layer, torch.nn.ReLU())][:-1])
    descend(network, x, (y - mean) / scale)
    arrays = {"scale": torch.stack([mean, scale]).numpy()}
    for number, layer in enumerate(layers):
        arrays[f"W{number}"] = layer.weight.detach().T.contiguous().numpy()
        arrays[f"b{number}"] = layer.bias.detach().numpy()
    return arrays


def descend(network, x, y, rate=RATE, most_steps=MOST_STEPS):
    """Train a network that maps x (n, d) to (n, 1), and leave it as it was at its best."""
    order = torch.randperm(len(y))
    kept, used = order[: len(y) // 5], order[len(y) // 5 :]
    parameters = list(network.parameters())
    optimizer = torch.optim.AdamW(parameters, rate, weight_decay=DECAY, fused=True)
    best, best_error, waited, step = [], float("inf"), 0, 0
    while step < most_steps and waited < PATIENCE:
        epoch = used[torch.randperm(len(used))]
        for rows in epoch[: max(1, len(used) // BATCH) * BATCH].split(BATCH):
            loss = (network(x[rows])[:, 0] - y[rows]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
        with torch.no_grad():
            error = float((network(x[kept])[:, 0] - y[kept]).square().mean())
        waited += 1
        if error < best_error:
            best_error, waited = error, 0
            best = [parameter.detach().clone() for parameter in parameters]
    with torch.no_grad():
        for parameter, value in zip(parameters, best, strict=True):
            parameter.copy_(value)
    return best_error


def run(arrays, x):
    """Return the network's answers, float32 (m,)."""
    h = torch.from_numpy(x)
    for number in range(DEPTH + 1):
        W, b = (torch.from_numpy(arrays[f"{name}{number}"]) for name in "Wb")
        h = torch.addmm(b, h, W)
        if number < DEPTH:
            h.relu_()
    mean, scale = arrays["scale"]
    return h[:, 0].numpy() * scale + mean
