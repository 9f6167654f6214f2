"""A residual network of width 128: relu(W x + b), then three blocks h + relu(W h + b).

AdamW (Loshchilov and Hutter, arXiv 1711.05101), 40 epochs at a rate of 2e-3, no early stopping.
"""

import torch

WIDTH, DEPTH = 128, 3
RATE, BATCH, EPOCHS = 2e-3, 128, 40


def fit(train, context):
    """Train the network and return its weights."""
    return learn(train, context, run)


def learn(train, context, run):
    """Train the weights of a network that `run` evaluates."""
    torch.manual_seed(context.seed)
    X = torch.from_numpy(train["X"]).float()
    y = torch.from_numpy(train["y"]).float()
    sizes = [X.shape[1]] + [WIDTH] * (DEPTH + 1) + [1]
    layers = [torch.nn.Linear(*pair) for pair in zip(sizes, sizes[1:], strict=False)]
    weights = [p for layer in layers for p in (layer.weight, layer.bias)]
    optimizer = torch.optim.AdamW(weights, RATE, fused=True)
    for _ in range(EPOCHS):
        order = torch.randperm(len(y))
        for rows in order[: max(1, len(y) // BATCH) * BATCH].split(BATCH):
            loss = (run(weights, X[rows]) - y[rows]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    names = [f"{name}{number}" for number in range(len(layers)) for name in "Wb"]
    return {name: p.detach().numpy() for name, p in zip(names, weights, strict=True)}


def predict(artifact, inputs):
    """Run the network."""
    return {"y": run(weights_of(artifact), torch.from_numpy(inputs["X"]).float()).numpy()}


def weights_of(artifact):
    """Return W, b of every layer in turn."""
    names = [f"{name}{number}" for number in range(DEPTH + 2) for name in "Wb"]
    return [torch.from_numpy(artifact[name]) for name in names]


def run(weights, X, first=torch.relu):
    """Return the network's answers (m,); weights are W, b of every layer in turn."""
    linear = torch.nn.functional.linear
    pairs = list(zip(weights[::2], weights[1::2], strict=True))
    h = first(linear(X, *pairs[0]))
    for W, b in pairs[1:-1]:
        h = h + torch.relu(linear(h, W, b))
    return linear(h, *pairs[-1])[:, 0]
