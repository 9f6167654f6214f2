r"""A zoo: networks of many shapes on drawn data sets, all trained to the end, with their gaps.

Every network of a grid is trained on every data set by stochastic gradient descent with momentum,
a warm-up, a cosine, and a gradient that is cut to a length of at most 2. Networks of one shape and
batch train together, whatever their data set, weight decay and left-out fold: parameters have a
leading axis, so that a step costs its calls once. A network stops when its mean loss over an epoch
is below 0.02, and then costs nothing more.

The data are patterns in noise (`motif`) of classes that a secret seed draws. What was trained is
kept on disk (`runs`), a file a shape. The same seed gives the same networks on the same machine;
on another one sums round otherwise, and training makes much of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, relu

from harness.vocabulary import Arrays
from tasks._data import runs
from tasks._data.motif import LENGTH, SIGNAL, motifs

N_CLASSES = 4
JITTER = 3
"""Places by which a pattern may be moved."""
N_SAMPLES = 400
N_PLACES = SIGNAL - LENGTH + 1
"""Of a local or convolutional layer's window."""
KINDS = ("dense", "local", "conv")
"""Of the first layer: a matrix, a filter a place, one filter for all places."""
GRIDS = ("dense", "struct")
DECAYS = (0.0, 2e-3, 8e-3)
RATES = {16: 0.015, 64: 0.03}
"""Of a batch."""
FACTORS = {"kind": KINDS, "width": None, "depth": None, "rank": None, "batch": None, "decay": None}
"""What networks differ in -> words for its values, None for numbers."""
MOMENTUM = 0.9
WARM_UP = 40
LAST_RATE = 0.05
"""Of the first rate, at the end of the cosine."""
LONGEST = 2.0
"""Of a network's gradient."""
DONE = 0.02
"""Mean loss of an epoch at which a network stops."""
CHUNK = 2000
"""Fresh samples that are in memory at a time."""

Net = dict[str, Tensor]
"""Weights W{l} or U{l} and V{l}, and b{l}, of many networks: every one has a leading axis."""


@dataclass(frozen=True)
class Shape:
    """What networks that train together have in common."""

    kind: str
    width: int
    depth: int
    """Hidden layers."""
    rank: int
    """Of every hidden matrix, as a product of two; 0 for full."""
    batch: int

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the values of all `FACTORS` but the weight decay."""
        return KINDS.index(self.kind), self.width, self.depth, self.rank, self.batch

    def arrays(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every weight of one network, by name."""
        found: dict[str, tuple[int, ...]] = {}
        fan_in = SIGNAL
        for layer in range(self.depth + 1):
            out = self.width if layer < self.depth else N_CLASSES
            if layer == 0 and self.kind != "dense":
                found["W0"] = (N_PLACES if self.kind == "local" else 1, LENGTH, out)
            elif self.rank and layer < self.depth:
                found |= {f"U{layer}": (fan_in, self.rank), f"V{layer}": (self.rank, out)}
            else:
                found[f"W{layer}"] = (fan_in, out)
            found[f"b{layer}"] = (out,)
            fan_in = out
        return found


def grid(name: str, small: bool = False) -> list[Shape]:
    """Return the shapes of a grid; each of them is trained with every weight decay.

    'dense' has dense networks of full and of low rank, 'struct' dense, local and convolutional
    ones; a small one is what has the least width, full rank and the larger batch.
    """
    if name == "dense":
        axes: list[tuple[Any, ...]] = [("dense",), (32, 128), (1, 2, 3), (0, 6), (16, 64)]
    else:
        axes = [KINDS, (16, 48), (2, 3), (0,), (16, 64)]
    if small:
        axes = [axes[0], axes[1][:1], axes[2], (0,), (64,)]
    return [Shape(*values) for values in itertools.product(*axes)]


@dataclass(frozen=True, eq=False)
class Data:
    """A drawn data set and fresh samples of the same distribution."""

    x: np.ndarray  # (n, SIGNAL) float32
    y: np.ndarray  # (n,) int64
    fresh_x: np.ndarray
    fresh_y: np.ndarray


def draw(seed: int, n_fresh: int) -> Data:
    """Draw the patterns, the samples and the fresh ones of a data set."""
    rng = np.random.default_rng(seed)
    distribution = motifs(rng, N_CLASSES, JITTER)
    return Data(*distribution.draw(rng, N_SAMPLES), *distribution.draw(rng, n_fresh))


