"""The layered forward pass against loops, and its gradients."""

import itertools

import numpy as np
import pytest
import torch

from harness.kernels.layered_forward import (
    Layer,
    forward,
    layer,
    output_shape,
    pool,
    pooled_size,
)

GEOMETRIES = {
    "overlapping": ((3, 5, 6), (3, 3), (1, 1), (1, 1)),
    "strided": ((2, 7, 7), (3, 3), (2, 2), (1, 1)),
    "one row, disjoint": ((4, 1, 8), (1, 2), (1, 2), (0, 0)),
    "disjoint with a remainder": ((3, 5, 7), (2, 3), (2, 3), (0, 0)),
    "one by one": ((3, 4, 4), (1, 1), (1, 1), (0, 0)),
    "disjoint and padded": ((2, 4, 4), (2, 2), (2, 2), (1, 1)),
}
geometries = pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES.keys())


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def draw_network(shape, C=5, seed=0):
    """Two overlapping layers, then one disjoint, of widths 4, 6 and 3."""
    layers = []
    for i, (width, kernel, stride, padding) in enumerate(
        [(4, (3, 3), (1, 1), (1, 1)), (6, (3, 3), (2, 2), (1, 1)), (3, (2, 2), (2, 2), (0, 0))]
    ):
        W = draw(width, shape[0], *kernel, seed=seed + 10 * i)
        shape = output_shape(shape, width, kernel, stride, padding)
        b, A = draw(width, seed=seed + 1), draw(pooled_size(shape), C, seed=seed + 2)
        layers.append(Layer(W, b, A, stride, padding))
    return layers


def naive_layer(h, W, b, stride, padding):
    h = np.pad(h, [(0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2])
    k_h, k_w = W.shape[2:]
    height = (h.shape[2] - k_h) // stride[0] + 1
    width = (h.shape[3] - k_w) // stride[1] + 1
    out = np.empty((len(h), len(W), height, width))
    for n, c, i, j in itertools.product(*map(range, out.shape)):
        top, left = i * stride[0], j * stride[1]
        out[n, c, i, j] = b[c] + (h[n, :, top : top + k_h, left : left + k_w] * W[c]).sum()
    return np.maximum(out, 0)


@geometries
def test_layer_agrees_with_loops(geometry):
    shape, kernel, stride, padding = geometry
    h, W, b = draw(2, *shape), draw(5, shape[0], *kernel, seed=1), draw(5, seed=2)
    expected = naive_layer(h.numpy(), W.numpy(), b.numpy(), stride, padding)
    torch.testing.assert_close(layer(h, W, b, stride, padding), torch.from_numpy(expected))


@geometries
def test_output_shape_is_the_shape_that_layer_returns(geometry):
    shape, kernel, stride, padding = geometry
    h, W = draw(2, *shape), draw(5, shape[0], *kernel)
    h = layer(h, W, torch.zeros(5, dtype=W.dtype), stride, padding)
    assert output_shape(shape, 5, kernel, stride, padding) == tuple(h.shape[1:])


@geometries
def test_gradients_of_layer_and_pool_agree_with_finite_differences(geometry):
    shape, kernel, stride, padding = geometry
    arguments = [draw(2, *shape), draw(3, shape[0], *kernel, seed=1), draw(3, seed=2)]
    for argument in arguments:
        argument.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda h, W, b: pool(layer(h, W, b, stride, padding)), arguments
    )


def test_layer_does_not_change_its_input():
    h = draw(2, 3, 1, 4)
    before = h.clone()
    layer(h, torch.eye(3, dtype=h.dtype)[:, :, None, None], torch.zeros(3, dtype=h.dtype))
    torch.testing.assert_close(h, before, rtol=0, atol=0)


@pytest.mark.parametrize("shape", [(3, 1, 9), (2, 2, 2), (2, 1, 1), (4, 3, 1), (2, 4, 1)])
def test_a_row_and_a_small_map_are_pooled_whole(shape):
    h = draw(2, *shape)
    torch.testing.assert_close(pool(h), h.reshape(2, -1))


