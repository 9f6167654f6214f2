"""A convolutional autoencoder with a code of 48 numbers, from any view to the standard one."""

import numpy as np
import torch

from submissions.baselines.generalization.rectify import by_kind, descend

WIDTH, CODE = 8, 48


def build(side):
    """Return the network from (n, side * side) to the same; the side is a multiple of 4."""
    small = side // 4
    n_features = 2 * WIDTH * small**2
    return torch.nn.Sequential(
        torch.nn.Unflatten(1, (1, side, side)),
        torch.nn.Conv2d(1, WIDTH, 3, 2, 1),
        torch.nn.ReLU(),
        torch.nn.Conv2d(WIDTH, 2 * WIDTH, 3, 2, 1),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(n_features, CODE),
        torch.nn.Linear(CODE, n_features),
        torch.nn.ReLU(),
        torch.nn.Unflatten(1, (2 * WIDTH, small, small)),
        torch.nn.ConvTranspose2d(2 * WIDTH, WIDTH, 4, 2, 1),
        torch.nn.ReLU(),
        torch.nn.ConvTranspose2d(WIDTH, 1, 4, 2, 1),
        torch.nn.Flatten(),
    )


def fit(train, context):
    """Train it as the baseline is trained."""
    torch.manual_seed(context.seed)
    return trained(build(train["canonical"].shape[1]), train, context)


def predict(artifact, inputs):
    """Run each kind through its own network."""
    return {"image": by_kind(artifact, inputs, run)}


def run(arrays, image, kind):
    """Run images through the network."""
    return answers(build(image.shape[1]), arrays, image)


def trained(network, train, context):
    """Return the arrays of a network of flat images, trained."""
    X, Y = torch.from_numpy(train["view"]), torch.from_numpy(train["canonical"])
    descend(network, X.flatten(2), Y.flatten(1), context)
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}


def answers(network, arrays, image, block=512):
    """Return what a network of these arrays makes of images."""
    network.load_state_dict({name: torch.from_numpy(a) for name, a in arrays.items()})
    with torch.no_grad():
        parts = [network(part).numpy() for part in torch.from_numpy(image).flatten(1).split(block)]
    return np.concatenate(parts).reshape(image.shape)
