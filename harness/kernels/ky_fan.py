r"""How much a matrix of small rank and norm can agree with another: norms of Ky Fan.

.. math::
    \sup_W\ \langle W, G \rangle \quad\text{over}\quad \mathrm{rank}\, W \le r,\ \|W\| \le 1
    \;=\; \sum_{j \le r} s_j(G) \quad\text{or}\quad \Bigl(\sum_{j \le r} s_j(G)^2\Bigr)^{1/2}

for the spectral and for the Frobenius norm, s_j being singular values in descending order: by von
Neumann's trace inequality <W, G> is at most sum_j s_j(W) s_j(G), and W = sum_j w_j u_j v_j^T with
the singular vectors of G attains it (K. Fan, *Maximum properties and inequalities for the
eigenvalues of completely continuous operators*, PNAS 37, 1951, Theorem 1; not checked against the
source). With signs sigma (n, k) and a sample X (n, d) G = sigma^T X is what one linear layer of k
outputs is held against: the mean over signs, over n, is its Rademacher complexity.
"""

from __future__ import annotations

from typing import Literal

import numpy as np


def ky_fan(G: np.ndarray, norm: Literal["spectral", "frobenius"]) -> np.ndarray:
    """Return the sup for every rank 1, 2, ..., min(k, d).

    Parameters
    ----------
    G : float array of shape (..., k, d)
    norm
        Which norm of W is at most 1.

    Returns
    -------
    float64 array of shape (..., min(k, d)), ascending along the last axis

    Raises
    ------
    ValueError
        G has fewer than two axes or `norm` is another word.

    Examples
    --------
    >>> print(ky_fan(np.diag([4.0, 3.0]), "spectral"), ky_fan(np.diag([4.0, 3.0]), "frobenius"))
    [4. 7.] [4. 5.]
    """
    G = np.asarray(G, np.float64)
    if G.ndim < 2:
        raise ValueError(f"G must have shape (..., k, d), got {G.shape}.")
    if norm not in ("spectral", "frobenius"):
        raise ValueError(f"norm must be 'spectral' or 'frobenius', got {norm!r}.")
    s = np.linalg.svd(G, compute_uv=False)
    return np.cumsum(s, -1) if norm == "spectral" else np.sqrt(np.cumsum(s**2, -1))
