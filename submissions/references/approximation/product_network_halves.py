"""Shallow: one neuron for each pair of opposite sign vectors, 2^(q - 1) of them; deep: declined.

With H one of each pair s, -s, and a factor alpha that is fitted,

    prod x ~ alpha sum over s in H of prod(s) sigma(lambda s.x), the error of order lambda^2.

For odd q take tanh, which is odd: in the textbook's sum over all s the two terms of a pair are
equal. For even q take softplus, which is even but for z / 2: the two terms of a pair differ by
prod(s) lambda s.x, and with H = {s: s_4 ... s_q = 1} these add up to zero. For q = 2, where there
is no such H, a third neuron in its straight part takes the rest off.

So 2^(q - 1) neurons reach any accuracy from q = 3 on; the theorem that 2^q are needed asks for an
activation whose derivatives of all orders up to q are different from zero.
"""

import numpy as np

from submissions.baselines.approximation.product_network import (
    ACTIVATE,
    MOST,
    ONE,
    corners,
    hard_points,
    network,
    worse,
)

SCALES = np.geomspace(0.02, 2, 100)
STRAIGHT = 16.0
"""Where softplus is a line but for exp(-16)."""


def fit(train, context):
    """Return the network of a cell of the shallow track."""
    return halves(train["x"]) if context.facts["track"] == "shallow" else {}


def halves(x):
    """Return the network with the lambda of the least error."""
    q = x.shape[1]
    x = hard_points(x)
    activation = "tanh" if q % 2 else "softplus"
    S = half_of_signs(q)
    best, least = None, np.inf
    for scale in SCALES:
        layer = scaled(S, scale, activation, x)
        error = worse(*layer, activation, x)
        if error < least and max(np.abs(part).max() for part in layer) <= MOST:
            best, least = layer, error
    W, b, out, shift = best
    rows = [dict(enumerate(w)) | {ONE: c} for w, c in zip(W, b, strict=True)]
    return network([rows], {q + k: w for k, w in enumerate(out)} | {ONE: shift}, activation)


def half_of_signs(q):
    """Return one of each pair of opposite sign vectors."""
    S = corners(q)
    return S[S[:, 0] > 0] if q == 2 or q % 2 else S[S[:, 3:].prod(axis=1) > 0]


def scaled(S, scale, activation, x):
    """Return W, b, the output's weights and its bias for half of the signs and one lambda."""
    W, b, out = scale * S, np.zeros(len(S)), S.prod(axis=1)
    shift = 0.0
    if S.shape[1] == 2:
        rest = -out @ W / 2
        size = np.abs(rest).max()
        W, b = np.vstack([W, rest / size]), np.append(b, STRAIGHT)
        out, shift = np.append(out, size), -size * STRAIGHT
    values = ACTIVATE[activation](x @ W.T + b) @ out + shift
    alpha = values @ x.prod(axis=1) / (values @ values)
    return W, b, alpha * out, alpha * shift
