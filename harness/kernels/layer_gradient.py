r"""Loss and gradient of one layer between frozen layers below it and a linear readout above it.

With windows P_i (positions x q) of the frozen input, Z_i = P_i W^T + b, H_i = max(Z_i, 0), pooled
features f_i = pool(H_i), output O_i = F_i + f_i A and the loss L = mean_i l(O_i, y_i), the chain
rule gives, with D = dL/dO (n x C),

    dL/dA = f^T D,   G = unpool(D A^T) 1[Z > 0],   dL/dW = G^T P,   dL/db = sum G,

for l = |O - Y|^2 / 2: D = (O - Y) / n, and for the cross-entropy: D = (softmax(O) - Y) / n.
Elementary; written out by hand because a small layer costs automatic differentiation four times
the arithmetic in overhead.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

Pair = tuple[int, int]


class Windows(NamedTuple):
    """What a layer reads at every position of its output, laid out for a matrix product."""

    P: np.ndarray  # (n, positions, k_h * k_w * c_in)
    grid: Pair  # positions = grid[0] * grid[1]


class Gradient(NamedTuple):
    """Loss and its gradients, each in the shape of its parameter."""

    loss: float
    W: np.ndarray  # (c_out, c_in, k_h, k_w)
    b: np.ndarray  # (c_out,)
    A: np.ndarray  # (p, C)


def windows(H: np.ndarray, kernel: Pair, stride: Pair, padding: Pair) -> Windows:
    """Cut a batch of maps into the windows of a convolution.

    Parameters
    ----------
    H : array of shape (n, c_in, height, width)
    kernel, stride, padding : (height, width)

    Examples
    --------
    >>> windows(np.arange(4.0).reshape(1, 1, 1, 4), (1, 2), (1, 2), (0, 0)).P.tolist()
    [[[0.0, 1.0], [2.0, 3.0]]]
    """
    pad = ((0, 0), (0, 0), (padding[0], padding[0]), (padding[1], padding[1]))
    view = np.lib.stride_tricks.sliding_window_view(np.pad(H, pad), kernel, axis=(2, 3))
    view = view[:, :, :: stride[0], :: stride[1]]  # (n, c_in, rows, columns, k_h, k_w)
    n, c_in, rows, columns, k_h, k_w = view.shape
    P = view.transpose(0, 2, 3, 1, 4, 5).reshape(n, rows * columns, c_in * k_h * k_w)
    return Windows(np.ascontiguousarray(P), (rows, columns))


def poolable(grid: Pair) -> bool:
    """Whether `layer_gradient` knows the pooling of such a map: whole, or even 2x2 averages."""
    return _whole(grid) or (grid[0] % 2 == 0 and grid[1] % 2 == 0)


def layer_gradient(
    P: np.ndarray,
    grid: Pair,
    F: np.ndarray,
    Y: np.ndarray,
    W: np.ndarray,
    b: np.ndarray,
    A: np.ndarray,
    cross_entropy: bool = False,
) -> Gradient:
    """Return the mean loss over a batch and its gradients.

    Parameters
    ----------
    P : array of shape (n, positions, c_in * k_h * k_w)
        The batch's rows of `Windows.P`.
    grid
        `Windows.grid`; `poolable` must hold.
    F : array of shape (n, C)
        Output of everything below, which the layer's readout is added to.
    Y : array of shape (n, C)
        One-hot labels or any targets.
    W : array of shape (c_out, c_in, k_h, k_w)
    b : array of shape (c_out,)
    A : array of shape (p, C)
        Readout of the pooled features in the order of `layered_forward.pool`.

    Examples
    --------
    One window (1, 2), weights (3, 4): z = 11, output 22, target 20, so L = 2, dL/dO = 2:

    >>> g = layer_gradient(
    ...     np.array([[[1.0, 2.0]]]), (1, 1), np.zeros((1, 1)), np.array([[20.0]]),
    ...     np.array([[[[3.0, 4.0]]]]), np.zeros(1), np.array([[2.0]]),
    ... )
    >>> g.loss, g.W.ravel().tolist(), g.b.tolist(), g.A.tolist()
    (2.0, [4.0, 8.0], [4.0], [[22.0]])
    """
    n, positions, q = P.shape
    c, C = len(W), F.shape[1]
    flat = P.reshape(n * positions, q)
    Z = flat @ W.reshape(c, q).T + b  # (n * positions, c)
    H = np.maximum(Z, 0)
    if _whole(grid):
        cells, f = positions, H.reshape(n, positions * c)
    else:
        halves = H.reshape(n, 2, grid[0] // 2, 2, grid[1] // 2, c)
        cells, f = 4, halves.mean(axis=(2, 4)).reshape(n, 4 * c)
    A_cells = A.reshape(c, cells, C).transpose(1, 0, 2).reshape(cells * c, C)
    output = F + f @ A_cells
    if cross_entropy:
        shifted = output - output.max(1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
        loss = -float((Y * log_p).sum()) / n
        D = (np.exp(log_p) - Y) / n
    else:
        D = (output - Y) / n  # (n, C)
        loss = 0.5 * n * float((D * D).sum())
    G = D @ A_cells.T  # (n, cells * c)
    if not _whole(grid):
        spread = G.reshape(n, 2, 1, 2, 1, c) / (positions // 4)
        G = np.broadcast_to(spread, halves.shape)
    G = G.reshape(n * positions, c) * (Z > 0)
    gradient_A = (f.T @ D).reshape(cells, c, C).transpose(1, 0, 2).reshape(A.shape)
    return Gradient(loss, (G.T @ flat).reshape(W.shape), G.sum(0), gradient_A)


def _whole(grid: Pair) -> bool:
    return grid[0] == 1 or grid[0] * grid[1] <= 4
