r"""Short patterns in noise: a class is a pattern, of unknown place, size and variant in a signal.

.. math::
    x = 0.6\,\varepsilon, \quad \varepsilon \sim N(0, I_T), \qquad
    x_{p : p + L} \mathrel{+}= a M_{y v},

with the class y and the variant v uniform, the place p within J of the middle, the amplitude
a = 3 (0.7 + 0.6 u), u uniform on [0, 1], and every pattern M_{yv} of unit norm. Draws are
independent and there is no end of them: bounds for independent samples hold, a risk can be measured
to any accuracy, and no label can be looked up. The larger J is, the more a network gains by being
local and by sharing its weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LENGTH = 7
"""Of a pattern, L."""
SIGNAL = 24
"""Length of a signal, T."""
N_VARIANTS = 2
NOISE = 0.6
AMPLITUDE = 3.0
LEAST, SPREAD = 0.7, 0.6
"""Of the amplitude: the least share and how much more there may be."""


@dataclass(frozen=True, eq=False)
class Motifs:
    """A distribution of labelled signals; who has not its patterns cannot draw from it."""

    patterns: np.ndarray
    """(n_classes, N_VARIANTS, LENGTH) float64, of unit norm."""
    jitter: int
    """J: how far a pattern may be from the middle, either way, in samples."""

    def draw(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Return n signals x, float32 (n, SIGNAL), and their classes y, int64 (n,)."""
        y = rng.integers(len(self.patterns), size=n)
        variant = rng.integers(N_VARIANTS, size=n)
        middle = (SIGNAL - LENGTH) // 2
        place = middle + rng.integers(-self.jitter, self.jitter + 1, size=n)
        amplitude = AMPLITUDE * (LEAST + SPREAD * rng.random(n))
        x = NOISE * rng.standard_normal((n, SIGNAL))
        covered = place[:, None] + np.arange(LENGTH)
        x[np.arange(n)[:, None], covered] += amplitude[:, None] * self.patterns[y, variant]
        return x.astype(np.float32), y


def motifs(rng: np.random.Generator, n_classes: int, jitter: int) -> Motifs:
    """Draw a distribution: patterns uniform on the sphere.

    Raises
    ------
    ValueError
        A pattern would leave the signal.
    """
    most = (SIGNAL - LENGTH) // 2
    if not 0 <= jitter <= most:
        raise ValueError(f"jitter must be 0 to {most}, got {jitter}.")
    patterns = rng.standard_normal((n_classes, N_VARIANTS, LENGTH))
    patterns /= np.linalg.norm(patterns, axis=-1, keepdims=True)
    return Motifs(patterns, jitter)
