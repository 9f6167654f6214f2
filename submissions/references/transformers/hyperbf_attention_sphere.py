"""The model's own weights, balanced, with centers seen from the middle of the sphere nearest them.

If keys of a sequence lay on a sphere about u, |k - u| would be the same for all and the kernel
would be softmax. u is where |k|^2 / 2 - u . k varies least within sequences, by least squares.
"""

import torch

from submissions.baselines.transformers import hyperbf_attention as plain
from submissions.references.transformers import hyperbf_attention_distilled as distilled


def fit(train, context):
    """Return the maps of queries and of moved centers."""
    found = []
    for layer in range(context.facts["layers"]):
        A, ua, B, ub = (torch.from_numpy(of) for of in plain.own(train, context, layer))
        query, center = distilled.projected(torch.from_numpy(train[f"x{layer}"]), (A, ua, B, ub))
        spreads = [distilled.median_deviation(of) + distilled.LEAST for of in (query, center)]
        t = (spreads[1] / spreads[0]).sqrt()
        middle = nearest(center / t[:, None])
        found.append((A * t[..., None], ua * t, B / t[..., None], ub / t - middle))
    return plain.stored(found)


def nearest(center):
    """Return u by head, (H, r), of centers (n, H, L, r)."""
    half = center.square().sum(-1, keepdim=True) / 2
    seen, wanted = (
        (of - of.mean(-2, keepdim=True)).transpose(0, 1).flatten(1, 2) for of in (center, half)
    )
    return torch.linalg.lstsq(seen.double(), wanted.double()).solution[..., 0].float()
