"""The least of several bounds: linear classes nearly exactly, 1.5 a ReLU, and all references."""

import numpy as np

from submissions.baselines.generalization import rademacher as grs
from submissions.references.generalization import rademacher_covering as covering
from submissions.references.generalization import rademacher_range as outputs_range

PROOF = """\
The least of bounds is one. G = sigma^T X; E ||G||_F <= sqrt(k) ||X||_F; E ||G|| <= sqrt(pi / 2)
(||X||_F + sqrt(k) ||X||), by Gaussian signs and Gordon's (Chevet's) inequality.
(1) Linear, spectral caps: the sum of the r largest singular values of G, r the least rank, which is
at most r ||G|| and sqrt(r) ||G||_F. One layer, Frobenius cap: at most ||G||_F and sqrt(r) ||G||.
More layers, Frobenius caps: ||G||, as the product has nuclear norm at most prod_l s_l.
(2) ReLUs, one output, Frobenius caps M_l: 1.5^(L - 1) prod_l M_l ||X||_F / n. One neuron is the sup
of a layer; relu(g) = (g + |g|) / 2, and E sup |sum sigma_i |g_i|| <= 2 E sup |sum sigma_i g_i| by
contraction (Ledoux, Talagrand, Theorem 4.12), so that a ReLU costs 1/2 + 1. For spectral caps M_l =
s_l sqrt(r_l).
(3) arXiv 1712.06541, the range of outputs, and a cover by parameters (Candes, Plan 2011).
"""


def fit(train, context):
    """Return the proof: there is nothing to tune."""
    return {"proof": np.frombuffer(PROOF.encode(), np.uint8)}


def predict(artifact, inputs):
    """Return the least."""
    bounds = [
        grs.predict(artifact, inputs)["bound"],
        1.5 ** (inputs["L"] - 1) * grs.rank_root(inputs) * grs.unit(inputs),
        outputs_range.predict(artifact, inputs)["bound"],
        covering.predict(artifact, inputs)["bound"],
        np.where(inputs["act"] == 0, linear(inputs), np.inf),
    ]
    return {"bound": np.min(bounds, 0)}


def linear(inputs):
    """Return the bound for networks without ReLUs."""
    k, used = grs.outputs(inputs), np.arange(inputs["r"].shape[1]) < inputs["L"][:, None]
    rank = np.where(used, grs.ranks(inputs), 2**31).min(1)
    length = np.sqrt((inputs["row"] ** 2).sum(1))
    frobenius = np.sqrt(k) * length
    spectral = np.sqrt(np.pi / 2) * (length + np.sqrt(k) * inputs["sv"][:, 0])
    spectral = np.minimum(spectral, frobenius)
    some = np.minimum(rank * spectral, np.sqrt(rank) * frobenius)
    one = np.minimum(frobenius, np.sqrt(rank) * spectral)
    sup = np.where(inputs["norm"] == 0, some, np.where(inputs["L"] == 1, one, spectral))
    return inputs["s"].prod(1) * sup / inputs["n"]
