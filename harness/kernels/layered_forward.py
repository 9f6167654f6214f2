r"""Forward pass of a convolutional network whose every layer has a skip to the output.

.. math::
    h_l &= \mathrm{relu}(W_l * h_{l-1} + b_l), \qquad h_0 = x, \\
    F_l &= F_{l-1} + \mathrm{pool}(h_l)\, A_l, \qquad F_0 = \text{bias}.

It is the trunk of greedy layer-wise learning, with the auxiliary classifier of every layer kept
and summed: E. Belilovsky, M. Eickenberg, E. Oyallon, *Greedy Layerwise Learning Can Scale to
ImageNet*, ICML 2019 (section and equation not checked against the source). The sum over layers
and the rule of `pool` are this project's own.

Everything runs in the dtype and on the device of its arguments, and under autograd.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

Pair = tuple[int, int]
"""Height, width."""

Shape = tuple[int, int, int]
"""Channels, height, width."""


class Layer(NamedTuple):
    """Parameters of one layer and of its skip to the output."""

    W: Tensor  # (c_out, c_in, k_h, k_w)
    b: Tensor  # (c_out,)
    A: Tensor  # (p, C) with p = pooled_size of the layer's output
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)


def layer(h: Tensor, W: Tensor, b: Tensor, stride: Pair = (1, 1), padding: Pair = (0, 0)) -> Tensor:
    """Apply one convolution and rectify.

    Parameters
    ----------
    h : Tensor of shape (n, c_in, H, W)
        Fastest in `torch.channels_last`, which is also what it returns then.
    W : Tensor of shape (c_out, c_in, k_h, k_w)
    b : Tensor of shape (c_out,)
    stride, padding : (height, width)

    Returns
    -------
    Tensor of shape (n, c_out, H', W')

    Examples
    --------
    >>> layer(torch.tensor([[[[1.0, 2.0, 5.0]]]]), torch.tensor([[[[-1.0, 1.0]]]]), torch.ones(1))
    tensor([[[[2., 4.]]]])
    """
    c_out, _, k_h, k_w = W.shape
    if (k_h, k_w) != tuple(stride) or any(padding):
        return functional.conv2d(h, W, b, stride, padding).relu_()
    # Windows that do not overlap make one matrix product, several times faster than conv2d.
    n, c_in, height, width = h.shape
    rows, columns = height // k_h, width // k_w
    windows = h[:, :, : rows * k_h, : columns * k_w].permute(0, 2, 3, 1)
    windows = windows.reshape(n, rows, k_h, columns, k_w, c_in).transpose(2, 3)
    return (
        functional.linear(
            windows.reshape(n, rows, columns, k_h * k_w * c_in),
            W.permute(0, 2, 3, 1).reshape(c_out, -1),
            b,
        )
        .permute(0, 3, 1, 2)
        .relu_()
    )


def pool(h: Tensor) -> Tensor:
    """Flatten what a linear classifier reads: all of a small map, the 2x2 averages of a large one.

    A map of height 1 or of at most 4 positions is taken whole.

    Parameters
    ----------
    h : Tensor of shape (n, c, H, W)

    Returns
    -------
    Tensor of shape (n, p), p = `pooled_size` of (c, H, W)

    Examples
    --------
    >>> pool(torch.arange(16.0).reshape(1, 1, 4, 4))
    tensor([[ 2.5000,  4.5000, 10.5000, 12.5000]])
    """
    height, width = h.shape[-2:]
    if height > 1 and height * width > 4:
        h = functional.adaptive_avg_pool2d(h, 2)
    return h.flatten(1)


def pooled_size(shape: Shape) -> int:
    """Return the number of features that `pool` makes of a map of this shape.

    Examples
    --------
    >>> pooled_size((32, 8, 8)), pooled_size((64, 1, 8)), pooled_size((5, 2, 1))
    (128, 512, 10)
    """
    channels, height, width = shape
    return channels * (4 if height > 1 and height * width > 4 else height * width)


def output_shape(
    shape: Shape, c_out: int, kernel: Pair, stride: Pair = (1, 1), padding: Pair = (0, 0)
) -> Shape:
    """Return the shape of one sample after `layer`.

    Raises
    ------
    ValueError
        If the kernel is larger than the padded input.

    Examples
    --------
    >>> output_shape((1, 8, 8), 32, (3, 3), (2, 2), (1, 1))
    (32, 4, 4)
    """
    padded = (shape[1] + 2 * padding[0], shape[2] + 2 * padding[1])
    if kernel[0] > padded[0] or kernel[1] > padded[1]:
        raise ValueError(
            f"A kernel of {kernel[0]}x{kernel[1]} does not fit an input that is "
            f"{padded[0]}x{padded[1]} with its padding: take a smaller kernel or fewer layers."
        )
    height, width = (
        (size - k) // step + 1 for size, k, step in zip(padded, kernel, stride, strict=True)
    )
    return c_out, height, width


def forward(
    x: Tensor, layers: Sequence[Layer], bias: Tensor, batch: int | None = None
) -> tuple[list[Tensor], list[Tensor]]:
    """Return the features and the logits after every layer.

    Parameters
    ----------
    x : Tensor of shape (n, c, H, W)
    layers : sequence of L Layer
    bias : Tensor of shape (C,) or (n, C)
        F_0: the same for every sample, or what the samples bring from an earlier network.
    batch : int, optional
        Samples taken at once, which bounds the memory of what is not returned. The result is the
        same to rounding.

    Returns
    -------
    features : list of L Tensor of shape (n, c_l, H_l, W_l)
        h_1 to h_L.
    logits : list of L + 1 Tensor of shape (n, C)
        F_0 to F_L.

    Examples
    --------
    >>> one = Layer(torch.ones(1, 1, 1, 1), torch.zeros(1), torch.tensor([[2.0]]))
    >>> features, logits = forward(torch.full((1, 1, 1, 1), 3.0), [one, one], torch.tensor([0.5]))
    >>> [F.item() for F in logits]
    [0.5, 6.5, 12.5]
    """
    n = x.shape[0]
    F = bias.expand(n, bias.shape[-1])
    if batch is not None and n > batch:
        parts = [
            forward(rows, layers, F_rows)
            for rows, F_rows in zip(torch.split(x, batch), torch.split(F, batch), strict=True)
        ]
        features, logits = (
            [torch.cat(pieces) for pieces in zip(*half, strict=True)]
            for half in zip(*parts, strict=True)
        )
        return features, logits
    features, logits = [], [F]
    h = x.contiguous(memory_format=torch.channels_last)
    for W, b, A, stride, padding in layers:
        h = layer(h, W, b, stride, padding)
        F = torch.addmm(F, pool(h), A)
        features.append(h)
        logits.append(F)
    return features, logits
