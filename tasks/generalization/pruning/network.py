"""The fixed network: its format, and how much of it matters.

A network is arrays W0 (m_0, m_1), b0 (m_1,), W1 and so on, rectified between the layers. It is
rounded to half precision before anything is measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch

from harness import arrays as named
from harness.kernels.code_length import code_bytes
from harness.kernels.gibbs_error import outputs
from harness.kernels.mlp import forward
from harness.kernels.sgd import train
from harness.vocabulary import Arrays, Refused

LARGEST = 1e4
"""Of any weight, in absolute value."""
SHARES = np.geomspace(1, 0.01, 41)
"""Of weights that are kept, the largest."""
RATE, BATCH, EPOCHS, DECAY = 0.2, 50, 75, 5e-3
"""Of the examiner's own network."""
AGREEMENT = 0.99
"""Of predictions: what hardly matters may change one in a hundred."""


def keep(arrays: Arrays, widths: Sequence[int], what: str) -> Arrays:
    """Check a network; return it in half precision, in the order of its layers."""
    shapes: dict[str, tuple[int | None, ...]] = {}
    for layer, (m, k) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        shapes |= {f"W{layer}": (m, k), f"b{layer}": (k,)}
    named.require(arrays, shapes, what)
    for name, array in arrays.items():
        if not np.abs(array).max() <= LARGEST:
            raise Refused(
                f"{what}[{name!r}] must be at most {LARGEST:g} in absolute value, "
                f"got {np.abs(array).max():g}."
            )
    return {name: arrays[name].astype(np.float16) for name in shapes}


def n_bytes(net: Arrays) -> int:
    """Return the bytes of a network's code."""
    return code_bytes(net.values())


def said(net: Arrays, X: np.ndarray) -> np.ndarray:
    """Return what a network says of samples (n, m_0): (n, m_L)."""
    weights = [net[name] for name in net]
    w = torch.from_numpy(np.concatenate([a.ravel() for a in weights]).astype(np.float32))
    widths = [len(X[0]), *(len(a) for a in weights[1::2])]
    return np.asarray(outputs(w[None], torch.from_numpy(X)[None], widths)[0].numpy())


def sizes(net: Arrays) -> np.ndarray:
    """Return the absolute values of all weights, biases left out, the largest first."""
    flat = np.concatenate([net[name].ravel() for name in net if name.startswith("W")])
    return -np.sort(-np.abs(flat.astype(np.float64)))


def thinned(net: Arrays, threshold: float) -> Arrays:
    """Return a network without the weights that are smaller; biases stay."""
    return {
        name: np.where(np.abs(a) < threshold, np.float16(0), a) if name.startswith("W") else a
        for name, a in net.items()
    }


def yardstick(seen: Arrays, fresh: Arrays, widths: Sequence[int], seed: int) -> float:
    """Return the error on fresh samples of a dense network that the examiner trains."""
    Y = np.eye(widths[-1], dtype=np.float32)[seen["y"]]
    one = train(
        _with_ones(seen["X"]),
        Y,
        [widths[0] + 1, *widths[1:]],
        rate=RATE,
        n_steps=EPOCHS * len(Y) // BATCH,
        seed=seed,
        batch=BATCH,
        weight_decay=DECAY,
        loss="cross_entropy",
    ).net
    calls = forward(one, _with_ones(fresh["X"])).output.argmax(1)
    return float(np.mean(calls != fresh["y"]))


def _with_ones(X: np.ndarray) -> np.ndarray:
    """Return samples with a column of ones, for biases."""
    return np.hstack([X, np.ones((len(X), 1), X.dtype)])


class Thinning(NamedTuple):
    """A network without its smallest weights."""

    threshold: float
    share: float
    """Of the weights, what is left and not zero."""
    agreement: float
    """Share of samples that are still called the same."""
    calls: np.ndarray  # (n,), what each is called


def thinnings(net: Arrays, X: np.ndarray) -> Iterator[Thinning]:
    """Yield a network with ever fewer weights, as `SHARES` has it."""
    ordered = sizes(net)
    calls = said(net, X).argmax(1)
    tiny = float(np.finfo(np.float16).smallest_subnormal)
    for share in SHARES:
        threshold = max(float(ordered[math.ceil(share * len(ordered)) - 1]), tiny)
        there = said(thinned(net, threshold), X).argmax(1)
        kept = float(np.mean(ordered >= threshold))
        yield Thinning(threshold, kept, float(np.mean(there == calls)), there)


def support(found: Sequence[Thinning]) -> Thinning:
    """Return the thinnest network that, with every thicker one, keeps to the predictions."""
    last = found[0]
    for one in found:
        if one.agreement < AGREEMENT:
            break
        last = one
    return last


def moved(net: Arrays, other: Arrays, X: np.ndarray) -> tuple[float, float]:
    r"""Return how far two networks are apart, and a bound on that: means over samples, relative.

    Both are in units of the mean norm of what the first says. The bound, for equal biases, is

    .. math::
        D_l = \|W'_l\| D_{l-1} + \|W_l - W'_l\| H_{l-1}, \quad
        H_l = \|W_l\| H_{l-1} + |b_l|, \quad D_0 = 0, \; H_0 = |x|,

    with spectral norms. It is the perturbation bound of B. Neyshabur, S. Bhojanapalli, N. Srebro,
    *A PAC-Bayesian Approach to Spectrally-Normalized Margin Bounds*, ICLR 2018, Lemma 2 (not
    checked against the source), before it is simplified, and with biases.
    """
    mine, theirs = said(net, X), said(other, X)
    unit = max(float(np.linalg.norm(mine, axis=1).mean()), 1e-12)
    H = np.linalg.norm(X.astype(np.float64), axis=1)
    D = np.zeros_like(H)
    for layer in range(len(net) // 2):
        W, V = (a[f"W{layer}"].astype(np.float64) for a in (net, other))
        D = np.linalg.norm(V, 2) * D + np.linalg.norm(W - V, 2) * H
        H = np.linalg.norm(W, 2) * H + np.linalg.norm(net[f"b{layer}"].astype(np.float64))
    return float(np.linalg.norm(mine - theirs, axis=1).mean()) / unit, float(D.mean()) / unit
