"""Levenberg-Marquardt on the gradient's norm, from 40 starts of scale 0.5.

Each step solves (H^2 + mu I) p = -H g for all starts at once; what gets stuck where the gradient
does not vanish is left out, and of points with equal loss and outputs one is returned.
"""

import numpy as np

N_STARTS, SCALE, STEPS = 40, 0.5, 200
TOLERANCE, SAME = 1e-10, 1e-4


def fit(train, context):
    """Return the critical points found, float32."""
    problem = problem_of(train, context.facts)
    rng = np.random.default_rng(context.seed)
    starts = SCALE * rng.standard_normal((N_STARTS, problem.size))
    return {"points": distinct(problem, search(problem, starts)).astype(np.float32)}


def problem_of(train, facts):
    """Return the problem of a call: of two layers, or of more where `hidden` is a list."""
    return (Deep if isinstance(facts["hidden"], list) else Problem)(train, facts)


class Problem:
    """A two-layer network's loss to second order, at many points at once."""

    def __init__(self, train, facts):
        self.X, self.Y, self.c = train["X"], train["Y"], train["c"]
        self.h, self.weight = facts["hidden"], facts["weight"]
        self.is_linear = facts["activation"] == "linear"
        self.multiplies = facts["regularizer"] == "multiplicative"
        self.d, self.k = self.X.shape[1], self.Y.shape[1]
        self.size, self.first = len(self.c), self.h * self.d

    def forward(self, theta):
        """Return W2 (K, k, h), the hidden layer, its two derivatives, and what f misses."""
        W1 = theta[:, : self.first].reshape(-1, self.h, self.d)
        W2 = theta[:, self.first :].reshape(-1, self.k, self.h)
        z = self.X @ W1.transpose(0, 2, 1)
        a = z if self.is_linear else np.tanh(z)
        slope = np.ones_like(z) if self.is_linear else 1 - a * a
        bend = np.zeros_like(z) if self.is_linear else -2 * a * slope
        return W2, a, slope, bend, a @ W2.transpose(0, 2, 1) - self.Y

    def regularizer(self, theta):
        """Return R and the factor that multiplies each weight in its gradient."""
        if not self.multiplies:
            return theta**2 @ self.c / 2, np.broadcast_to(self.c, theta.shape)
        one, two = (theta[:, : self.first] ** 2).sum(1), (theta[:, self.first :] ** 2).sum(1)
        factor = np.empty_like(theta)
        factor[:, : self.first], factor[:, self.first :] = two[:, None], one[:, None]
        return self.c[0] * one * two / 2, self.c[0] * factor

    def gradient(self, theta):
        """Return the gradient (K, P)."""
        W2, a, slope, _, e = self.forward(theta)
        first = ((e @ W2) * slope).transpose(0, 2, 1) @ self.X
        second = e.transpose(0, 2, 1) @ a
        K = len(theta)
        own = np.concatenate([first.reshape(K, -1), second.reshape(K, -1)], axis=1)
        return self.weight * own + self.regularizer(theta)[1] * theta

    def expand(self, theta):
        """Return the gradient and the Hessian (K, P, P)."""
        W2, a, slope, bend, e = self.forward(theta)
        K, n = len(theta), len(self.X)
        J = np.zeros((K, n, self.k, self.size))
        through = slope[:, :, None] * W2[:, None]
        J[..., : self.first] = np.einsum("tnoj,ni->tnoji", through, self.X).reshape(
            K, n, self.k, self.first
        )
        for o in range(self.k):
            at = self.first + o * self.h
            J[:, :, o, at : at + self.h] = a
        J = J.reshape(K, -1, self.size)
        H = J.transpose(0, 2, 1) @ J
        curved = ((e @ W2) * bend).transpose(0, 2, 1)
        mixed = np.einsum("tno,tnj,ni->toji", e, slope, self.X, optimize=True)
        for j in range(self.h):
            own = slice(j * self.d, (j + 1) * self.d)
            if not self.is_linear:
                H[:, own, own] += (curved[:, j, None] * self.X.T) @ self.X
            for o in range(self.k):
                at = self.first + o * self.h + j
                H[:, own, at] += mixed[:, o, j]
                H[:, at, own] += mixed[:, o, j]
        factor = self.regularizer(theta)[1]
        g = self.weight * (e.reshape(K, 1, -1) @ J)[:, 0] + factor * theta
        H *= self.weight
        diagonal = np.arange(self.size)
        H[:, diagonal, diagonal] += factor
        if self.multiplies:
            m = self.first
            more = 2 * self.c[0] * theta[:, :m, None] * theta[:, None, m:]
            H[:, :m, m:] += more
            H[:, m:, :m] += more.transpose(0, 2, 1)
        return g, H

    def keys(self, theta):
        """Return loss and outputs, which the points of an orbit share."""
        e = self.forward(theta)[4].reshape(len(theta), self.Y.size)
        loss = self.weight / 2 * (e**2).sum(1) + self.regularizer(theta)[0]
        return np.concatenate([loss[:, None], e], axis=1)


