"""Turns: orthogonal matrices, for data that everybody knows.

A network without biases from a Gaussian start cannot tell how its inputs were turned; one that was
trained beforehand can, and is worth nothing on them. Whoever brings the data along can undo it.
"""

from __future__ import annotations

import numpy as np


def turn(rng: np.random.Generator, d: int) -> np.ndarray:
    """Draw an orthogonal matrix (d, d), uniformly.

    References
    ----------
    F. Mezzadri, "How to generate random matrices from the classical compact groups", Notices of
    the AMS 54 (2007): QR leaves signs open, and they must be those of R's diagonal. Not checked
    against the source.
    """
    Q, R = np.linalg.qr(rng.standard_normal((d, d)))
    drawn: np.ndarray = Q * np.sign(np.diag(R))
    return drawn
