"""The interpolant of least norm: the pseudo-inverse, or the hard-margin machine."""

import numpy as np
from scipy.optimize import nnls


def fit(train, context):
    """Return the shortest w whose loss is zero."""
    Z = train["phi"] * train["y"][:, None]
    return {"w": nearest(Z, np.zeros(Z.shape[1]), context.facts)}


def nearest(Z, w0, facts):
    """Return the w nearest to w0 whose margins Z w have no loss."""
    ones, epsilon = np.ones(len(Z)), facts["epsilon"]
    if facts["loss"] == "square":
        return w0 + np.linalg.lstsq(Z, ones - Z @ w0)[0]
    if facts["loss"] == "eps_insensitive":
        ends = np.concatenate([(1 - epsilon) * ones, -(1 + epsilon) * ones])
        return w0 + shortest(np.vstack([Z, -Z]), ends - np.concatenate([Z @ w0, -Z @ w0]))
    return w0 + shortest(Z, ones - Z @ w0)


def shortest(G, h):
    """Return the shortest w with G w >= h, by Lawson's and Hanson's least-distance form."""
    scale = np.abs(h).max()
    E = np.vstack([G.T, h / scale])
    f = np.zeros(len(E))
    f[-1] = 1
    # What makes no difference to lengths: a triangle in place of the rows.
    Q, R = np.linalg.qr(E) if len(E) > E.shape[1] else (np.eye(len(E)), E)
    u = nnls(R, Q.T @ f, maxiter=100 * len(h))[0]
    residual = E @ u - f
    return -scale * residual[:-1] / residual[-1]
