"""The hand-written gradient against automatic differentiation of the forward kernels."""

import numpy as np
import pytest
import torch

from harness.kernels.layer_gradient import layer_gradient, poolable, windows
from harness.kernels.layered_forward import layer, output_shape, pool, pooled_size

CASES = {
    "string": ((5, 8, 1, 8), 6, (1, 2), (1, 2), (0, 0)),
    "whole map": ((5, 3, 4, 4), 6, (3, 3), (2, 2), (1, 1)),
    "averaged map": ((5, 3, 8, 8), 6, (3, 3), (1, 1), (1, 1)),
    "tall kernel": ((4, 2, 9, 8), 3, (2, 3), (1, 2), (0, 1)),
}


@pytest.mark.parametrize("cross_entropy", [False, True], ids=["squares", "cross-entropy"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_is_what_automatic_differentiation_gives(case, cross_entropy):
    shape, width, kernel, stride, padding = case
    rng = np.random.default_rng(0)
    H = rng.normal(size=shape)
    n, n_classes = shape[0], 4
    p = pooled_size(output_shape(shape[1:], width, kernel, stride, padding))
    parameters = {
        "W": rng.normal(size=(width, shape[1], *kernel)),
        "b": rng.normal(size=width),
        "A": rng.normal(size=(p, n_classes)),
    }
    F = rng.normal(size=(n, n_classes))
    y = rng.integers(n_classes, size=n)
    Y = np.eye(n_classes)[y]

    tensors = {name: torch.tensor(a, requires_grad=True) for name, a in parameters.items()}
    h = layer(torch.tensor(H), tensors["W"], tensors["b"], stride, padding)
    output = torch.tensor(F) + pool(h) @ tensors["A"]
    if cross_entropy:
        loss = torch.nn.functional.cross_entropy(output, torch.tensor(y))
    else:
        loss = 0.5 * (output - torch.tensor(Y)).square().sum(1).mean()
    loss.backward()

    cut = windows(H, kernel, stride, padding)
    assert poolable(cut.grid)
    ours = layer_gradient(cut.P, cut.grid, F, Y, **parameters, cross_entropy=cross_entropy)
    assert ours.loss == pytest.approx(loss.item(), rel=1e-12)
    for name, tensor in tensors.items():
        np.testing.assert_allclose(getattr(ours, name), tensor.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_a_map_whose_halves_are_uneven_is_not_claimed():
    assert not poolable((5, 4))
    assert poolable((1, 5))
    assert poolable((2, 2))
