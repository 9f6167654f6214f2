"""The best neuron in the plane by cells, beside a grid of directions and the ascent."""

from __future__ import annotations

import numpy as np

from harness.kernels.circle_sup import circle_sup
from harness.kernels.network_sup import Capped, network_sup

DIRECTIONS = 720


class CircleSup:
    """A thousand rows of signs for n samples."""

    params = ([24, 96, 192],)
    param_names = ("n",)

    def setup(self, n: int) -> None:
        rng = np.random.default_rng(0)
        self.X = rng.standard_normal((n, 2))
        self.signs = rng.choice([-1.0, 1.0], (1000, n))

    def time_circle_sup(self, n: int) -> None:
        circle_sup(self.X, self.signs)

    def time_grid(self, n: int) -> None:
        self.grid()

    def time_ascent(self, n: int) -> None:
        self.ascent()

    def time_product_of_the_cells(self, n: int) -> None:
        """Multiply only: signs by the samples of every cell."""
        self.signs @ np.ones((n, 4 * n))

    def peakmem_circle_sup(self, n: int) -> None:
        circle_sup(self.X, self.signs)

    def grid(self) -> np.ndarray:
        """Return the sup over directions of a grid."""
        angle = np.linspace(0, 2 * np.pi, DIRECTIONS, endpoint=False)
        outputs = np.maximum(0, self.X @ np.stack([np.cos(angle), np.sin(angle)]))
        found: np.ndarray = np.abs(self.signs @ outputs).max(1)
        return found

    def ascent(self) -> np.ndarray:
        """Return what four climbs of 20 steps find."""
        return network_sup(self.X, self.signs, [Capped(1, "frobenius", True)], 20, 4)

    def track_missed_by_grid(self, n: int) -> float:
        return float(1 - self.grid().mean() / circle_sup(self.X, self.signs).mean())

    def track_missed_by_ascent(self, n: int) -> float:
        return float(1 - self.ascent().mean() / circle_sup(self.X, self.signs).mean())
