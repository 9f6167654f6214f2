"""The textbook's networks: a binary tree of products of two, and 2^q neurons in one layer.

Deep: D. Yarotsky, Error bounds for approximations with deep ReLU networks, Neural Networks 94,
2017, Propositions 2 and 3. Shallow: H. Lin, M. Tegmark, D. Rolnick, Why does deep and cheap
learning work so well?, J. Stat. Phys. 168, 2017, Appendix A (neither was checked against the text).

This is also the network's format for the other references: forms, `Wires`, `tree`, `layer`.
"""

import itertools
import math

import numpy as np

ONE = -1
"""The key of the constant in an affine form {input or neuron: weight}."""
CARRY = 1.0625
"""A product p within accuracy of [-1, 1] is carried to the next as relu(p + CARRY) - CARRY."""
ACTIVATIONS = ("relu", "tanh", "softplus")
ACTIVATE = {"tanh": np.tanh, "softplus": lambda z: np.logaddexp(z, 0)}
MOST = 1e4
"""The largest weight that the format allows."""


def fit(train, context):
    """Return the network of a cell, whatever its track."""
    q, eps = context.facts["q"], context.facts["eps"]
    if context.facts["track"] == "shallow":
        return signs(q, train["x"])
    return tree(q, levels(q, eps), three_squares)


# ---------------------------------------------------------------------------------------------
# Deep


def levels(q, eps):
    """Return the least m at which q - 1 products, each off by at most 2 / 4^(m + 1), add to eps."""
    m = 1
    while 2 * (q - 1) / 4 ** (m + 1) > eps:
        m += 1
    return m


def three_squares(wires, x, y, m):
    """Return xy = 2 ((x + y) / 2)^2 - x^2 / 2 - y^2 / 2."""
    half = add((0.5, x), (0.5, y))
    squares = [square(wires, form, m) for form in (half, x, y)]
    return add((2, squares[0]), (-0.5, squares[1]), (-0.5, squares[2]))


def square(wires, u, m):
    """Return |u| - sum over s of g_s(|u|) / 4^s, g_s the sawtooth g iterated s times.

    On [0, 1] g(t) = 2 relu(t) - 4 relu(t - 1/2) + 2 relu(t - 1), and the error is in
    [0, 1 / 4^(m + 1)].
    """
    g = add((1, wires.relu(u)), (1, wires.relu(add((-1, u)))))
    terms = [(1, g)]
    for s in range(1, m + 1):
        kinks = [wires.relu(add((1, g), (-kink, {ONE: 1}))) for kink in (0, 0.5, 1)]
        g = add((2, kinks[0]), (-4, kinks[1]), (2, kinks[2]))
        terms.append((-(0.25**s), g))
    return add(*terms)


def tree(q, m, product):
    """Return the network that multiplies q numbers two by two."""
    wires = Wires(q)
    forms = [{k: 1.0} for k in range(q)]
    while len(forms) > 1:
        products = [product(wires, x, y, m) for x, y in zip(forms[::2], forms[1::2], strict=False)]
        if len(forms) > 2:
            shift = {ONE: CARRY}
            carried = [wires.relu(add((1, p), (1, shift))) for p in products]
            products = [add((1, p), (-1, shift)) for p in carried]
        forms = products + forms[2 * len(products) :]
    return wires.arrays(forms[0])


# ---------------------------------------------------------------------------------------------
# Shallow


def signs(q, x):
    """Return sum over s in {-1, 1}^q of prod(s) tanh(b + lambda s.x) / (2^q lambda^q tanh^(q)(b)).

    In the limit lambda -> 0 it is the product; b and lambda are those of the least error, which
    is of order lambda^2 until the rounding of float32 takes over.
    """
    S = corners(q)
    x = hard_points(x)
    best, least = None, math.inf
    for b in np.linspace(0, 1.5, 16):
        derivative = polynomial(q)(np.tanh(b))
        for scale in np.geomspace(0.05, 1, 40):
            out = S.prod(axis=1) / (2**q * scale**q * (derivative or np.inf))
            error = worse(scale * S, np.full(len(S), b), out, 0.0, "tanh", x)
            if error < least and np.abs(out).max() <= MOST:
                best, least = (scale * S, np.full(len(S), b), out), error
    return one_layer(*best, "tanh")


