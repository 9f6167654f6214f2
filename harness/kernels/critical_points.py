r"""Critical points of a smooth loss: search for them, polish them, count the kernel of the Hessian.

A point is critical where the gradient :math:`g` vanishes, be it a minimum or a saddle. The search
is Levenberg and Marquardt's on :math:`|g|^2 / 2`, whose Jacobian is the Hessian H,

.. math:: (H^2 + \mu I)\, p = -H g,

a step being taken where it makes :math:`|g|` smaller; then mu is divided by 4, else multiplied by
it (K. Levenberg, Q. Appl. Math. 2, 1944; D. Marquardt, J. SIAM 11(2), 1963; not checked against
the sources). Polishing is Newton's method with the pseudo-inverse, so that a point moves across
the orbit of a symmetry and not along it.

The *nullity* is the number of eigenvalues that vanish, :math:`|w| < 10^{-7} \max |w|`. It is
decided only where none is between that and :math:`10^{-5} \max |w|`: a small eigenvalue is no
zero. A loss is Morse-Bott at a critical manifold where the nullity is the manifold's dimension.

All work on K points at once, given one function that expands the loss at points (K, P); see
`two_layer`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from harness.kernels.two_layer import Expansion

Expand = Callable[[np.ndarray], Expansion]

NULL, GAP = 1e-7, 1e-5
"""Relative sizes below which an eigenvalue is zero, and from which on it is not."""
ROUNDING = 1e-12
"""Relative size below which a loss is not said to have grown."""
FIRST_DAMPING, LEAST_DAMPING, MOST_DAMPING = 1e-2, 1e-14, 1e10


def search(
    expand: Expand, theta: np.ndarray, n_steps: int = 200, tolerance: float = 1e-11
) -> np.ndarray:
    """Return where Levenberg-Marquardt on the gradient's norm leads from points (K, P).

    Those that get stuck at a point that is not critical are returned as they are: polish and
    look at the gradient.

    Parameters
    ----------
    expand
        The loss to second order.
    theta
        Starts, finite floats.
    n_steps
        Steps at most.
    tolerance
        Largest entry of the gradient at which a point is left alone.

    Examples
    --------
    The saddle of (x^2 - y^2) / 2, in one damped step and more.

    >>> H = np.diag([1.0, -1.0])
    >>> saddle = lambda x: Expansion((x @ H * x).sum(1) / 2, x @ H, np.repeat(H[None], len(x), 0))
    >>> bool(np.abs(search(saddle, np.array([[3.0, 4.0]]))).max() < 1e-11)
    True
    """
    theta = theta.copy()
    _, gradient, hessian = expand(theta)
    damping = np.full(len(theta), FIRST_DAMPING)
    eye = np.eye(theta.shape[1])
    active = np.arange(len(theta))
    for _ in range(n_steps):
        moving = (np.abs(gradient[active]).max(axis=1) > tolerance) & (
            damping[active] < MOST_DAMPING
        )
        active = active[moving]
        if not len(active):
            break
        H, g = hessian[active], gradient[active]
        matrix = H @ H + damping[active, None, None] * eye
        new = theta[active] - np.linalg.solve(matrix, H @ g[:, :, None])[:, :, 0]
        _, new_gradient, new_hessian = expand(new)
        better = (new_gradient**2).sum(axis=1) < (g**2).sum(axis=1)
        taken = active[better]
        theta[taken] = new[better]
        gradient[taken], hessian[taken] = new_gradient[better], new_hessian[better]
        damping[taken] = np.maximum(damping[taken] / 4, LEAST_DAMPING)
        damping[active[~better]] *= 4
    return theta


def minimize(
    expand: Expand, theta: np.ndarray, n_steps: int = 500, tolerance: float = 1e-9
) -> np.ndarray:
    """Return the minima to which saddle-free Newton steps lead from points (K, P).

    Parameters
    ----------
    expand, theta, n_steps, tolerance
        As in `search`. A point that has not arrived is returned as it is.

    Examples
    --------
    >>> H = np.diag([1.0, 4.0])
    >>> bowl = lambda x: Expansion((x @ H * x).sum(1) / 2, x @ H, np.repeat(H[None], len(x), 0))
    >>> bool(np.abs(minimize(bowl, np.array([[3.0, 4.0]]))).max() < 1e-9)
    True
    """
    theta = theta.copy()
    value, gradient, hessian = expand(theta)
    damping = np.full(len(theta), FIRST_DAMPING)
    active = np.arange(len(theta))
    for _ in range(n_steps):
        moving = (np.abs(gradient[active]).max(axis=1) > tolerance) & (
            damping[active] < MOST_DAMPING
        )
        active = active[moving]
        if not len(active):
            break
        w, V = np.linalg.eigh(hessian[active])
        along = (V.transpose(0, 2, 1) @ gradient[active, :, None])[:, :, 0]
        along /= np.abs(w) + damping[active, None]
        new = theta[active] - (V @ along[:, :, None])[:, :, 0]
        new_value, new_gradient, new_hessian = expand(new)
        better = new_value < value[active] + ROUNDING * np.abs(value[active])
        taken = active[better]
        theta[taken], value[taken] = new[better], new_value[better]
        gradient[taken], hessian[taken] = new_gradient[better], new_hessian[better]
        damping[taken] = np.maximum(damping[taken] / 4, LEAST_DAMPING)
        damping[active[~better]] *= 6
    return theta


def polish(expand: Expand, theta: np.ndarray, n_steps: int = 5, largest: float = 1e3) -> np.ndarray:
    """Return points after so many Newton steps, each that which of all had the least gradient.

    Eigenvalues below `NULL` times the largest are left out of the inverse. A point that leaves
    the cube of `largest` goes no further.

    Examples
    --------
    >>> H = np.diag([2.0, 0.0])
    >>> valley = lambda x: Expansion((x @ H * x).sum(1) / 2, x @ H, np.repeat(H[None], len(x), 0))
    >>> polish(valley, np.array([[3.0, 4.0]])).tolist()
    [[0.0, 4.0]]
    """
    best = theta = theta.copy()
    least = np.full(len(theta), np.inf)
    for step in range(n_steps + 1):
        _, gradient, hessian = expand(theta)
        size = np.abs(gradient).max(axis=1, initial=0)
        better = size < least
        best = np.where(better[:, None], theta, best)
        least = np.where(better, size, least)
        if step == n_steps or not len(theta):
            break
        w, V = np.linalg.eigh(hessian)
        scale = np.abs(w).max(axis=1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = np.where(np.abs(w) > NULL * scale, 1 / w, 0)
        along = inverse * (V.transpose(0, 2, 1) @ gradient[:, :, None])[:, :, 0]
        new = theta - (V @ along[:, :, None])[:, :, 0]
        inside = np.abs(new).max(axis=1) <= largest
        theta = np.where(inside[:, None], new, theta)
    return best


def nullity(eigenvalues: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many eigenvalues vanish at each point, and whether that is decided.

    Parameters
    ----------
    eigenvalues
        Of the Hessian, (K, P).

    Returns
    -------
    int64 (K,) and bool (K,)

    Raises
    ------
    ValueError
        If they are not finite, or P is 0.

    Examples
    --------
    >>> nullity(np.array([[1.0, -2.0, 0.0], [1.0, 1e-6, 0.0]]))
    (array([1, 1]), array([ True, False]))
    """
    if eigenvalues.ndim != 2 or not eigenvalues.shape[1]:
        raise ValueError(f"Eigenvalues must have shape (K, P), P > 0, got {eigenvalues.shape}.")
    if not np.isfinite(eigenvalues).all():
        raise ValueError("Eigenvalues must be finite, got NaN or infinity.")
    w = np.abs(eigenvalues)
    scale = w.max(axis=1, keepdims=True)
    zero = (w < NULL * scale) | (scale == 0)
    unclear = ~zero & (w < GAP * scale)
    return zero.sum(axis=1), ~unclear.any(axis=1)
