"""Parameters of matrices of small rank counted: a cover, and the finite class of its members."""

import numpy as np

from submissions.baselines.generalization import rademacher as grs

EPSILON = np.geomspace(1e-4, 1, 60)
PROOF = """\
Matrices m x m' of norm at most 1 and rank at most r have a cover of (9 / e)^(r (m + m' + 1)) of
their own kind, within e in spectral norm (Candes, Plan, IEEE Trans. Inf. Theory 57, 2011, Lemma
3.1: factors of singular value decompositions, each covered). Layer after layer exchanged for its
neighbour in the cover changes f(X), in Frobenius norm, by at most L e prod_l s_l ||X||_F, which
signs see as sqrt(n k) times that. A finite class of N has at most a sqrt(2 ln N) (P. Massart,
2000), a the largest ||f(X)||_F: at most prod_l s_l times the largest singular value of X under a
Frobenius cap on W_1, times the root of the sum of the r_1 largest squares under a spectral one.
"""


def fit(train, context):
    """Return the proof: there is nothing to tune."""
    return {"proof": np.frombuffer(PROOF.encode(), np.uint8)}


def predict(artifact, inputs):
    """Return the bound."""
    return {"bound": inputs["s"].prod(1) * least(inputs) / inputs["n"]}


def least(inputs):
    """Return n times the bound of caps 1 at the best scale of those tried."""
    widths, L = inputs["widths"], inputs["L"]
    used = np.arange(widths.shape[1] - 1) < L[:, None]
    n_parameters = (grs.ranks(inputs) * (widths[:, :-1] + widths[:, 1:] + 1) * used).sum(1)
    length = np.sqrt((inputs["row"] ** 2).sum(1))
    off = L * np.sqrt(inputs["n"] * grs.outputs(inputs)) * length
    nats = np.sqrt(2 * n_parameters[:, None] * np.log(9 / EPSILON))
    return (EPSILON * off[:, None] + largest(inputs)[:, None] * nats).min(1)


def largest(inputs):
    """Return the largest ||f(X)||_F under caps of 1, or more."""
    squares = np.cumsum(inputs["sv"] ** 2, 1)
    first = np.minimum(grs.ranks(inputs)[:, 0], squares.shape[1])
    spectral = squares[np.arange(len(first)), first - 1]
    return np.sqrt(np.where(inputs["norm"] == 0, spectral, squares[:, 0]))
