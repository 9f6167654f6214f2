"""Golowich, Rakhlin, Shamir (COLT 2018); the root of rank makes a spectral cap a Frobenius one.

The formula was not checked against its source.
"""

import numpy as np

PROOF = """\
N. Golowich, A. Rakhlin, O. Shamir, Size-Independent Sample Complexity of Neural Networks, COLT
2018, arXiv 1712.06541, Theorem 1: under Frobenius caps M_l, with one output, (1 / n) prod_l M_l
(sqrt(2 L ln 2) + 1) ||X||_F. A spectral cap s and rank r cap the Frobenius norm by s sqrt(r).
With k outputs and no ReLU the sup is at most prod_l M_l ||sigma^T X||_F / n, of mean at most
sqrt(k) prod_l M_l ||X||_F / n.
"""


def fit(train, context):
    """Return the proof: there is nothing to tune."""
    return {"proof": np.frombuffer(PROOF.encode(), np.uint8)}


def predict(artifact, inputs):
    """Return the bound."""
    depth = np.sqrt(2 * inputs["L"] * np.log(2)) + 1
    return {"bound": depth * rank_root(inputs) * unit(inputs)}


def unit(inputs):
    """Return prod_l s_l sqrt(k) ||X||_F / n."""
    length = np.sqrt((inputs["row"] ** 2).sum(1))
    return inputs["s"].prod(1) * np.sqrt(outputs(inputs)) * length / inputs["n"]


def outputs(inputs):
    """Return how many there are, k."""
    return inputs["widths"][np.arange(len(inputs["L"])), inputs["L"]]


def ranks(inputs):
    """Return the largest rank of every layer, 1 beyond the last."""
    widths = inputs["widths"]
    least = np.minimum(inputs["r"], np.minimum(widths[:, :-1], widths[:, 1:]))
    return np.where(np.arange(least.shape[1]) < inputs["L"][:, None], least, 1)


def rank_root(inputs):
    """Return the root of the product of ranks under spectral caps, else 1."""
    return np.where(inputs["norm"] == 0, np.sqrt(ranks(inputs).prod(1)), 1.0)
