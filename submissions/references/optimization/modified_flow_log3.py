"""x' = log(1 + Delta) x to order 3: the sum of (-1)^(k+1) Delta^k x / k, Delta x = -G(x).

Exact on iterates that a polynomial of degree 3 in the time interpolates; found from the iterates
that descent would take from x, so three values of G and no derivative.
"""

from math import comb

import numpy as np

ORDER = 3


def fit(train, context):
    """Return the equation."""
    return series(ORDER)


def series(order):
    """Return the equation of some order: stage i is G at the i-th iterate from x."""
    points = np.hstack([np.ones((order, 1)), np.zeros((order, 1)), -np.tri(order, k=-1)])
    rates = np.zeros((1, order + 2))
    for k in range(1, order + 1):
        for i in range(k):  # Delta^k x is the (k-1)-th difference of the steps -G
            rates[0, i + 2] += (-1) ** (k + 1) / k * (-1) ** (k - 1 - i) * comb(k - 1, i) * -1
    return {"points": points, "rates": rates}
