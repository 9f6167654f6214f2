"""The task's side of a descent: it owns the data, answers with gradients, counts and remembers.

It does not know how a step is taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from harness import arrays as named
from harness.kernels.mlp import MLP, forward, gradient
from harness.kernels.neural_collapse import nc1
from harness.vocabulary import Arrays, Refused

Track = Literal["updates", "samples"]
TRACKS: tuple[Track, ...] = ("updates", "samples")
LARGEST = 1e4
"""No weight may be larger in absolute value."""
MOST_KEPT, MOST_BYTES_KEPT = 300, 64 << 20
"""Of the last iterates, whichever is less: the end of a run is measured, not its last moment."""
N_DRAWN = 8
"""Iterates that are drawn out of the end of a run and measured beside the last one."""
NO_COLLAPSE, FULL_COLLAPSE = 3.0, -6.0
"""log10 NC1 of a layer whose class means coincide, and the least that is told from rounding."""


@dataclass(frozen=True)
class Data:
    """Inputs, their labels, and what the network is to say."""

    X: np.ndarray  # (n, d) float32
    y: np.ndarray  # (n,) int64
    n_classes: int

    @property
    def Y(self) -> np.ndarray:  # noqa: N802 - a matrix
        """One-hot labels less 1 / C, float32 (n, C)."""
        onehot: np.ndarray = np.eye(self.n_classes)[self.y] - 1 / self.n_classes
        return onehot.astype(np.float32)


class Oracle:
    """Loss and gradients on the data, counted against the budget of a track.

    What is asked is an iterate. The end of the run is kept: the last tenth of the iterates, so
    that one good moment on the way counts for nothing.
    """

    def __init__(
        self,
        data: Data,
        start: Arrays,
        track: Track,
        budget: int,
        rng: np.random.Generator,
        any_batch: bool,
        tell: Callable[[int, int, list[np.ndarray]], None],
    ) -> None:
        self.data, self.start, self.track, self.budget = data, start, track, budget
        self.any_batch = any_batch
        self.n_updates = self.n_samples = 0
        self._rng, self._tell, self._Y = rng, tell, data.Y
        self._shapes = {name: W.shape for name, W in start.items()}
        self._order = np.empty(0, np.int64)
        n_bytes = sum(W.nbytes for W in start.values())
        kept = max(N_DRAWN, min(MOST_KEPT, MOST_BYTES_KEPT // n_bytes))
        self.largest_step = 0.0
        """Of all updates and layers, the change over the norm before it."""
        self._kept: deque[list[np.ndarray]] = deque(maxlen=kept)
        self._told = {0, *np.geomspace(1, max(budget - 1, 1), 20).astype(int).tolist()}

    def __call__(self, question: Arrays) -> Arrays:
        """Answer weights with {loss, and a gradient under each name}; 'batch' where it is free.

        Raises
        ------
        Refused
            Wrong names or shapes, a batch in the full-batch division, a first question that is
            not the start, the budget is spent, weights too large, or an answer that is not finite.
        """
        question = dict(question)
        batch = self._batch(question.pop("batch", None))
        named.require(question, self._shapes, "oracle")
        bounded(question, "oracle")
        weights = [question[name].astype(np.float32) for name in self.start]
        if not self.n_updates and not all(
            np.array_equal(W, self.start[name]) for W, name in zip(weights, self.start, strict=True)
        ):
            raise Refused("oracle: the first question must be the weights that `train` holds.")
        self.n_updates += 1
        self.n_samples += batch
        spent = self.n_updates if self.track == "updates" else self.n_samples
        if spent > self.budget:
            raise Refused(
                f"oracle: this run may take {self.budget:,} {self.track} and no more; count them, "
                "context.facts['budget'] is the limit and context.facts['track'] its unit."
            )
        if self.n_updates - 1 in self._told:
            self._tell(self.n_updates - 1, self.n_samples - batch, weights)
        self.moved(weights)
        self._kept.append(weights)
        rows = self._rows(batch)
        with np.errstate(over="ignore", invalid="ignore"):  # said below, in words
            found = gradient(MLP(weights), self.data.X[rows], self._Y[rows])
        answer = dict(zip(self.start, found.weights, strict=True))
        answer["loss"] = np.array(found.loss, np.float32)
        if not all(np.isfinite(array).all() for array in answer.values()):
            raise Refused(
                f"oracle: the loss or its gradient is not finite after {self.n_updates - 1} "
                "updates: the training diverged, take smaller steps."
            )
        return answer

    def moved(self, weights: list[np.ndarray]) -> None:
        """Note how far the latest iterate was left behind."""
        for W, V in zip(weights, self._kept[-1], strict=True) if self._kept else ():
            before = float(np.linalg.norm(V))
            step = float(np.linalg.norm(W - V)) / before if before else 0.0
            self.largest_step = max(self.largest_step, step)

    def end(self, last: Arrays, rng: np.random.Generator) -> Arrays:
        """Return iterates drawn from the last tenth, in their order, and the last one behind."""
        tenth = list(self._kept)[-max(1, self.n_updates // 10) :] if self.n_updates else []
        drawn = np.sort(rng.permutation(len(tenth))[:N_DRAWN])
        iterates = [tenth[k] for k in drawn] + [[last[name] for name in self.start]]
        return {
            name: np.stack([weights[k] for weights in iterates]).astype(np.float32)
            for k, name in enumerate(self.start)
        }

    def _batch(self, batch: np.ndarray | None) -> int:
        n = len(self.data.y)
        if batch is None:
            return n
        if not self.any_batch:
            raise Refused(
                "oracle['batch'] is not wanted in the full-batch division: every answer is "
                "about all samples."
            )
        whole = batch.ndim == 0 and batch.dtype.kind in "iu"
        if not whole or not 1 <= int(batch) <= n:
            got = batch if batch.ndim == 0 else f"an array of shape {batch.shape}"
            raise Refused(f"oracle['batch'] must be one integer from 1 to {n}, got {got}.")
        return int(batch)

    def _rows(self, batch: int) -> np.ndarray | slice:
        """Return the next rows of a shuffled pass; a pass that is too short is left unfinished."""
        n = len(self.data.y)
        if batch == n:
            return slice(None)
        if len(self._order) < batch:
            self._order = self._rng.permutation(n)
        rows, self._order = self._order[:batch], self._order[batch:]
        return rows


def bounded(weights: Arrays, what: str) -> None:
    """Refuse weights beyond `LARGEST`."""
    for name, W in weights.items():
        if W.size and np.abs(W).max() > LARGEST:
            raise Refused(
                f"{what}[{name!r}] must stay within {LARGEST:.0f} in absolute value, got "
                f"{np.abs(W).max():.3g}: the training diverged, take smaller steps."
            )


def collapse(weights: list[np.ndarray], data: Data) -> tuple[np.ndarray, np.ndarray]:
    """Return log10 NC1 of every hidden layer, and the network's output."""
    passed = forward(MLP(weights), data.X)
    return np.array([_log_nc1(h, data) for h in passed.h[1:]]), passed.output


def _log_nc1(h: np.ndarray, data: Data) -> float:
    try:
        value = nc1(h, data.y, data.n_classes)
    except ValueError:  # the class means coincide, as in a dead layer
        return NO_COLLAPSE
    return float(np.clip(np.log10(max(value, 1e-300)), FULL_COLLAPSE, NO_COLLAPSE))


def error(output: np.ndarray, data: Data) -> float:
    """Return the percentage of samples that the largest output puts into a wrong class."""
    return 100 * float((output.argmax(1) != data.y).mean())
