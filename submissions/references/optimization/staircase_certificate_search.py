"""The smallest counterexample among random compositions of random staircases."""

import numpy as np

from submissions.baselines.optimization.staircase_certificate import expansions

TRIALS, N_VARIABLES, N_INNER = 2000, 6, 3


def fit(train, context):
    """Search where all inner functions may have all variables."""
    return search(context.seed, lambda rng: [tuple(range(N_VARIABLES))] * N_INNER)


def search(seed, places):
    """Draw compositions, the inner functions on what `places` gives, coefficients -1 and 1.

    Return the smallest that is no staircase, or the smallest of all; means are zero.
    """
    rng = np.random.default_rng(seed)
    best = None
    for _ in range(TRIALS):
        inner = [staircase(rng, variables) for variables in places(rng)]
        outer = staircase(rng, range(N_INNER))
        n_variables = np.bitwise_or.reduce([S for f in inner for S in f]).item().bit_count()
        n_terms = sum(map(len, [outer, *inner]))
        found = (lonely(compose(outer, inner)), -n_variables, -n_terms)
        if best is None or found > best[0]:
            best = (found, outer, inner)
    return expansions(best[1], *best[2])


def staircase(rng, variables):
    """Return a staircase that grows from single variables by steps, mean zero."""
    bits = [1 << int(i) for i in variables]
    sets = {bits[rng.integers(len(bits))]}
    for _ in range(rng.integers(0, 5)):
        below = [0, *sets][rng.integers(len(sets) + 1)]
        sets.add(below | bits[rng.integers(len(bits))])
    return {S: int(rng.choice([-1, 1])) for S in sorted(sets)}


def compose(outer, inner):
    """Return the expansion of outer(inner...), {mask: coefficient}."""
    total = {}
    for T, a in outer.items():
        term = {0: a}
        for i, f in enumerate(inner):
            if T >> i & 1:
                product = {}
                for S, b in term.items():
                    for R, c in f.items():
                        product[S ^ R] = product.get(S ^ R, 0) + b * c
                term = product
        for S, b in term.items():
            total[S] = total.get(S, 0) + b
    return {S: a for S, a in total.items() if a}


def lonely(f):
    """Return whether some set of two variables or more has no set of one less below it."""
    return any(
        S.bit_count() > 1 and not any(S ^ 1 << i in f for i in range(S.bit_length()) if S >> i & 1)
        for S in f
    )
