"""Saddle-free Newton from 60 Gaussian starts.

p = -(|H| + mu I)^-1 g with the absolute values of H's eigenvalues, which saddles repel, taken where
it makes the loss smaller (Dauphin et al., arXiv 1406.2572, not checked against the source). Of
points with equal loss and outputs one is returned.
"""

import numpy as np

N_STARTS, STEPS = 60, 500
TOLERANCE, SAME = 1e-9, 1e-4


def fit(train, context):
    """Return the minima found, float32."""
    problem = Problem(train, context.facts)
    ends = minimize(problem, problem.starts(context.seed, N_STARTS))
    return {"points": distinct(problem, ends).astype(np.float32)}


class Problem:
    """The loss of a two-layer tanh network with weight decay, at many points at once."""

    def __init__(self, train, facts):
        self.X, self.y, self.lam = train["X"], train["Y"][:, 0], train["c"][0]
        self.h, self.weight = facts["hidden"], facts["weight"]
        self.d, self.size = self.X.shape[1], len(train["c"])
        self.first = self.h * self.d

    def starts(self, seed, K):
        """Return K Gaussian points."""
        return np.random.default_rng(seed).standard_normal((K, self.size))

    def split(self, theta):
        """Return W1 (K, h, d) and W2 (K, h)."""
        return theta[:, : self.first].reshape(-1, self.h, self.d), theta[:, self.first :]

    def forward(self, theta):
        """Return W2, the hidden layer (K, n, h), and what f misses (K, n)."""
        W1, W2 = self.split(theta)
        a = np.tanh(self.X @ W1.transpose(0, 2, 1))
        return W2, a, (a @ W2[:, :, None])[:, :, 0] - self.y

    def loss(self, theta):
        """Return the loss (K,)."""
        e = self.forward(theta)[2]
        return self.weight / 2 * (e**2).sum(axis=1) + self.lam / 2 * (theta**2).sum(axis=1)

    def gradient(self, theta, rows=None):
        """Return the gradient (K, P), on batches `rows` (K, B) if there are any."""
        W1, W2 = self.split(theta)
        X, y = (self.X, self.y) if rows is None else (self.X[rows], self.y[rows])
        a = np.tanh(X @ W1.transpose(0, 2, 1))
        e = (a @ W2[:, :, None])[:, :, 0] - y
        e *= self.weight if rows is None else 1 / rows.shape[1]
        first = (e[:, :, None] * W2[:, None] * (1 - a * a)).transpose(0, 2, 1) @ X
        second = (e[:, None] @ a)[:, 0]
        return np.concatenate([first.reshape(len(theta), -1), second], axis=1) + self.lam * theta

    def expand(self, theta):
        """Return loss (K,), gradient (K, P) and Hessian (K, P, P)."""
        W2, a, e = self.forward(theta)
        K, n = e.shape
        slope = 1 - a * a
        first = (slope * W2[:, None])[..., None] * self.X[None, :, None, :]
        J = np.concatenate([first.reshape(K, n, -1), a], axis=2)
        H = J.transpose(0, 2, 1) @ J
        curved = (e[:, :, None] * W2[:, None] * (-2 * a * slope)).transpose(0, 2, 1)
        mixed = (e[:, :, None] * slope).transpose(0, 2, 1) @ self.X
        for j in range(self.h):
            own, at = slice(j * self.d, (j + 1) * self.d), self.first + j
            H[:, own, own] += (curved[:, j, None] * self.X.T) @ self.X
            H[:, own, at] += mixed[:, j]
            H[:, at, own] += mixed[:, j]
        H *= self.weight
        H[:, np.arange(self.size), np.arange(self.size)] += self.lam
        loss = self.weight / 2 * (e**2).sum(axis=1) + self.lam / 2 * (theta**2).sum(axis=1)
        return loss, self.weight * (e[:, None] @ J)[:, 0] + self.lam * theta, H

    def keys(self, theta):
        """Return loss and errors, which points that differ by a symmetry share."""
        return np.column_stack([self.loss(theta), self.forward(theta)[2]])


def minimize(problem, starts, steps=STEPS):
    """Return the minima to which starts lead; those that have not arrived are dropped."""
    theta = starts.copy()
    loss, g, H = problem.expand(theta)
    mu = np.full(len(theta), 1e-2)
    active = np.arange(len(theta))
    for _ in range(steps):
        active = active[(np.abs(g[active]).max(axis=1) > TOLERANCE) & (mu[active] < 1e10)]
        if not len(active):
            break
        w, V = np.linalg.eigh(H[active])
        along = (V.transpose(0, 2, 1) @ g[active, :, None])[:, :, 0]
        along /= np.abs(w) + mu[active, None]
        new = theta[active] - (V @ along[:, :, None])[:, :, 0]
        loss_new, g_new, H_new = problem.expand(new)
        better = loss_new < loss[active] * (1 + 1e-12)
        taken = active[better]
        theta[taken], loss[taken] = new[better], loss_new[better]
        g[taken], H[taken] = g_new[better], H_new[better]
        mu[taken] = np.maximum(mu[taken] / 4, 1e-14)
        mu[active[~better]] *= 6
    return theta[np.abs(g).max(axis=1) <= TOLERANCE]


def distinct(problem, theta):
    """Return one point of each minimum, the lowest first."""
    theta = theta[np.argsort(problem.loss(theta))]
    keys = problem.keys(theta)
    kept = []
    for row, key in enumerate(keys):
        if not kept or np.abs(keys[kept] - key).max(axis=1).min() > SAME:
            kept.append(row)
    return theta[kept][:512]
