"""The orbit ratio beside numpy's variances."""

from __future__ import annotations

import numpy as np

from harness.kernels.orbit_ratio import orbit_ratio


def by_variances(outputs: np.ndarray) -> float:
    """Take both variances from numpy, in the precision of the outputs."""
    z = outputs.reshape(*outputs.shape[:2], -1)
    return float(z.var(axis=1).sum(1).mean() / z.reshape(-1, z.shape[2]).var(axis=0).sum())


BY = {"harness": orbit_ratio, "numpy": by_variances}


class OrbitRatio:
    """Eight views of 300 objects, 28 x 28 pixels each, that differ little."""

    params = list(BY)
    param_names = ("by",)

    def setup(self, by: str) -> None:
        rng = np.random.default_rng(0)
        objects = rng.random((300, 1, 28, 28))
        self.z = (10 + objects + 0.01 * rng.standard_normal((300, 8, 28, 28))).astype(np.float32)

    def time_orbit_ratio(self, by: str) -> None:
        BY[by](self.z)

    def peakmem_orbit_ratio(self, by: str) -> None:
        BY[by](self.z)

    def track_relative_error(self, by: str) -> float:
        """Compare with numpy in extended precision."""
        exact = by_variances(self.z.astype(np.longdouble))
        return abs(BY[by](self.z) / exact - 1)
