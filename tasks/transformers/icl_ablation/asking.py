"""How an edit is asked for across the wall: a row a question, shuffled, some of them again.

A row of scores comes sorted and rounded, without its sequence, its place or its query; a key comes
as its length alone. Sums over rows are never told, so a state of the whole sequence is out of
reach; who keeps one between calls is found out by a process that was not there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from harness import arrays as named
from harness import trial
from harness.vocabulary import Arrays, Predict, Refused

from .edits import Edit

KINDS = {"row": "log_divisor", "key": "log_weight"}
"""Kind of question -> the name of its answer."""
GRID = 64
"""Of a unit of score: exact scores would be a table in which tokens can be looked up."""
LARGEST = 1e4
"""Of an answer, beyond which it is cut."""
AGAIN = 64
"""Questions of each call that may be asked again."""


class Asking:
    """An edit that lives behind the wall, and what it answered."""

    def __init__(self, predict: Predict, rng: np.random.Generator) -> None:
        self.answers: Arrays = {}
        """`row{l}` and `key{l}`, float32 (n, H, L), to what each layer was given last."""
        self._predict, self._rng = predict, rng
        self._given: dict[int, tuple[Tensor, Tensor]] = {}
        self._asked: dict[str, list[tuple[Arrays, Arrays]]] = {kind: [] for kind in KINDS}

    def edit(self, layer: int, scores: Tensor, norms: Tensor) -> tuple[Tensor, Tensor]:
        """Ask for one layer's edit, an `Edit`; not again where a layer is given the same."""
        before = self._given.get(layer)
        if before is None or not all(map(torch.equal, before, (scores, norms))):
            self._given[layer] = scores, norms
            self._ask(layer, scores, norms)
        return replayed(self.answers)(layer, scores, norms)

    def _ask(self, layer: int, scores: Tensor, norms: Tensor) -> None:
        shape = norms.shape
        _, heads, length = shape
        of = {
            "layer": np.full(norms.numel(), layer),
            "head": np.broadcast_to(np.arange(heads)[:, None], shape).reshape(-1),
        }
        ordered = -np.sort(-np.round(scores.flatten(0, 2).numpy() * GRID) / GRID)
        n = np.broadcast_to(np.arange(1, length + 1), shape).reshape(-1)
        rows = self._answers("row", {"scores": ordered, "n": n, **of})
        keys = self._answers("key", {"norm": norms.flatten().numpy(), **of})
        self.answers |= {f"row{layer}": rows.reshape(shape), f"key{layer}": keys.reshape(shape)}

    def _answers(self, kind: str, questions: Arrays) -> np.ndarray:
        m = len(questions["head"])
        turn = self._rng.permutation(m)
        asked = {name: of[turn] for name, of in questions.items()}
        found = self._predict(asked)
        self._asked[kind].append((_few(asked), _few(found)))
        answers = np.zeros(m, np.float32)
        if found:
            named.require(found, {KINDS[kind]: (m,)}, "predict")
            answers[turn] = found[KINDS[kind]].clip(-LARGEST, LARGEST)
        if kind == "key":
            _rises_or_falls(questions, answers)
        return answers

    def ask_again(self, predict: Callable[[Arrays], Arrays]) -> None:
        """Ask some questions of all calls once more, in other company.

        Raises
        ------
        Refused
            Answers differ, or some calls were answered and others not.
        """
        for kind, asked in self._asked.items():
            questions = [question for question, _ in asked]
            answers = [answer for _, answer in asked]
            if not any(answers):
                continue
            if not all(answers):
                raise Refused(
                    f"predict must answer with {KINDS[kind]!r} always or never, got "
                    f"{sum(map(bool, answers))} of {len(answers)} times."
                )
            whole = {name: np.concatenate([of[name] for of in questions]) for name in questions[0]}
            told = {KINDS[kind]: np.concatenate([of[KINDS[kind]] for of in answers])}
            trial.ask_again(whole, told, predict, self._rng)


def _few(arrays: Arrays) -> Arrays:
    """Return the first rows: questions are shuffled."""
    return {name: of[:AGAIN] for name, of in arrays.items()}


def replayed(answers: Arrays) -> Edit:
    """Return the edit that was answered; zeros where nothing was."""

    def edit(layer: int, scores: Tensor, norms: Tensor) -> tuple[Tensor, Tensor]:
        row, key = (answers.get(f"{kind}{layer}") for kind in KINDS)
        if row is None or key is None:
            return torch.zeros_like(norms), torch.zeros_like(norms)
        return torch.from_numpy(row), torch.from_numpy(key)

    return edit


def _rises_or_falls(questions: Arrays, answers: np.ndarray) -> None:
    """Refuse weights of keys that go up and down with the norm: a table of tokens would."""
    for head in np.unique(questions["head"]):
        own = questions["head"] == head
        order = np.lexsort((answers[own], questions["norm"][own]))
        steps = np.diff(answers[own][order])
        slack = 1e-5 * (1 + np.abs(answers[own]).max())
        if (steps > slack).any() and (steps < -slack).any():
            raise Refused(
                "predict['log_weight'] must rise or fall with the norm in each head, got both in "
                f"layer {questions['layer'][0]}, head {head}."
            )