def trained(
    shapes: Sequence[Shape],
    seeds: Sequence[int],
    n_steps: int,
    n_fresh: int,
    n_folds: int = 0,
) -> list[Arrays]:
    """Return the networks of every shape, on every data set and with every weight decay.

    Parameters
    ----------
    shapes
        Of a grid.
    seeds
        Of the data sets.
    n_steps
        At most, of each network.
    n_fresh
        Fresh samples for the error of each.
    n_folds
        If above 0, each network is trained again without each fold of its samples, from the same
        start and in the same order.

    Returns
    -------
    A dict a shape, whose arrays have a row a network: the weights by name; data, its data set's
    place; decay; train_error and test_error. With folds, in place of the weights, full (n, C) and
    reps (n_folds, n, C), the outputs on all samples of the network of all samples and of those that
    miss a fold, and fold (n,), each sample's.
    """
    found = []
    for shape in shapes:
        recipe = {
            **vars(shape), "seeds": list(seeds), "n_steps": n_steps, "n_fresh": n_fresh,
            "n_folds": n_folds,
        }  # fmt: skip
        rows = runs.runs([recipe], group)
        found.append({name: values[0] for name, values in rows.items()})
    return found


def group(seeds: list[int], n_steps: int, n_fresh: int, n_folds: int, **of: Any) -> Arrays:
    """Train the networks of one shape, as `trained` says, and measure each."""
    shape = Shape(**of)
    sets = [draw(seed, n_fresh) for seed in seeds]
    which = np.repeat(np.arange(len(sets)), len(DECAYS))
    decay = np.tile(DECAYS, len(sets))
    starts = [start(shape, np.random.default_rng([seeds[k], *shape.numbers, 0])) for k in which]
    nets = {name: torch.stack([one[name] for one in starts]) for name in starts[0]}
    fold = [np.random.default_rng([seed, 1]).permutation(N_SAMPLES) % max(1, n_folds)
            for seed in seeds]  # fmt: skip
    copies = n_folds + 1
    here = np.repeat(which, copies)
    nets = {name: values.repeat_interleave(copies, 0) for name, values in nets.items()}
    kept = np.ones((len(here), N_SAMPLES), np.float32)
    for k in range(n_folds):  # the first copy is the one that sees all
        kept[1 + k :: copies] = np.stack([fold[data] != k for data in which])
    X, y = (torch.from_numpy(np.stack([getattr(one, name) for one in sets])) for name in "xy")
    order = np.random.default_rng(shape.numbers)  # a network's batches are those of its shape
    descend(
        nets, X[here], y[here], torch.from_numpy(kept), np.repeat(decay, copies), shape.batch,
        n_steps, order,
    )  # fmt: skip
    with torch.no_grad():
        logits = forward(nets, X[here])
    wrong = (logits.argmax(2) != y[here]).float().mean(1).numpy()
    measured = {
        "data": which,
        "decay": decay,
        "train_error": wrong[::copies].astype(np.float64),
        "test_error": _errors({name: values[::copies] for name, values in nets.items()}, which,
                              sets),
    }  # fmt: skip
    if n_folds:
        outputs = logits.numpy().reshape(len(which), copies, N_SAMPLES, N_CLASSES)
        return measured | {
            "full": outputs[:, 0],
            "reps": outputs[:, 1:],
            "fold": np.stack(fold)[which],
        }
    return measured | {name: values.numpy() for name, values in nets.items()}


def _errors(nets: Net, which: np.ndarray, sets: Sequence[Data]) -> np.ndarray:
    """Return every network's share of wrong answers on fresh samples of its data set."""
    found = np.zeros(len(which))
    with torch.no_grad():
        for k, data in enumerate(sets):
            mine = np.flatnonzero(which == k)
            some = {name: values[mine] for name, values in nets.items()}
            x, y = torch.from_numpy(data.fresh_x), torch.from_numpy(data.fresh_y)
            for first in range(0, len(y), CHUNK):
                part = x[first : first + CHUNK].expand(len(mine), -1, -1)
                answers = forward(some, part).argmax(2)
                found[mine] += (answers != y[first : first + CHUNK]).sum(1).numpy() / len(y)
    return found


# ---------------------------------------------------------------------------------------------


def start(shape: Shape, rng: np.random.Generator) -> Net:
    """Draw one network: weights of variance 2 / fan-in, a product of two likewise, no bias."""
    net = {}
    for name, size in shape.arrays().items():
        if name[0] == "b":
            net[name] = torch.zeros(size)
            continue
        # Of U V it is V that doubles: U keeps the size of what it reads.
        variance = (1 if name[0] == "U" else 2) / size[-2]
        values = rng.standard_normal(size) * np.sqrt(variance)
        net[name] = torch.from_numpy(values.astype(np.float32))
    return net


