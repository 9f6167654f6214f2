"""Errors of drawn networks in blocks, beside torch's vmap and a loop over networks."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from harness.kernels.gibbs_error import gibbs_errors, n_parameters, outputs
from tasks._data import motifs

N_SAMPLES = 500


class GibbsError:
    """Networks of two hidden layers on 500 of 8000 signals each."""

    params = ([200, 2000], [32, 128])
    param_names = ("networks", "width")

    def setup(self, n: int, width: int) -> None:
        rng = np.random.default_rng(0)
        self.widths = [24, width, width, 4]
        self.X, self.y = motifs(rng, 4, 1).draw(rng, 8000)
        self.mu = rng.normal(0, 0.2, n_parameters(self.widths)).astype(np.float32)

    def time_gibbs_errors(self, n: int, width: int) -> None:
        gibbs_errors(self.mu, 0.1, self.widths, self.X, self.y, n, N_SAMPLES, 0)

    def time_loop(self, n: int, width: int) -> None:
        self.loop(n)

    def time_vmap(self, n: int, width: int) -> None:
        self.vmap(n)

    def peakmem_gibbs_errors(self, n: int, width: int) -> None:
        gibbs_errors(self.mu, 0.1, self.widths, self.X, self.y, n, N_SAMPLES, 0)

    def track_difference_from_loop(self, n: int, width: int) -> float:
        """Of the mean error, over other draws: of the size of its standard error."""
        Z = gibbs_errors(self.mu, 0.1, self.widths, self.X, self.y, n, N_SAMPLES, 0)
        return float(abs(Z.mean() - self.loop(n).mean()))

    def track_standard_error(self, n: int, width: int) -> float:
        Z = gibbs_errors(self.mu, 0.1, self.widths, self.X, self.y, n, N_SAMPLES, 0)
        return float(Z.std() / n**0.5)

    def draw(self, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Return a network, and a batch for it."""
        mu = torch.from_numpy(self.mu)
        rows = torch.randperm(len(self.X), generator=generator)[:N_SAMPLES]
        X, y = torch.from_numpy(self.X)[rows], torch.from_numpy(self.y)[rows]
        return mu + 0.1 * torch.randn(mu.shape, generator=generator), X, y

    def loop(self, n: int) -> np.ndarray:
        """Ask one network after another."""
        generator = torch.Generator().manual_seed(0)
        errors = []
        for _ in range(n):
            w, X, y = self.draw(generator)
            said = outputs(w[None], X[None], self.widths)[0]
            errors.append(float((said.argmax(1) != y).double().mean()))
        return np.array(errors)

    def vmap(self, n: int) -> np.ndarray:
        """Have torch turn the function of one network into one of fifty."""
        generator = torch.Generator().manual_seed(0)
        ask = torch.func.vmap(self.one_network)
        errors = []
        for start in range(0, n, 50):
            drawn = [self.draw(generator) for _ in range(min(50, n - start))]
            w, X, y = (torch.stack(parts) for parts in zip(*drawn, strict=True))
            errors.append((ask(w, X).argmax(2) != y).double().mean(1))
        return torch.cat(errors).numpy()

    def one_network(self, w: Tensor, X: Tensor) -> Tensor:
        """Return what one network says."""
        h, place = X, 0
        for layer, (m, k) in enumerate(zip(self.widths[:-1], self.widths[1:], strict=True)):
            W, b = w[place : place + m * k].view(m, k), w[place + m * k : place + (m + 1) * k]
            h = (torch.relu(h) if layer else h) @ W + b
            place += (m + 1) * k
        return h
