r"""Neural collapse: how far the features of a classifier are from one point per class.

Features :math:`h_i \in R^p` with labels :math:`y_i`, class means :math:`m_c`, mean :math:`m` of
all samples, and

.. math::
    S_W = \frac1n \sum_i (h_i - m_{y_i})(h_i - m_{y_i})^T, \qquad
    S_B = \frac1C \sum_c (m_c - m)(m_c - m)^T.

V. Papyan, X. Y. Han, D. L. Donoho, *Prevalence of neural collapse during the terminal phase of
deep learning training*, PNAS 117(40):24652-24663, 2020, define the four properties NC1 to NC4 and
plot a number for each; A. Rangamani, M. Lindegaard, T. Galanti, T. Poggio, *Feature learning in
deep classifiers through intermediate neural collapse*, ICML 2023, ask the same of hidden layers.
The figure numbers of the first paper below, and the definitions of the second, were not checked
against the sources.

Every function takes arrays or tensors of any float dtype, flattens a sample's features, measures
in float64, and raises ValueError where shapes or labels do not fit, where a class of 0 to C - 1
has no sample, and where all class means coincide. Zero is full collapse in all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from harness.kernels.float64 import Array, as_float64, as_tensor

_ROWS = 256
"""Samples that are float64 at a time: they stay in the cache, and single precision in memory."""


class Equality(NamedTuple):
    """How far centred class means are from a simplex equiangular tight frame."""

    equinorm: float
    """Standard deviation of their norms over its mean."""
    equiangle: float
    """Mean distance of their cosines from -1/(C - 1)."""


def class_means(features: Array, labels: Array, n_classes: int | None = None) -> Tensor:
    """Return the mean features of every class.

    Parameters
    ----------
    features : array of shape (n, ...)
    labels : int array of shape (n,), 0 to C - 1
    n_classes : int, optional
        C; by default the largest label plus one.

    Returns
    -------
    float64 Tensor of shape (C, p)

    Examples
    --------
    >>> class_means(torch.tensor([[1.0], [3.0], [5.0]]), torch.tensor([0, 0, 1]))
    tensor([[2.],
            [5.]], dtype=torch.float64)
    """
    classes = _classes(features, labels, n_classes)
    return classes.means + classes.origin


def nearest_class_mean(features: Array, means: Array) -> Tensor:
    """Return the class whose mean is nearest in Euclidean distance.

    Parameters
    ----------
    features : array of shape (n, ...)
    means : array of shape (C, p)

    Returns
    -------
    int64 Tensor of shape (n,)

    Examples
    --------
    >>> nearest_class_mean(torch.tensor([[1.0], [4.0]]), torch.tensor([[0.0], [5.0]]))
    tensor([0, 1])
    """
    H, M = as_tensor(features).flatten(1), as_float64(means)
    origin = M.mean(0)  # far from the means' middle |m|^2 / 2 would cancel against h . m
    M = M - origin
    offset = M.square().sum(1) / 2
    blocks = torch.split(H, _ROWS)
    return torch.cat([((h.double() - origin) @ M.T - offset).argmax(1) for h in blocks])


def nc1(features: Array, labels: Array, n_classes: int | None = None) -> float:
    r"""Return :math:`\mathrm{tr}\, S_W / \mathrm{tr}\, S_B`.

    It keeps its value when the features are scaled, rotated or shifted, and needs no
    pseudo-inverse, so that it may be compared between layers and networks.

    Examples
    --------
    Two classes at distance 2 whose samples are 1 from their mean:

    >>> nc1(torch.tensor([[-2.0], [0.0], [0.0], [2.0]]), torch.tensor([0, 0, 1, 1]))
    1.0
    """
    classes = _classes(features, labels, n_classes)
    between = _between(classes)
    within = sum(float(d.square().sum()) for d in _within(classes)) / len(classes.y)
    return within / float(between.square().sum(1).mean())


def nc1_pinv(features: Array, labels: Array, n_classes: int | None = None) -> float:
    r"""Return :math:`\mathrm{tr}(S_W S_B^\dagger) / C` (Papyan et al., figure 6).

    With the singular values :math:`s` and left vectors :math:`U` of the centred means
    :math:`[m_c - m]` it is :math:`\frac1n \sum_i |\mathrm{diag}(s)^{-1} U^T (h_i - m_{y_i})|^2`:
    no p x p matrix is formed.

    Examples
    --------
    >>> points = torch.tensor([[-2.0], [0.0], [0.0], [2.0]])
    >>> round(nc1_pinv(points, torch.tensor([0, 0, 1, 1])), 12)
    0.5
    """
    classes = _classes(features, labels, n_classes)
    between = _between(classes)
    _, s, Vh = torch.linalg.svd(between, full_matrices=False)  # (C, p): rows of Vh are U^T
    C, p = between.shape
    # Their weighted sum is zero, so C means span at most C - 1 directions.
    rank = min(C - 1, int((s > max(C, p) * torch.finfo(s.dtype).eps * s[0]).sum()))
    whiten = (Vh[:rank] / s[:rank, None]).T
    return sum(float((d @ whiten).square().sum()) for d in _within(classes)) / len(classes.y)


def nc2(features: Array, labels: Array, n_classes: int | None = None) -> Equality:
    r"""Return the spread of the norms and the error of the angles of the centred class means.

    :math:`\mathrm{std}_c |m_c - m| / \mathrm{mean}_c |m_c - m|` (Papyan et al., figure 2) and
    :math:`\mathrm{mean}_{c \ne c'} |\cos(m_c - m, m_{c'} - m) + 1/(C-1)|` (figure 4).

    Examples
    --------
    The corners of a square are equally long, and 1/3, 1/3 and 2/3 off the angle of a simplex:

    >>> square = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    >>> equinorm, equiangle = nc2(square, torch.arange(4))
    >>> equinorm, round(equiangle, 12) == round(4 / 9, 12)
    (0.0, True)
    """
    between = _between(_classes(features, labels, n_classes))
    norms = between.norm(dim=1)
    if norms.min() <= 1e-13 * norms.max():
        raise ValueError("NC2 needs angles, and the mean of one class is the mean of all.")
    C = len(norms)
    unit = between / norms[:, None]
    error = (unit @ unit.T + 1 / (C - 1)).abs()
    off_diagonal = (error.sum() - error.diagonal().sum()) / (C * (C - 1))
    return Equality(float(norms.std(correction=0) / norms.mean()), float(off_diagonal))


def nc3(readout: Array, features: Array, labels: Array) -> float:
    r"""Return :math:`\| A/\|A\|_F - M/\|M\|_F \|_F` with :math:`M = [m_c - m]`.

    Papyan et al., figure 5, plot its square. It runs from 0 (self-dual) to 2 (opposite).

    Parameters
    ----------
    readout : array of shape (p, C)
        A of the logits ``features @ A + bias``.
    features : array of shape (n, ...)
    labels : int array of shape (n,)

    Examples
    --------
    >>> round(nc3(torch.tensor([[3.0, -3.0]]), torch.tensor([[5.0], [3.0]]), torch.arange(2)), 12)
    0.0
    """
    A = as_float64(readout)
    between = _between(_classes(features, labels, A.shape[-1]))
    if A.shape != between.T.shape:
        raise ValueError(
            f"The readout must have shape {tuple(between.T.shape)}, got {tuple(A.shape)}."
        )
    if not A.any():
        raise ValueError("NC3 needs a direction, and the readout is zero.")
    return float((A / A.norm() - between.T / between.norm()).norm())


def nc4(logits: Array, features: Array, labels: Array) -> float:
    """Return the share of samples that the classifier and the nearest class mean put apart.

    Papyan et al., figure 7.

    Parameters
    ----------
    logits : array of shape (n, C)
    features : array of shape (n, ...)
    labels : int array of shape (n,)

    Examples
    --------
    >>> points = torch.tensor([[-1.0], [-3.0], [1.0], [3.0]])
    >>> nc4(torch.cat([2 - points, points - 2], 1), points, torch.tensor([0, 0, 1, 1]))
    0.25
    """
    F = as_float64(logits)
    if F.ndim != 2 or len(F) != len(features):
        raise ValueError(f"Logits must have shape ({len(features)}, C), got {tuple(F.shape)}.")
    nearest = nearest_class_mean(features, class_means(features, labels, F.shape[1]))
    return float((F.argmax(1) != nearest).double().mean())


def ncc_error(features: Array, labels: Array, means: Array | None = None) -> float:
    """Return the error rate, 0 to 1, of the nearest class mean as a classifier.

    Parameters
    ----------
    features : array of shape (n, ...)
    labels : int array of shape (n,)
    means : array of shape (C, p), optional
        `class_means` of other samples; by default of these.

    Examples
    --------
    >>> ncc_error(torch.tensor([[0.0], [1.0], [9.0], [2.0]]), torch.tensor([0, 0, 1, 1]))
    0.25
    """
    M = class_means(features, labels) if means is None else means
    nearest = nearest_class_mean(features, M)
    return float((nearest != as_tensor(labels).to(nearest.device)).double().mean())


def effective_depth(
    layers: Sequence[Array],
    labels: Array,
    threshold: float = 0.01,
    means: Sequence[Array] | None = None,
) -> int | None:
    """Return the first layer, from 1, whose `ncc_error` is at most the threshold, None if none is.

    T. Galanti, L. Galanti, I. Ben-Shaul, *On the implicit bias towards minimal depth of deep
    neural networks*, arXiv 2202.09028, 2022 (abstract read, definition not checked).

    Parameters
    ----------
    layers : sequence of arrays of shape (n, ...)
        Features of every hidden layer, the lowest first.
    labels : int array of shape (n,)
    threshold : float
        Error rate, 0 to 1.
    means : sequence of arrays of shape (C, p), optional
        `class_means` of every layer on other samples.

    Raises
    ------
    ValueError
        If there is no layer, too.

    Examples
    --------
    >>> mixed = torch.tensor([[0.0], [1.0], [9.0], [2.0]])
    >>> parted = torch.tensor([[0.0], [1.0], [9.0], [8.0]])
    >>> effective_depth([mixed, parted, parted], torch.tensor([0, 0, 1, 1]))
    2
    """
    if not len(layers):
        raise ValueError("Depth needs at least one layer of features, got none.")
    given = [None] * len(layers) if means is None else means
    for depth, (features, M) in enumerate(zip(layers, given, strict=True), start=1):
        if ncc_error(features, labels, M) <= threshold:
            return depth
    return None


class _Classes(NamedTuple):
    """Sufficient statistics, relative to one sample: far from zero sums would lose digits."""

    H: Tensor  # (n, p), as given
    y: Tensor  # (n,)
    origin: Tensor  # (p,), the first sample
    means: Tensor  # (C, p), m_c - origin
    mean: Tensor  # (p,), m - origin
    spread: float  # mean_i |h_i - origin|^2


def _classes(features: Array, labels: Array, n_classes: int | None) -> _Classes:
    H, y = as_tensor(features), as_tensor(labels)
    if H.ndim < 2 or y.shape != H.shape[:1] or not len(y):
        raise ValueError(
            f"Features (n, ...) and labels (n,) must share n > 0, "
            f"got shapes {tuple(H.shape)} and {tuple(y.shape)}."
        )
    if y.is_floating_point() or y.is_complex():
        raise ValueError(f"Labels must be integers, got {y.dtype}.")
    H, y = H.flatten(1), y.to(H.device, torch.int64)
    lowest, highest = int(y.min()), int(y.max())
    C = highest + 1 if n_classes is None else n_classes
    if lowest < 0 or highest >= C:
        raise ValueError(f"Labels must be 0 to {C - 1}, got {lowest} to {highest}.")
    counts = torch.bincount(y, minlength=C)
    if not counts.all():
        missing = (counts == 0).nonzero().flatten().tolist()
        raise ValueError(f"Every class needs a sample, got none of {missing} among {C} classes.")
    origin = H[0].double()
    sums, spread = origin.new_zeros(C, H.shape[1]), 0.0
    for h, labels_of_h in zip(torch.split(H, _ROWS), torch.split(y, _ROWS), strict=True):
        h = h.double() - origin
        sums.index_add_(0, labels_of_h, h)
        spread += float(h.square().sum()) / len(y)
    if not math.isfinite(spread):
        raise ValueError("Features must be finite, got NaN or infinity.")
    return _Classes(H, y, origin, sums / counts[:, None], sums.sum(0) / len(y), spread)


def _between(classes: _Classes) -> Tensor:
    """Return m_c - m, shape (C, p)."""
    between = classes.means - classes.mean
    # Sums in another order leave means that coincide some roundings apart, not at zero.
    if len(between) < 2 or float(between.square().sum()) <= 1e-26 * classes.spread:
        raise ValueError("Collapse needs two classes with different means: tr S_B is zero.")
    return between


def _within(classes: _Classes) -> Iterator[Tensor]:
    """Yield h_i - m_{y_i} by blocks of samples."""
    for h, y in zip(torch.split(classes.H, _ROWS), torch.split(classes.y, _ROWS), strict=True):
        yield h.double() - classes.origin - classes.means[y]
