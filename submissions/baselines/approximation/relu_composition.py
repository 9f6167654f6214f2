"""Piecewise-linear interpolation of every node on a uniform grid, as an exact ReLU network.

Every table is interpolated on a G x G grid whose squares are cut along the diagonal (1, 1). Its
hat function at the vertex (i, j), with s = (u + 1) / h and t = (w + 1) / h, is
relu(1 - p - q) of p = relu(t - j + relu(s - t - (i - j))) = max(s - i, t - j, 0) and
q = relu(j - t + relu(t - s + i - j)) = max(i - s, j - t, 0); the inner relus are shared along a
diagonal. A node's value v goes to the next level as relu(v + 1), which is v + 1. About
(d - 1) (10 G^2 + 6 (2 G - 1) + 3) weights. The grid is the first of `GRIDS` whose error, as far
as an own search finds it, is within 9/10 of eps.
"""

import numpy as np
from scipy.interpolate import RectBivariateSpline

GRIDS = (5, 7, 9, 13, 17, 21, 25, 33, 49, 65)
MARGIN = 0.9
"""Of eps: another search finds a little more."""
RESTARTS, DRAWN, KEPT, ROUNDS = 4, 30_000, 256, 60


def fit(train, context):
    """Return the network on the first grid that passes, or on the last."""
    target = Target(train["tables"], context.facts["children"])
    rng = np.random.default_rng(context.seed)
    nodes = plain(target, MARGIN * context.facts["eps"], rng)
    return network(nodes, target.children)


def plain(target, most, rng):
    """Return the nodal values (d - 1, G, G) of the first grid whose error is at most `most`."""
    for G in GRIDS:
        nodes = target.nodes(G)
        if passes(lambda x, nodes=nodes: compose(nodes, target.children, x), target, most, rng):
            break
    return nodes


class Target:
    """The function to be approximated: cubic splines through the tables, on the tree."""

    def __init__(self, tables, children):
        grid = np.linspace(-1, 1, tables.shape[1])
        self.splines = [RectBivariateSpline(grid, grid, table) for table in tables]
        self.children = children
        self.d = len(tables) + 1

    def __call__(self, x):
        """Return the value at the root for x (n, d)."""
        values = list(x.T)
        for spline, (left, right) in zip(self.splines, self.children, strict=True):
            values.append(np.clip(spline.ev(values[left], values[right]), -1, 1))
        return values[-1]

    def nodes(self, G):
        """Return every node's values on a grid: (d - 1, G, G)."""
        grid = np.linspace(-1, 1, G)
        return np.clip([spline(grid, grid) for spline in self.splines], -1, 1)


def compose(nodes, children, x):
    """Return what `network` computes."""
    values = list(x.T)
    for V, (left, right) in zip(nodes, children, strict=True):
        values.append(interpolate(V, values[left], values[right]))
    return values[-1]


def interpolate(V, u, w):
    """Interpolate V (G, G) on the triangle that (u, w) lies in."""
    G = len(V)
    s, t = (u + 1) * ((G - 1) / 2), (w + 1) * ((G - 1) / 2)
    i, j = (np.clip(z.astype(np.intp), 0, G - 2) for z in (s, t))
    s, t = s - i, t - j
    at = i * G + j
    V = V.ravel()
    # From (i, j) to (i + 1, j + 1), first along the longer of the two coordinates.
    corner = V[at + np.where(s > t, G, 1)]
    low, high = np.minimum(s, t), np.maximum(s, t)
    return V[at] * (1 - high) + corner * (high - low) + V[at + G + 1] * low


