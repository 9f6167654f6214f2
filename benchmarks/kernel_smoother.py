"""Smoothing by a Gaussian kernel: fused beside its definition, and beside attention itself."""

from __future__ import annotations

import torch
from torch.nn.functional import scaled_dot_product_attention

from harness.kernels.kernel_smoother import smooth, weights


class Causal:
    """Eight heads of size 64."""

    params = ([256, 1024],)
    param_names = ("length",)

    def setup(self, length: int) -> None:
        torch.set_num_threads(1)
        draw = torch.Generator().manual_seed(0)
        self.q, self.c, self.v = torch.randn(3, 1, 8, length, 64, generator=draw)

    def time_smooth(self, length: int) -> None:
        smooth(self.q, self.c, self.v, causal=True)

    def time_attention(self, length: int) -> None:
        """Take the time of the library's softmax attention, which has no distances to see to."""
        scaled_dot_product_attention(self.q, self.c, self.v, is_causal=True)

    def time_weights(self, length: int) -> None:
        weights(self.q, self.c, causal=True) @ self.v

    def time_weights_of_products(self, length: int) -> None:
        """Take the time of weights whose distances are the library's by products."""
        scores = torch.cdist(self.q, self.c) ** 2 / -2
        future = torch.ones(length, length, dtype=torch.bool).triu(1)
        scores.masked_fill(future, -torch.inf).softmax(-1) @ self.v

    def time_values_of_their_own_width(self, length: int) -> None:
        """Take the time without zeros beside the values: then attention is not fused."""
        key = torch.cat([self.c, self.c.square().sum(-1, keepdim=True) / -2], -1)
        query = torch.cat([self.q, torch.ones_like(self.q[..., :1])], -1)
        scaled_dot_product_attention(query, key, self.v, is_causal=True, scale=1.0)

    def peakmem_smooth(self, length: int) -> None:
        smooth(self.q, self.c, self.v, causal=True)

    def peakmem_weights(self, length: int) -> None:
        weights(self.q, self.c, causal=True) @ self.v

    def track_largest_error(self, length: int) -> float:
        wanted = weights(self.q.double(), self.c.double(), causal=True) @ self.v.double()
        return float((smooth(self.q, self.c, self.v, causal=True) - wanted).abs().max())