def corners(q):
    """Return the 2^q sign vectors."""
    return 2.0 * (np.arange(2**q)[:, None] >> np.arange(q) & 1) - 1


def hard_points(x):
    """Return points inside, on faces and at corners of the cube."""
    faces = np.where(np.random.default_rng(0).random(x.shape) < 0.6, np.sign(x), x)
    return np.concatenate([x[:1000], faces[:1000], corners(x.shape[1])])


def polynomial(q):
    """Return the q-th derivative of tanh as a polynomial in tanh."""
    found = np.polynomial.Polynomial([0, 1])
    for _ in range(q):
        found = found.deriv() * np.polynomial.Polynomial([1, 0, -1])
    return found


def worse(W, b, out, shift, activation, x):
    """Return the largest error of a layer at points x, in float64 or float32, what is worse."""
    wanted = x.prod(axis=1)
    errors = []
    for kind in (np.float64, np.float32):
        z = ACTIVATE[activation](x.astype(kind) @ W.T.astype(np.float32) + b.astype(np.float32))
        y = z.astype(kind) @ out.astype(np.float32) + kind(shift)
        errors.append(np.abs(y - wanted).max())
    return max(errors)


def one_layer(W, b, out, activation):
    """Return the network out . activation(W x + b)."""
    rows = [dict(enumerate(w)) | {ONE: c} for w, c in zip(W, b, strict=True)]
    q = W.shape[1]
    return network([rows], {q + k: w for k, w in enumerate(out)}, activation)


# ---------------------------------------------------------------------------------------------
# The format


def add(*terms):
    """Return the sum of weight * form over pairs (weight, form), without zeros."""
    total = {}
    for weight, form in terms:
        for key, value in form.items():
            total[key] = total.get(key, 0.0) + weight * value
    return {key: value for key, value in total.items() if value}


class Wires:
    """A network of relus under construction; its neurons are numbered after the inputs."""

    def __init__(self, q):
        self.q = q
        self.forms, self.level = [], [0] * q

    def relu(self, form):
        """Return a new neuron, as a form; it may read whatever was there before."""
        self.forms.append(form)
        self.level.append(1 + max(self.level[key] for key in form if key != ONE))
        return {len(self.level) - 1: 1.0}

    def arrays(self, out):
        """Return the network with this output: neurons of one depth are one layer."""
        order = sorted(range(len(self.level)), key=lambda k: (self.level[k], k))
        place = {old: new for new, old in enumerate(order)} | {ONE: ONE}
        layers = [[] for _ in range(max(self.level))]
        for old in order[self.q :]:
            form = self.forms[old - self.q]
            layers[self.level[old] - 1].append({place[key]: w for key, w in form.items()})
        return network(layers, {place[key]: w for key, w in out.items()}, "relu")


def network(layers, out, activation):
    """Return the named arrays of a network whose neurons and output are forms."""
    arrays = {"act": np.array([ACTIVATIONS.index(activation)], np.uint8)}
    for name, rows in [*((f"l{k}", rows) for k, rows in enumerate(layers)), ("out", [out])]:
        keys = [sorted(key for key in row if key != ONE) for row in rows]
        data = [row[key] for row, read in zip(rows, keys, strict=True) for key in read]
        arrays[f"{name}.indices"] = np.array(list(itertools.chain(*keys)), np.int32)
        arrays[f"{name}.data"] = np.array(data, np.float32)
        arrays[f"{name}.bias"] = np.array([row.get(ONE, 0.0) for row in rows], np.float32)
        if name != "out":
            arrays[f"{name}.indptr"] = np.cumsum([0, *map(len, keys)]).astype(np.int32)
    return arrays