def points(rng, n, d):
    """Draw points: two thirds in the cube, one third with most of their coordinates on faces."""
    x = rng.uniform(-1, 1, (n, d))
    on_face = rng.random((n, d)) < 0.6
    on_face[n // 3 :] = False
    x[on_face] = np.sign(x[on_face])
    return x


def passes(answer, target, most, rng, restarts=RESTARTS):
    """Whether no error above `most` is found, at random and uphill from the worst points."""

    def error(x):
        return np.abs(answer(x) - target(x))

    for _ in range(restarts):
        x = points(rng, DRAWN, target.d)
        found = error(x)
        worst = np.argsort(-found)[:KEPT]
        x, found = x[worst], found[worst]
        step = 0.25
        for _ in range(ROUNDS):
            if found.max() > most:
                return False
            moved = rng.random(x.shape) < 0.5
            other = np.clip(x + step * moved * rng.standard_normal(x.shape), -1, 1)
            there = error(other)
            better = there > found
            x[better], found[better] = other[better], there[better]
            if better.mean() < 0.15:
                step *= 0.7
    return bool(found.max() <= most)


# ---------------------------------------------------------------------------------------------
# As arrays


class Network:
    """A network that grows by layers; columns are inputs first, then neurons as they came."""

    def __init__(self, d):
        self.n_columns = d
        self.arrays = {"act": np.zeros(1, np.uint8)}
        self.n_layers = 0

    def add(self, columns, weights, bias):
        """Add a layer; a row of `columns` and `weights` is a neuron's; return its columns."""
        self.arrays |= {
            f"l{self.n_layers}.{name}": array for name, array in packed(columns, weights).items()
        }
        self.arrays[f"l{self.n_layers}.bias"] = bias.astype(np.float32)
        self.n_layers += 1
        first, self.n_columns = self.n_columns, self.n_columns + len(bias)
        return np.arange(first, self.n_columns)

    def end(self, columns, weights, bias):
        """Return the arrays of the network with this output."""
        out = packed(columns[None], weights[None])
        return self.arrays | {
            "out.indices": out["indices"],
            "out.data": out["data"],
            "out.bias": np.array([bias], np.float32),
        }


def packed(columns, weights):
    """Return rows of equal length as compressed rows without zeros, columns in order."""
    order = np.argsort(columns, axis=1)
    columns = np.take_along_axis(columns, order, 1)
    weights = np.take_along_axis(weights, order, 1).astype(np.float32)
    kept = weights != 0
    return {
        "indptr": np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int32),
        "indices": columns[kept].astype(np.int32),
        "data": weights[kept],
    }


def levels(children):
    """Return the nodes of each level, leaves' parents first."""
    d = len(children) + 1
    depth = [0] * d
    for left, right in children:
        depth.append(1 + max(depth[left], depth[right]))
    depth = np.array(depth[d:])
    return [np.flatnonzero(depth == level) for level in range(1, depth.max() + 1)]


def network(nodes, children):
    """Return the arrays of the network that interpolates V (d - 1, G, G) at every node."""
    G = nodes.shape[1]
    d = len(nodes) + 1
    children = np.array(children)
    scale = (G - 1) / 2  # 1 / h
    net = Network(d)
    # Of every value: its column, and what is to be added to it to have value + 1.
    column, shift = np.arange(2 * d - 1), np.r_[np.ones(d), np.zeros(d - 1)]
    delta = np.arange(1 - G, G)  # i - j
    i, j = (z.ravel() for z in np.indices((G, G)))
    for level in levels(children):
        n = len(level)
        u, w = column[children[level]].T  # (n,)
        plus_u, plus_w = scale * shift[children[level]].T

        def rows(*parts, n=n):
            """Return parts of shape (n, m) or less as rows (n m, len(parts))."""
            m = max(np.shape(part)[-1] for part in parts)
            return np.stack([np.broadcast_to(p, (n, m)).ravel() for p in parts], axis=1)

        u, w, plus_u, plus_w = (z[:, None] for z in (u, w, plus_u, plus_w))
        along = np.broadcast_to(delta, (n, 2 * G - 1))
        both = rows(u + 0 * along, w + 0 * along)
        ones = np.ones(n * (2 * G - 1))
        difference = scale * np.stack([ones, -ones], axis=1)
        bias = (plus_u - plus_w - along).ravel()
        ab = net.add(np.r_[both, both], np.r_[difference, -difference], np.r_[bias, -bias])
        a, b = ab.reshape(2, n, 2 * G - 1)
        diagonal = i - j + G - 1
        there = w + 0 * i
        one = np.ones((n, G * G))
        bias = (plus_w - j).ravel()
        pq = net.add(
            np.r_[rows(there, a[:, diagonal]), rows(there, b[:, diagonal])],
            np.r_[rows(scale * one, one), rows(-scale * one, one)],
            np.r_[bias, -bias],
        )
        hats = net.add(pq.reshape(2, -1).T, np.full((n * G * G, 2), -1.0), np.ones(n * G * G))
        hats, values = hats.reshape(n, G * G), nodes[level].reshape(n, G * G)
        if n > 1 or level[0] < len(nodes) - 1:
            column[d + level] = net.add(hats, values, np.ones(n))
    return net.end(hats[0], values[0], 0.0)
