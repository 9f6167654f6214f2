"""Agglomerate: find the tree by merging what belongs together, interpolate on nested pivots.

A cluster of variables keeps a few pivot rows: settings of its own variables from which all its
other rows are interpolated. A union's rows are the products of its parts' pivots, its columns
random settings of all other variables; column-pivoted QR picks the union's pivots. The pair with
the least log r_union - log(r_a r_b) / 2 is merged, again and again.

Black-box approximation after J. Ballani, L. Grasedyck, M. Kluge, Linear Algebra Appl. 438, 2013
(not checked against the source), with a greedy choice of the tree.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import qr, solve_triangular

N_COLUMNS = 40
EPS = 1e-3
AT_ONCE = 400_000
"""Entries in one question."""


def fit(train, context):
    """Return a tree over the function that the oracle answers for."""
    ask = Ask(context)
    rng = np.random.default_rng(context.seed)
    try:
        return agglomerate(ask, Columns(ask, rng, N_COLUMNS), EPS)
    except Spent:
        return constant(ask.shape, train["value"].mean())


class Spent(Exception):
    """The next question would exceed the budget."""


class Ask:
    """The oracle, with a count of what is left."""

    def __init__(self, context):
        self.shape = tuple(context.facts["shape"])
        self.left = context.facts["budget"]
        self.oracle = context.oracle

    def __call__(self, index):
        """Return the values at an index (m, d)."""
        if len(index) > self.left:
            raise Spent
        self.left -= len(index)
        return self.oracle({"index": index})["value"]

    def draw(self, rng, m):
        """Return m random indices."""
        return rng.integers(0, self.shape, (m, len(self.shape)), dtype=np.uint8)


class Columns:
    """Where matrices are looked at: random indices, new ones for each, and some that all share."""

    def __init__(self, ask, rng, n_random):
        self.ask, self.rng, self.n_random = ask, rng, n_random
        self.shared = np.empty((0, len(ask.shape)), np.uint8)

    def __len__(self):
        return self.n_random + len(self.shared)

    def draw(self):
        """Return the columns of one matrix, whose own variables do not matter."""
        return np.concatenate([self.ask.draw(self.rng, self.n_random), self.shared])


@dataclass
class Cluster:
    """Variables, their pivot rows, and how all rows follow from these."""

    modes: list
    pivots: np.ndarray  # (r, len(modes))
    data: np.ndarray  # (n, r) for a leaf, (r_left, r_right, r) for a union
    children: tuple = field(default=())


def products(a, b):
    """Return every pivot of `a` beside every pivot of `b`, those of `b` fastest."""
    left = np.repeat(a.pivots, len(b.pivots), axis=0)
    right = np.tile(b.pivots, (len(a.pivots), 1))
    return np.hstack([left, right])


def matrices(ask, jobs, columns):
    """Yield the matrix rows x columns of each job (modes, rows), asking for many at once."""
    waiting, n_waiting = [], 0
    for job in [*jobs, None]:
        size = len(job[1]) * len(columns) if job else 0
        if waiting and (job is None or n_waiting + size > AT_ONCE):
            parts = []
            for modes, rows in waiting:
                index = np.repeat(columns.draw()[None], len(rows), axis=0)
                index[:, :, modes] = rows[:, None, :]
                parts.append(index.reshape(-1, len(ask.shape)))
            values = ask(np.concatenate(parts))
            ends = np.cumsum([len(part) for part in parts])[:-1]
            for part in np.split(values, ends):
                yield part.reshape(-1, len(columns))
            waiting, n_waiting = [], 0
        if job:
            waiting.append(job)
            n_waiting += size


def skeleton(M, eps, most=None):
    """Return the rows that span M up to `eps`, and M = X M[rows]."""
    _, R, order = qr(M.T, mode="economic", pivoting=True)
    tails = np.sqrt(np.cumsum((R**2).sum(axis=1)[::-1])[::-1])
    r = max(1, int((tails > eps * tails[0]).sum()))
    r = min(r, most or r)
    X = np.zeros((len(M), r))
    X[order[:r]] = np.eye(r)
    if tails[0] > 0:
        X[order[r:]] = solve_triangular(R[:r, :r], R[:r, r:]).T
    return order[:r], X


def unions(ask, pairs, columns, eps, most=None):
    """Yield the cluster of each pair."""
    rows = [products(a, b) for a, b in pairs]
    jobs = [(a.modes + b.modes, own) for (a, b), own in zip(pairs, rows, strict=True)]
    found = matrices(ask, jobs, columns)
    for (a, b), own, M in zip(pairs, rows, found, strict=True):
        pivots, X = skeleton(M, eps, most)
        shape = len(a.pivots), len(b.pivots), len(pivots)
        yield Cluster(a.modes + b.modes, own[pivots], X.reshape(shape), (a, b))


def leaves(ask, columns, eps, most=None):
    """Return a cluster for every variable."""
    every = [np.arange(n, dtype=np.uint8)[:, None] for n in ask.shape]
    jobs = [([mode], rows) for mode, rows in enumerate(every)]
    found = []
    for mode, M in enumerate(matrices(ask, jobs, columns)):
        pivots, X = skeleton(M, eps, most)
        found.append(Cluster([mode], every[mode][pivots], X))
    return found


def agglomerate(ask, columns, eps):
    """Merge clusters until the root."""
    clusters = dict(enumerate(leaves(ask, columns, eps)))
    merged = {}
    while len(clusters) > 2:
        new = [(i, j) for i in clusters for j in clusters if i < j and (i, j) not in merged]
        pairs = [(clusters[i], clusters[j]) for i, j in new]
        merged |= dict(zip(new, unions(ask, pairs, columns, eps), strict=True))
        i, j = min(merged, key=lambda pair: cost(merged[pair]))
        clusters[max(clusters) + 1] = merged[i, j]
        del clusters[i], clusters[j]
        merged = {pair: union for pair, union in merged.items() if not {i, j} & {*pair}}
    return rooted(ask, *clusters.values())


def cost(union):
    """Return how little two clusters have to do with each other; fewer variables come first."""
    left, right, rank = union.data.shape
    return round(np.log(rank) - 0.5 * np.log(left * right), 9), len(union.modes)


def rooted(ask, a, b):
    """Return the arrays of the tree whose root, of exact entries, joins two clusters."""
    modes = a.modes + b.modes
    index = np.empty((len(a.pivots) * len(b.pivots), len(modes)), np.uint8)
    index[:, modes] = products(a, b)
    data = ask(index).reshape(len(a.pivots), len(b.pivots), 1)
    return arrays_of(Cluster(modes, index[:1], data, (a, b)))


def arrays_of(root):
    """Return a tree as named arrays, children before their parents."""
    child, mode, artifact = [], [], {}

    def add(cluster):
        at = [add(one) for one in cluster.children] or [-1, -1]
        child.append(at)
        mode.append(-1 if cluster.children else cluster.modes[0])
        artifact[f"node{len(mode) - 1}.data"] = cluster.data
        return len(mode) - 1

    add(root)
    return artifact | {"child": np.array(child, np.int32), "mode": np.array(mode, np.int32)}


def constant(shape, value):
    """Return the tree of a constant: what is left where nothing was found."""
    clusters = [
        Cluster([mode], np.zeros((1, 1), np.uint8), np.ones((n, 1))) for mode, n in enumerate(shape)
    ]
    while len(clusters) > 1:
        a, b, *rest = clusters
        data = np.full((1, 1, 1), 1.0 if rest else value)
        clusters = [*rest, Cluster(a.modes + b.modes, products(a, b), data, (a, b))]
    return arrays_of(clusters[0])
