"""Steps of descent beside torch's modules, optimizer and data on one thread."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from harness.kernels.mlp import MLP, draw_mlp, flat
from harness.kernels.sgd import descend

WIDTHS = [64, 64, 64, 64, 64, 10]
N, STEPS, RATE, DECAY = 512, 100, 0.01, 1e-3


class Descend:
    """A hundred steps over 512 samples, four hidden layers of 64, as the banks are made of."""

    params = ([1, 16, 64, 512],)
    param_names = ("batch",)

    def setup(self, batch: int) -> None:
        torch.set_num_threads(1)
        rng = np.random.default_rng(0)
        self.net = draw_mlp(WIDTHS, 2**0.5, 0)
        self.X = rng.standard_normal((N, WIDTHS[0])).astype(np.float32)
        self.Y = rng.standard_normal((N, WIDTHS[-1])).astype(np.float32)
        self.tensors = torch.from_numpy(self.X), torch.from_numpy(self.Y)
        self.deltas = [np.ones((batch, m), np.float32) for m in WIDTHS[1:]]
        self.module = self.fresh_module()
        self.optimizer = torch.optim.SGD(self.module.parameters(), RATE, weight_decay=DECAY)

    def fresh(self) -> MLP:
        """Return a copy of the network, as descent changes it."""
        return self.net._replace(weights=[W.copy() for W in self.net.weights])

    def fresh_module(self, dtype: torch.dtype = torch.float32) -> nn.Sequential:
        """Return the same network as one would write it in torch."""
        layers: list[nn.Module] = []
        for W in self.net.weights:
            layer = nn.Linear(*W.shape, bias=False)
            layer.weight.data = torch.from_numpy(W.T.copy())
            layers += [layer, nn.ReLU()]
        return nn.Sequential(*layers[:-1]).to(dtype)

    def steps_torch(self, batch: int, module: nn.Module, optimizer: torch.optim.SGD) -> None:
        """Take the steps in torch."""
        X, Y = (t.to(next(module.parameters()).dtype) for t in self.tensors)
        generator = torch.Generator().manual_seed(0)
        for _ in range(STEPS):
            x, y = X, Y
            if batch < N:
                rows = torch.randint(N, (batch,), generator=generator)
                x, y = X[rows], Y[rows]
            optimizer.zero_grad()
            (0.5 * (module(x) - y).square().sum() / len(x)).backward()
            optimizer.step()

    def time_descend(self, batch: int) -> None:
        descend(self.fresh(), self.X, self.Y, RATE, STEPS, 0, batch if batch < N else None, DECAY)

    def time_descend_torch(self, batch: int) -> None:
        self.steps_torch(batch, self.module, self.optimizer)

    def time_matrix_products_alone(self, batch: int) -> None:
        """Multiply matrices of the same shapes, nothing else: the floor of `time_descend`."""
        for _ in range(STEPS):
            for k, (W, delta) in enumerate(zip(self.net.weights, self.deltas, strict=True)):
                below = self.X[:batch] if k == 0 else self.deltas[k - 1]
                below @ W
                below.T @ delta
                if k:
                    delta @ W.T

    def peakmem_descend(self, batch: int) -> None:
        self.time_descend(batch)

    def peakmem_descend_torch(self, batch: int) -> None:
        self.time_descend_torch(batch)

    def track_difference_of_full_batches_to_torch(self, batch: int) -> float:
        """Difference of the weights after all steps to torch's in float64, in the norm."""
        if batch < N:
            return float("nan")  # the batches are others
        module = self.fresh_module(torch.float64)
        optimizer = torch.optim.SGD(module.parameters(), RATE, weight_decay=DECAY)
        self.steps_torch(batch, module, optimizer)
        exact = flat([p.detach().numpy().T for p in module.parameters()])
        net = self.fresh()
        descend(net, self.X, self.Y, RATE, STEPS, 0, None, DECAY)
        return float(np.linalg.norm(flat(net.weights) - exact) / np.linalg.norm(exact))
