"""Cells of an exam that are learned and asked apart: the rungs of a ladder of sample sizes.

A cell is named 'family/n', its arrays 'family/n/x'. Cells come in a drawn order, so that nothing
is told by the place of one, and `fit` and `predict` are called once a cell, each time in a process
that knows no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from harness import arrays as named
from harness.trial import ask_again
from harness.vocabulary import Arrays, Exam, Fit, Predict

Cell = tuple[Arrays, Arrays, Arrays]
"""What `fit` sees of a cell, what `predict` is asked and what is true of that."""


def lay(drawn: Mapping[str, Cell], rng: np.random.Generator) -> Cell:
    """Return `train`, `inputs` and `truth` of all cells, which are shuffled.

    `truth` has 'again' beside the cells: what chooses the questions that `ask` asks again.
    """
    whole: Cell = ({}, {}, {"again": rng.integers(2**32, size=4)})
    for cell in rng.permutation(sorted(drawn)).tolist():
        for part, arrays in zip(whole, drawn[cell], strict=True):
            part |= {f"{cell}/{name}": array for name, array in arrays.items()}
    return whole


def cells(exam: Exam) -> list[str]:
    """Return the names of an exam's cells in their order, of `train` where nothing is asked."""
    names = exam.inputs or exam.train
    return list(dict.fromkeys(name.rpartition("/")[0] for name in names))


def learn(exam: Exam, fit: Fit, told: Mapping[str, Mapping[str, Any]] | None = None) -> Arrays:
    """Call `fit` once a cell, and tell each the facts that `told` has for it beside the exam's."""
    artifact: Arrays = {}
    for cell in cells(exam):
        learned = fit(named.part(exam.train, cell), (told or {}).get(cell))
        artifact |= {f"{cell}/{name}": array for name, array in learned.items()}
    return artifact


def ask(exam: Exam, artifact: Arrays, predict: Predict) -> Arrays:
    """Ask every cell's questions in one call, and some of them again in another process.

    Raises
    ------
    Refused
        An answer is not {'y': (m,)}, or depends on the company of its question.
    """
    rng = np.random.default_rng(exam.truth["again"])
    outputs: Arrays = {}
    for cell in cells(exam):
        inputs = named.part(exam.inputs, cell)
        answers = predict(inputs, cell)
        named.require(answers, {"y": (len(next(iter(inputs.values()))),)}, "predict")
        ask_again(inputs, answers, partial(predict, part=cell), rng)
        outputs[f"{cell}/y"] = answers["y"]
    return outputs