@pytest.mark.parametrize("shape", [(2, 3, 3), (3, 8, 8), (2, 5, 2), (2, 7, 4)])
def test_a_large_map_is_averaged_over_four_windows(shape):
    h = draw(2, *shape)
    c, height, width = shape
    spans = [
        [(i * size // 2, -((-(i + 1) * size) // 2)) for i in range(2)] for size in (height, width)
    ]
    expected = [
        h[:, k, top:bottom, left:right].mean((1, 2))
        for k, (top, bottom), (left, right) in itertools.product(range(c), *spans)
    ]
    torch.testing.assert_close(pool(h), torch.stack(expected, 1))


@pytest.mark.parametrize(
    "shape", [(3, 1, 9), (2, 2, 2), (4, 3, 1), (2, 4, 1), (2, 3, 3), (5, 1, 1), (3, 6, 1)]
)
def test_pooled_size_is_the_width_that_pool_returns(shape):
    assert pooled_size(shape) == pool(draw(2, *shape)).shape[1]


def test_pool_reads_the_same_features_from_any_memory_layout():
    h = draw(2, 3, 1, 4)
    other = h.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(pool(h), pool(other))


def test_forward_agrees_with_loops():
    x, layers, bias = draw(3, 2, 8, 8), draw_network((2, 8, 8)), draw(5, seed=9)
    features, logits = forward(x, layers, bias)
    h, F = x.numpy(), np.tile(bias.numpy(), (3, 1))
    np.testing.assert_allclose(logits[0], F)
    for got_h, got_F, (W, b, A, stride, padding) in zip(features, logits[1:], layers, strict=True):
        h = naive_layer(h, W.numpy(), b.numpy(), stride, padding)
        F = F + pool(torch.from_numpy(h)).numpy() @ A.numpy()
        np.testing.assert_allclose(got_h, h, atol=1e-12)
        np.testing.assert_allclose(got_F, F, atol=1e-11)


@pytest.mark.parametrize("batch", [1, 3, 4, 100])
@pytest.mark.parametrize("per_sample", [False, True])
def test_batches_give_what_all_samples_at_once_give(batch, per_sample):
    x, layers = draw(7, 2, 8, 8), draw_network((2, 8, 8))
    bias = draw(7, 5, seed=9) if per_sample else draw(5, seed=9)
    for got, expected in zip(
        forward(x, layers, bias, batch), forward(x, layers, bias), strict=True
    ):
        for a, b in zip(got, expected, strict=True):
            torch.testing.assert_close(a, b)


def test_a_second_network_starts_from_the_logits_of_the_first():
    x, one, two = draw(3, 2, 8, 8), draw_network((2, 8, 8)), draw_network((2, 8, 8), seed=50)
    bias = draw(5, seed=9)
    first = forward(x, one, bias)[1][-1]
    joined = forward(x, two, first)[1][-1]
    alone = forward(x, two, torch.zeros_like(bias))[1][-1]
    torch.testing.assert_close(joined, first + alone)


def test_a_network_without_layers_answers_its_bias():
    features, logits = forward(draw(3, 2, 4, 4), [], draw(5))
    assert features == []
    torch.testing.assert_close(logits[0], draw(5).expand(3, 5))


def test_gradient_reaches_every_parameter():
    x, layers = draw(3, 2, 8, 8), draw_network((2, 8, 8))
    parameters = [p.requires_grad_() for one in layers for p in (one.W, one.b, one.A)]
    forward(x, layers, draw(5))[1][-1].square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in parameters)


def test_scaling_a_layer_and_unscaling_the_next_keeps_the_last_features():
    x, layers = draw(3, 2, 8, 8), draw_network((2, 8, 8))
    scaled = [
        layers[0]._replace(W=layers[0].W * 7, b=layers[0].b * 7),
        layers[1]._replace(W=layers[1].W / 7),
        layers[2],
    ]
    bias = draw(5)
    torch.testing.assert_close(forward(x, scaled, bias)[0][-1], forward(x, layers, bias)[0][-1])


def test_a_kernel_larger_than_its_input_is_an_error():
    with pytest.raises(ValueError, match="3x3 does not fit an input that is 2x4"):
        output_shape((1, 2, 4), 8, (3, 3))
