"""Length of a code for weights beside general compressors: time, and bytes for the same weights."""

from __future__ import annotations

import lzma
import zlib

import numpy as np

from harness.kernels.code_length import code_bytes


class CodeLength:
    """Normal weights of half precision, a share of them not zero."""

    params = ([11_520, 1_000_000], [1.0, 0.05])
    param_names = ("values", "share")

    def setup(self, values: int, share: float) -> None:
        rng = np.random.default_rng(0)
        self.W = rng.standard_normal(values).astype(np.float16)
        self.W[rng.permutation(values)[round(share * values) :]] = 0

    def time_code_bytes(self, values: int, share: float) -> None:
        code_bytes([self.W])

    def time_zlib(self, values: int, share: float) -> None:
        zlib.compress(self.W.tobytes(), 9)

    def peakmem_code_bytes(self, values: int, share: float) -> None:
        code_bytes([self.W])

    def track_bytes(self, values: int, share: float) -> int:
        return code_bytes([self.W])

    def track_bytes_zlib(self, values: int, share: float) -> int:
        return len(zlib.compress(self.W.tobytes(), 9))

    def track_bytes_lzma(self, values: int, share: float) -> int:
        return len(lzma.compress(self.W.tobytes()))