def forward(nets: Mapping[str, Tensor], X: Tensor) -> Tensor:
    """Return the outputs (R, n, C) of R networks for X (R, n, SIGNAL)."""
    depth = sum(name[0] == "b" for name in nets) - 1
    h = X
    for layer in range(depth + 1):
        W = nets.get(f"W{layer}")
        if W is None:
            z = torch.bmm(torch.bmm(h, nets[f"U{layer}"]), nets[f"V{layer}"])
        elif W.ndim == 4:
            z = _largest(W, h)
        else:
            z = torch.bmm(h, W)
        z = z + nets[f"b{layer}"][:, None]
        h = relu(z) if layer < depth else z
    return h


def _largest(W: Tensor, X: Tensor) -> Tensor:
    """Return the largest response over places, (R, n, width), of filters (R, 1 or P, k, width)."""
    R, n, _ = X.shape
    windows = X.unfold(2, W.shape[2], 1)  # (R, n, P, k)
    P = windows.shape[2]
    if W.shape[1] == 1:
        flat = torch.bmm(windows.reshape(R, n * P, -1), W[:, 0])
        return flat.view(R, n, P, -1).max(2).values
    by_place = windows.transpose(1, 2).reshape(R * P, n, -1)
    return torch.bmm(by_place, W.flatten(0, 1)).view(R, P, n, -1).max(1).values


def descend(
    nets: Net,
    X: Tensor,
    y: Tensor,
    kept: Tensor,
    decay: np.ndarray,
    batch: int,
    n_steps: int,
    rng: np.random.Generator,
) -> None:
    """Train R networks in place, each until it is done.

    Parameters
    ----------
    nets
        As `start` draws them, stacked.
    X, y : (R, n, SIGNAL) and (R, n)
        Every network's samples.
    kept : (R, n)
        1 for a sample that a network sees, 0 for one that it does not: a batch is averaged over
        the former, and the others stand in it unseen.
    decay : (R,)
        Of all weights and no biases.
    rng
        Draws the order of samples, anew each epoch and for all networks alike.
    """
    names = list(nets)
    own = {name: nets[name].clone() for name in names}
    place = torch.arange(len(X))
    shrink = torch.from_numpy(decay).float()
    speed = {name: torch.zeros_like(values) for name, values in own.items()}
    per_epoch = X.shape[1] // batch
    taken = 0
    while taken < n_steps and len(place):
        order = torch.from_numpy(rng.permutation(X.shape[1]))
        steps = min(per_epoch, n_steps - taken)
        total = torch.zeros(len(place))
        for step in range(steps):
            rows = order[step * batch : (step + 1) * batch]
            rate = RATES[batch] * _schedule(taken + step, n_steps)
            total += _step(own, speed, X[:, rows], y[:, rows], kept[:, rows], shrink, rate)
        taken += steps
        going = total / steps >= DONE
        if taken == n_steps:
            going[:] = False
        if not going.all():
            for name in names:
                nets[name][place[~going]] = own[name][~going]
            own, speed = ({n: v[going] for n, v in part.items()} for part in (own, speed))
            X, y, kept, shrink, place = (part[going] for part in (X, y, kept, shrink, place))


def _schedule(step: int, n_steps: int) -> float:
    cosine = (1 + np.cos(np.pi * step / n_steps)) / 2
    return float(min(1, (step + 1) / WARM_UP) * (LAST_RATE + (1 - LAST_RATE) * cosine))


def _step(
    own: Net, speed: Net, X: Tensor, y: Tensor, kept: Tensor, shrink: Tensor, rate: float
) -> Tensor:
    """Take one step of every network and return its losses."""
    leaves = {name: values.requires_grad_() for name, values in own.items()}
    logits = forward(leaves, X)
    each = cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none").view(y.shape)
    losses = (each * kept).sum(1) / kept.sum(1).clamp(min=1)
    gradients = torch.autograd.grad(losses.sum(), list(leaves.values()))
    length = torch.stack([g.flatten(1).square().sum(1) for g in gradients]).sum(0).sqrt()
    scale = (LONGEST / length.clamp(min=1e-12)).clamp(max=1)
    with torch.no_grad():
        for (name, values), g in zip(own.items(), gradients, strict=True):
            values.requires_grad_(False)
            wide = (-1, *(1,) * (g.ndim - 1))
            g = g * scale.view(wide)
            if name[0] != "b":
                g += shrink.view(wide) * values
            speed[name].mul_(MOMENTUM).add_(g)
            values.sub_(speed[name], alpha=rate)
    return losses.detach()
