"""A documented failure: a network regresses the pose and the image is resampled accordingly.

After Jaderberg et al., Spatial Transformer Networks, NIPS 2015 (not checked against the source):
the pose is learned through the resampled image's squared error to the standard view. An angle out
of a full circle has local minima at every symmetry of a digit, and a 0 or a 1 has nearly a full
set of them; and no turn in the image is one in depth.
"""

import torch
from torch.nn import functional

from submissions.baselines.generalization.rectify import by_kind
from submissions.references.generalization.rectify_convolution import answers, trained

WIDTH = 192


class Transformer(torch.nn.Module):
    """Turn, scale and shift flat images as a small network of them says."""

    def __init__(self, side):
        super().__init__()
        self.side = side
        self.hidden = torch.nn.Linear(side * side, WIDTH)
        self.pose = torch.nn.Linear(WIDTH, 4)
        torch.nn.init.zeros_(self.pose.weight)
        with torch.no_grad():
            self.pose.bias.copy_(torch.tensor([1.0, 0.0, 0.0, 0.0]))  # as it is

    def forward(self, x):
        """Return flat images; the pose is a complex factor and a shift."""
        a, b, right, down = self.pose(functional.relu(self.hidden(x))).unbind(1)
        theta = torch.stack([a, -b, right, b, a, down], 1).view(-1, 2, 3)
        image = x.view(-1, 1, self.side, self.side)
        grid = functional.affine_grid(theta, list(image.shape), align_corners=False)
        return functional.grid_sample(image, grid, align_corners=False).flatten(1)


def fit(train, context):
    """Train it as the baseline is trained."""
    torch.manual_seed(context.seed)
    return trained(Transformer(train["canonical"].shape[1]), train, context)


def predict(artifact, inputs):
    """Run each kind through its own network."""
    return {"image": by_kind(artifact, inputs, run)}


def run(arrays, image, kind):
    """Run images through the network."""
    return answers(Transformer(image.shape[1]), arrays, image)