class Deep:
    """The same of softplus networks of any depth: the Hessian along all weights side by side."""

    def __init__(self, train, facts):
        self.X, self.Y, self.c = train["X"], train["Y"], train["c"]
        self.weight, self.size = facts["weight"], len(self.c)
        widths = [self.X.shape[1], *facts["hidden"], self.Y.shape[1]]
        self.shapes = list(zip(widths[1:], widths, strict=False))
        # Tangents of W along each weight: of its own layer a basis, of the others nothing.
        basis, self.ends = np.eye(self.size), np.cumsum([0, *(o * i for o, i in self.shapes)])
        self.along = [
            basis[:, at : at + o * i].reshape(-1, o, i)
            for at, (o, i) in zip(self.ends, self.shapes, strict=False)
        ]

    def forward(self, theta):
        """Return every W (K, out, in), the inputs and slopes of the layers, and what f misses."""
        a = np.broadcast_to(self.X, (len(theta), *self.X.shape))
        inputs, slopes, weights = [a], [], []
        for at, (o, i) in zip(self.ends, self.shapes, strict=False):
            weights.append(theta[:, at : at + o * i].reshape(-1, o, i))
            z = inputs[-1] @ weights[-1].transpose(0, 2, 1)
            inputs.append(np.logaddexp(0, z))
            slopes.append(np.exp(z - inputs[-1]))
        return weights, inputs, slopes, z - self.Y

    def gradient(self, theta):
        """Return the gradient (K, P)."""
        weights, inputs, slopes, delta = self.forward(theta)
        parts = []
        for layer in range(len(weights) - 1, -1, -1):
            parts.append((delta.transpose(0, 2, 1) @ inputs[layer]).reshape(len(theta), -1))
            if layer:
                delta = (delta @ weights[layer]) * slopes[layer - 1]
        return self.weight * np.concatenate(parts[::-1], axis=1) + self.c * theta

    def expand(self, theta):
        """Return the gradient and the Hessian (K, P, P)."""
        weights, inputs, slopes, delta = self.forward(theta)
        tangents, dz = [None], []
        for layer, (W, E) in enumerate(zip(weights, self.along, strict=True)):
            dz.append(inputs[layer][:, None] @ E.transpose(0, 2, 1))
            if layer:
                dz[-1] += tangents[-1] @ W.transpose(0, 2, 1)[:, None]
            tangents.append(slopes[layer][:, None] * dz[-1])
        ddelta, rows, parts = dz[-1], [], []
        for layer in range(len(weights) - 1, -1, -1):
            W, E, a = weights[layer], self.along[layer], inputs[layer]
            parts.append((delta.transpose(0, 2, 1) @ a).reshape(len(theta), -1))
            row = ddelta.transpose(0, 1, 3, 2) @ a[:, None]
            if layer:
                row += delta.transpose(0, 2, 1)[:, None] @ tangents[layer]
                slope = slopes[layer - 1]
                back, dback = delta @ W, ddelta @ W[:, None] + delta[:, None] @ E
                bent = back * slope * (1 - slope)
                ddelta = dback * slope[:, None] + bent[:, None] * dz[layer - 1]
                delta = back * slope
            rows.append(row.reshape(len(theta), self.size, -1))
        H = self.weight * np.concatenate(rows[::-1], axis=2)
        diagonal = np.arange(self.size)
        H[:, diagonal, diagonal] += self.c
        return self.weight * np.concatenate(parts[::-1], axis=1) + self.c * theta, H

    def keys(self, theta):
        """Return loss and outputs, which the points of an orbit share."""
        e = self.forward(theta)[3].reshape(len(theta), self.Y.size)
        loss = self.weight / 2 * (e**2).sum(1) + theta**2 @ self.c / 2
        return np.concatenate([loss[:, None], e], axis=1)


def search(problem, starts, steps=STEPS):
    """Return the critical points to which starts lead; others are dropped."""
    theta = starts.copy()
    g, H = problem.expand(theta)
    mu = np.full(len(theta), 1e-2)
    eye = np.eye(problem.size)
    active = np.arange(len(theta))
    for _ in range(steps):
        active = active[(np.abs(g[active]).max(axis=1) > TOLERANCE) & (mu[active] < 1e10)]
        if not len(active):
            break
        A, b = H[active], g[active]
        step = np.linalg.solve(A @ A + mu[active, None, None] * eye, A @ b[:, :, None])
        new = theta[active] - step[:, :, 0]
        g_new, H_new = problem.expand(new)
        better = (g_new**2).sum(axis=1) < (b**2).sum(axis=1)
        taken = active[better]
        theta[taken], g[taken], H[taken] = new[better], g_new[better], H_new[better]
        mu[taken] = np.maximum(mu[taken] / 4, 1e-14)
        mu[active[~better]] *= 4
    return theta[np.abs(g).max(axis=1) <= TOLERANCE]


def distinct(problem, theta):
    """Return one point of each orbit."""
    kept = []
    keys = problem.keys(theta)
    for row, key in enumerate(keys):
        if not kept or np.abs(keys[kept] - key).max(axis=1).min() > SAME:
            kept.append(row)
    return theta[kept][:256]
