"""The Walsh-Hadamard transform beside butterflies, scipy's Fourier transform and its matrix."""

from __future__ import annotations

import numpy as np
from scipy.fft import fftn
from scipy.linalg import hadamard

from harness.kernels.walsh_hadamard import walsh_hadamard


def butterflies(f: np.ndarray) -> np.ndarray:
    """Return what one would write in numpy."""
    F = f.copy()
    apart = 1
    while apart < len(F):
        pairs = F.reshape(-1, 2, apart)
        total = pairs[:, 0] + pairs[:, 1]
        pairs[:, 1] = pairs[:, 0] - pairs[:, 1]
        pairs[:, 0] = total
        apart *= 2
    return F


class WalshHadamard:
    """Functions of 12, 16 and 20 bits."""

    params = ([12, 16, 20], ["int64", "float64"])
    param_names = ("n", "dtype")

    def setup(self, n: int, dtype: str) -> None:
        self.f = np.random.default_rng(0).integers(-9, 9, 2**n).astype(dtype)
        self.matrix = hadamard(2**n, dtype=np.float64) if n == 12 else None

    def time_walsh_hadamard(self, n: int, dtype: str) -> None:
        walsh_hadamard(self.f)

    def time_walsh_hadamard_butterflies(self, n: int, dtype: str) -> None:
        butterflies(self.f)

    def time_walsh_hadamard_fftn(self, n: int, dtype: str) -> None:
        """Take the Fourier transform of a cube of side 2."""
        fftn(self.f.reshape((2,) * n))

    def time_walsh_hadamard_matrix(self, n: int, dtype: str) -> None:
        """Take scipy's matrix, ready made; from 16 bits on it would not fit the memory."""
        if self.matrix is None:
            raise NotImplementedError
        self.matrix @ self.f

    def time_memory_alone(self, n: int, dtype: str) -> None:
        """Copy once for every five bits: the floor."""
        for _ in range(-(-n // 5)):
            self.f.copy()

    def peakmem_walsh_hadamard(self, n: int, dtype: str) -> None:
        walsh_hadamard(self.f)

    def peakmem_walsh_hadamard_butterflies(self, n: int, dtype: str) -> None:
        butterflies(self.f)

    def track_error(self, n: int, dtype: str) -> float:
        """Return the largest difference to butterflies over integers."""
        return float(np.abs(walsh_hadamard(self.f) - butterflies(self.f.astype(np.int64))).max())
