"""Digits are brought to one place, size and axis by their moments before an autoencoder sees them.

What the group does to an image is undone by a normal form: the centroid moves to the centre, the
root mean square radius becomes one length, the principal axis turns upright, and of its two ends
the one towards which the ink is skewed comes first. The autoencoder is left with the shape, and
with the angle at which its class stands. In depth it is the baseline.
"""

import numpy as np
import torch
from torch.nn import functional

from submissions.baselines.generalization.rectify import by_kind, dense, train_dense

RADIUS = 0.2
"""Root mean square radius of the ink afterwards, in sides of the image."""


def fit(train, context):
    """Train an autoencoder, on normalized views where the image is what moves."""
    view = train["view"]
    if context.facts["kind"] == "affine":
        view = normalized(view.reshape(-1, *view.shape[2:])).reshape(view.shape)
    return train_dense(view, train["canonical"], context)


def predict(artifact, inputs):
    """Normalize likewise."""
    return {"image": by_kind(artifact, inputs, rectify)}


def rectify(arrays, image, kind):
    """Normalize and run the autoencoder."""
    return dense(arrays, normalized(image) if kind == "affine" else image)


def normalized(image, block=1024):
    """Return images (n, side, side) in their normal form."""
    parts = [_normalized(image[k : k + block]) for k in range(0, len(image), block)]
    return np.concatenate(parts)


def _normalized(image):
    n, side, _ = image.shape
    ink = np.maximum(image.astype(np.float64), 0) + 1e-9  # an empty image keeps its place
    ink /= ink.sum((1, 2), keepdims=True)
    x = np.arange(side) - (side - 1) / 2
    cx, cy = ink.sum(1) @ x, ink.sum(2) @ x
    dx, dy = x - cx[:, None], x - cy[:, None]  # (n, side)
    xx, yy = (ink.sum(1) * dx**2).sum(1), (ink.sum(2) * dy**2).sum(1)
    xy = np.einsum("nij,ni,nj->n", ink, dy, dx)
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    cos, sin = np.cos(angle), np.sin(angle)
    along = cos[:, None, None] * dx[:, None, :] + sin[:, None, None] * dy[:, :, None]
    flip = np.where((ink * along**3).sum((1, 2)) < 0, -1.0, 1.0)
    zoom = np.sqrt(xx + yy) / (RADIUS * side) * flip
    # Rows of the map from the normal form to the image; its first axis is the principal one, and
    # stands upright. `affine_grid` measures in half sides.
    theta = np.empty((n, 2, 3))
    theta[:, 0] = np.stack([zoom * -sin, zoom * cos, cx * 2 / side], 1)
    theta[:, 1] = np.stack([zoom * cos, zoom * sin, cy * 2 / side], 1)
    theta = torch.from_numpy(theta).float()
    grid = functional.affine_grid(theta, [n, 1, side, side], align_corners=False)
    views = torch.from_numpy(np.ascontiguousarray(image))[:, None]
    return functional.grid_sample(views, grid, align_corners=False)[:, 0].numpy()
