r"""Flow of an equation that is given as a tableau of values and derivatives of a vector field.

For a vector field G and a state x, or a pair (x, v), let r_1 = x, r_2 = v (0 where the state is
x alone), and for every stage i = 1 to s

.. math::
    y_i = \sum_{j < i + 2} A_{ij} r_j, \quad d_i = \sum_{j < i + 2} B_{ij} r_j, \quad
    r_{i+2} = \begin{cases} G(y_i) & \text{if row } i \text{ of } B \text{ is 0} \\
                            G'(y_i) d_i & \text{else.} \end{cases}

The equation is x' = u^{p_1} sum_j R_{1j} r_j and, where R has a second row,
v' = u^{p_2} sum_j R_{2j} r_j, from v(0) = sum_j S_j r_j taken at (x(0), 0); u is a positive number
that the equation may depend on, such as a step size, with whole powers p. It is
Butcher's tableau (J. C. Butcher, *Numerical Methods for Ordinary Differential Equations*, ch. 3;
not checked against the source) with directional derivatives among the stages, read as a
right-hand side and not as a step.

So a right-hand side depends on the state alone, costs a call for every stage that R needs, and
knows neither the time nor what it was asked before. The integrator is the classical Runge-Kutta
method of order 4 with equal steps; it does not choose them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

MOST_STAGES = 16
LARGEST = 1e6
"""No coefficient may be larger."""
POWERS = 2
"""No power of the unit may be larger, up or down."""

Field = Callable[[np.ndarray], np.ndarray]
Product = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Tableau:
    """An equation with s stages."""

    A: np.ndarray  # points (s, s + 2)
    B: np.ndarray  # directions (s, s + 2)
    R: np.ndarray  # rates (1 or 2, s + 2)
    S: np.ndarray  # start of v (s + 2,)
    powers: np.ndarray  # of the unit, for each row of R

    @property
    def n_calls(self) -> int:
        """Return how often the field or its derivative is called for one right-hand side."""
        return int(self.needed(self.R).sum())

    def needed(self, rows: np.ndarray) -> np.ndarray:
        """Return which stages the sums of coefficients `rows` (any, s + 2) depend on, bool (s,)."""
        needs = np.any(rows != 0, axis=0)
        for i in reversed(range(len(self.A))):
            if needs[i + 2]:
                needs = needs | (self.A[i] != 0) | (self.B[i] != 0)
        return np.asarray(needs[2:])

    @property
    def dimension(self) -> int:
        """Return 1 where the state is x, 2 where it is (x, v)."""
        return len(self.R)


def read(arrays: dict[str, np.ndarray]) -> Tableau:
    """Return the tableau of `points`, `directions`, `rates` and, for two rates, `start`.

    `directions` may be left out: then every stage is a value of the field. So may `powers` (0).

    Raises
    ------
    ValueError
        An array is missing, unwanted, of another shape or kind, not finite, too large, or has a
        stage that uses itself or a later one.

    Examples
    --------
    >>> read({"points": np.array([[1.0, 0, 0]]), "rates": np.array([[0.0, 0, -1]])}).dimension
    1
    """
    points = arrays.get("points")
    if points is None or points.ndim != 2 or points.shape[1] != len(points) + 2:
        got = "nothing" if points is None else f"shape {points.shape}"
        raise ValueError(f"'points' must have shape (s, s + 2) for s stages, got {got}.")
    s = len(points)
    if s > MOST_STAGES:
        raise ValueError(f"an equation may have at most {MOST_STAGES} stages, got {s}.")
    rates = arrays.get("rates")
    if rates is None or rates.ndim != 2 or len(rates) not in (1, 2) or rates.shape[1] != s + 2:
        got = "nothing" if rates is None else f"shape {rates.shape}"
        raise ValueError(
            f"'rates' must have shape (1, {s + 2}) for x' or (2, {s + 2}) for x' and v', got {got}."
        )
    shapes: dict[str, tuple[int, ...]] = {
        "points": (s, s + 2),
        "rates": rates.shape,
        "directions": (s, s + 2),
        "powers": (len(rates),),
    }
    if len(rates) == 2:
        shapes["start"] = (s + 2,)
        if "start" not in arrays:
            raise ValueError("'start' is missing: v needs a value to start from.")
    for name, array in arrays.items():
        if name not in shapes:
            raise ValueError(f"{name!r} is no array of this equation; its are {sorted(shapes)}.")
        if array.shape != shapes[name]:
            raise ValueError(f"{name!r} must have shape {shapes[name]}, got {array.shape}.")
        if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            raise ValueError(f"{name!r} must hold finite numbers.")
        if array.size and np.abs(array).max() > LARGEST:
            raise ValueError(f"{name!r} may hold no number beyond {LARGEST:g}.")
    known = {name: np.asarray(array, np.float64) for name, array in arrays.items()}
    A, B = known["points"], known.get("directions", np.zeros((s, s + 2)))
    for name, array in (("points", A), ("directions", B)):
        late = np.triu(np.ones((s, s + 2)), 2) * array
        if late.any():
            i = int(np.argmax(late.any(axis=1)))
            raise ValueError(f"{name!r}: stage {i + 1} uses itself or a later one.")
    powers = known.get("powers", np.zeros(len(rates)))
    if (powers != np.round(powers)).any() or np.abs(powers).max() > POWERS:
        raise ValueError(f"'powers' must be whole numbers from -{POWERS} to {POWERS}.")
    start = known.get("start", np.zeros(s + 2))
    return Tableau(A, B, known["rates"], start, powers.astype(int))


def sums(
    tableau: Tableau,
    rows: np.ndarray,
    x: np.ndarray,
    v: np.ndarray,
    field: Field,
    product: Product,
) -> list[np.ndarray]:
    """Return sum_j c_j r_j for every row c (s + 2,) of `rows`; only stages they need are called."""
    r = [x, v]
    for a, b, needs in zip(tableau.A, tableau.B, tableau.needed(rows), strict=True):
        if not needs:
            r.append(x)  # in its place; its coefficient is 0
        elif b.any():
            r.append(product(_sum(a, r), _sum(b, r)))
        else:
            r.append(field(_sum(a, r)))
    return [_sum(row, r) for row in rows]


def flow(
    tableau: Tableau,
    x: np.ndarray,
    field: Field,
    product: Product,
    n_times: int,
    n_steps: int,
    unit: np.ndarray | float = 1.0,
) -> np.ndarray:
    """Return x at the times 0, 1, ..., n_times, with n_steps steps in each unit of time.

    Parameters
    ----------
    x : array of any shape
    field, product
        G(y) and G'(y) d, for arrays of the shape of x.
    unit : float or array that broadcasts to x
        u, in whose powers a rate may scale.

    Returns
    -------
    array of shape (n_times + 1, ``*x.shape``); not finite where a solution leaves all bounds.

    Examples
    --------
    x' = -x from 1:

    >>> decay = read({"points": np.array([[1.0, 0, 0]]), "rates": np.array([[0.0, 0, -1]])})
    >>> x = flow(decay, np.ones(1), lambda y: y, lambda y, d: d, n_times=1, n_steps=64)
    >>> bool(abs(x[1, 0] - np.exp(-1)) < 1e-9)
    True
    """
    two = tableau.dimension == 2

    def rate(z: np.ndarray) -> np.ndarray:
        found = sums(tableau, tableau.R, z[0], z[1] if two else zero, field, product)
        return np.stack([one * by for one, by in zip(found, scales, strict=True)])

    scales = [np.asarray(unit, np.float64) ** power for power in tableau.powers]
    zero = np.zeros_like(x)
    z = x[None]
    if two:
        z = np.stack([x, *sums(tableau, tableau.S[None], x, zero, field, product)])
    path = [x]
    h = 1.0 / n_steps
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(n_times):
            for _ in range(n_steps):
                k1 = rate(z)
                k2 = rate(z + h / 2 * k1)
                k3 = rate(z + h / 2 * k2)
                k4 = rate(z + h * k3)
                z = z + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            path.append(z[0])
            if not np.isfinite(z).any():
                path += [np.full_like(x, np.nan)] * (n_times + 1 - len(path))
                break
    return np.array(path)


def _sum(coefficients: np.ndarray, r: list[np.ndarray]) -> np.ndarray:
    """Return sum_j coefficients_j r_j without the terms that are 0."""
    terms = [c * one for c, one in zip(coefficients, r, strict=False) if c]
    return sum(terms[1:], start=terms[0]) if terms else np.zeros_like(r[0])
