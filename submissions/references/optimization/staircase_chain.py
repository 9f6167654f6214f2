"""A chain of Fourier sets: each is one variable more or less than one that was found.

Orthogonal matching pursuit (Pati, Rezaiifar, Krishnaprasad, 1993; not checked against the source)
on characters: take the candidate that correlates most with what is left, fit all coefficients
again, until none stands out of the noise. Then sets of known variables alone are tried, which no
single step may lead to. Last, sets whose coefficient is noise after all are dropped.
"""

import numpy as np

MOST_SETS, MOST_KNOWN = 64, 10


def fit(train, context):
    """Return the sets, as masks, and their coefficients."""
    return search(train, steps)


def predict(artifact, inputs):
    """Sum the characters of the sets."""
    return {"y": characters(inputs["X"], artifact["sets"]) @ artifact["coefficients"]}


def search(train, *rules):
    """Pursue what each of the rules proposes, and sets of known variables, until nothing does."""
    X, y = train["X"].astype(np.float32), train["y"]
    sets, left, coefficients = [], y, np.empty(0)
    rules = [*rules, known]
    while len(sets) < MOST_SETS:
        for rule in rules:
            best = outstanding(X, left, sets, rule)
            if best is not None:
                break
        else:
            break
        sets.append(best)
        coefficients, left = refit(X, y, sets)
    while sets:
        sizes = np.abs(coefficients)
        noise = left.std() * np.sqrt(2 * np.log(X.shape[1]) / len(y))
        if sizes.min() > noise:
            break
        del sets[int(sizes.argmin())]
        coefficients, left = refit(X, y, sets)
    return {
        "sets": np.array(sets, dtype=np.int64),
        "coefficients": np.asarray(coefficients, dtype=np.float32),
    }


def outstanding(X, left, sets, rule):
    """Return the candidate of a rule that correlates most with what is left, if that is no noise.

    Of K candidates the largest correlation with noise of deviation s is about s sqrt(2 log K / N);
    here K counts the variables, too, so that a few candidates must stand out as well.
    """
    masks, sums = rule(X, left, sets)
    new = ~np.isin(masks, sets)
    masks, sums = masks[new], np.abs(sums[new])
    if not len(masks):
        return None
    best = int(sums.argmax())
    noise = left.std() * np.sqrt(2 * np.log(len(masks) + X.shape[1]) * len(left))
    return int(masks[best]) if sums[best] > noise else None


def steps(X, left, sets):
    """Propose every set that differs in one variable from one that was found, or from none."""
    found = np.array([0, *sets])
    weighted = characters(X, found) * left[:, None].astype(np.float32)
    masks = found[:, None] ^ 1 << np.arange(X.shape[1])
    return unique(masks.ravel(), (weighted.T @ X).ravel())


def known(X, left, sets):
    """Propose every set of the variables that were found, by a fast transform over them."""
    union = int(np.bitwise_or.reduce(np.array(sets, dtype=np.int64), initial=0))
    variables = [i for i in range(X.shape[1]) if union >> i & 1][:MOST_KNOWN]
    place = (X[:, variables] < 0) @ (1 << np.arange(len(variables)))
    sums = np.bincount(place.astype(np.int64), left, 2 ** len(variables))
    for bit in range(len(variables)):
        pair = sums.reshape(-1, 2, 2**bit)
        sums = np.stack([pair[:, 0] + pair[:, 1], pair[:, 0] - pair[:, 1]], 1).ravel()
    masks = np.zeros(1, dtype=np.int64)
    for i in variables:
        masks = np.concatenate([masks, masks | 1 << i])
    return masks[1:], sums[1:]  # steps propose the empty set, once there is one of a variable


def characters(X, sets):
    """Return the product of the variables of every set, float32 (m, len(sets))."""
    columns = [X[:, [i for i in range(X.shape[1]) if S >> i & 1]].prod(1) for S in map(int, sets)]
    return np.stack(columns, 1).astype(np.float32) if columns else np.zeros((len(X), 0), np.float32)


def unique(masks, sums):
    """Return masks without repetition and their sums."""
    masks, first = np.unique(masks, return_index=True)
    return masks, sums[first]


def refit(X, y, sets):
    """Return least-squares coefficients and what they leave."""
    Phi = characters(X, sets).astype(np.float64)
    coefficients = np.linalg.lstsq(Phi, y, rcond=None)[0]
    return coefficients, y - Phi @ coefficients
