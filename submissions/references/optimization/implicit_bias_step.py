r"""The rank after one step in closed form, nothing fitted to it; all else as the baseline has it.

At a small f, one step adds (lr / 2B) sum_b s_b y_b x_b^T to W, where row j of s_b is a_j times the
slope there, 1 or g by a fair coin. So s is a constant, p = (1 + g) / 2, plus noise of size q = (1 -
g) / 2, and W itself is noise. A matrix (n, m) of Gaussian entries of variance 1/m, to which a
matrix of rank one and norm t is added, has with c = n/m the largest squared singular value

    (1 + t^2) (c + t^2) / t^2  if t^4 > c,  else (1 + sqrt c)^2,

F. Benaych-Georges, R. R. Nadakuditi, J. Multivariate Analysis 111, 2012 (not checked against the
source). It is used twice: for what the step adds, whose noise are the slopes, and for that on W.
Weight decay in one step is left out, samples are taken as orthogonal but for the clusters' means.
"""

import numpy as np

from submissions.baselines.optimization import implicit_bias as ridge

READS = (
    "dimension_per_sample", "init", "slope", "rate", "batch_share", "samples", "units", "clusters",
)  # fmt: skip
MEAN = 0.5
"""Length of the clusters' means."""


def fit(train, context):
    """Fit the other targets, and say where the settings stand."""
    names, targets = context.facts["features"], context.facts["targets"]
    law = ridge.fit(train, context)
    law["reads"] = np.array([names.index(name) for name in READS], np.int8)
    law["target"] = np.array(targets.index("log10_stable_rank_1"), np.int8)
    return law


def predict(artifact, inputs):
    """Return all four targets."""
    law = dict(artifact)
    reads, target = law.pop("reads"), int(law.pop("target"))
    Y = ridge.predict(law, inputs)["Y"]
    Y[:, target] = np.log10(rank(*inputs["X"][:, reads].T))
    return {"Y": Y}


def rank(ratio, init, g, rate, share, n, m, clusters):
    """Return the stable rank after one step."""
    B, d = share * n, ratio * n
    p, q = (1 + g) / 2, (1 - g) / 2
    again = np.where(share < 1, (B - 1) / n, 0)  # a batch may hold a sample twice, all samples not
    alone = B * (1 + again)
    together = p**2 * (alone + B * (B - 1 - again) * MEAN**2 * clusters)
    scale = (rate / (2 * B)) ** 2
    squares = scale * (together + q**2 * alone)
    spike = np.minimum(squares, scale * q**2 * largest(together / q**2, B / m))
    top = init**2 * largest(spike / init**2, m / d)
    return (init**2 * m + squares) / np.maximum(top, spike)


def largest(squared, c):
    """Return the largest squared singular value of noise and a spike of this squared norm."""
    above = (1 + squared) * (c + squared) / np.maximum(squared, 1e-300)
    return np.where(squared**2 > c, above, (1 + np.sqrt(c)) ** 2)
