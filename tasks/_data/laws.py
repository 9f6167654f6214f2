"""Laws of training: what was measured of many runs, half of it shown, and a law's errors on both.

A bank holds runs that the task itself has trained, a row for every prediction that is asked for.
`fit` gets the rows of one bank; `predict` gets the features of these and of another bank, drawn
from other settings, shuffled: what it answers is a law where it holds beyond the runs that it has
seen. Runs of one network share a group, so that a submission can validate on whole groups. No
weights and no data are handed out: a law is a function of a run's settings and of what was
measured at its start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.arrays import require
from harness.vocabulary import Arrays, Exam, Facts, Refused

LARGEST = 1e6
"""Of any answer: beyond it squares of errors say nothing."""


@dataclass(frozen=True)
class Bank:
    """Rows of features and of what came out."""

    features: np.ndarray  # (n, p) float64
    targets: np.ndarray  # (n, q) float64
    known: np.ndarray  # (n, q) bool; False: the truth is at least the target, no more was seen
    group: np.ndarray  # (n,) int64

    def __len__(self) -> int:
        return len(self.features)


def exam(visible: Bank, heldout: Bank, rng: np.random.Generator, facts: Facts) -> Exam:
    """Return the exam in which a law is found on one bank and asked on both.

    Parameters
    ----------
    visible, heldout
        Of equal columns. Groups are numbered anew.
    rng
        Shuffles the rows of `train`, whole groups together, and those of `inputs`, all of them.
    facts
        'features' and 'targets', the columns' names, and what else everybody may know.

    Returns
    -------
    Exam
        train: X (n, p), Y (n, q), known (n, q), group (n,). inputs: X (m, p). truth: Y (m, q),
        known (m, q), seen (m,), the rows of `train` among the questions, and row (m,), each
        question's row of the visible bank followed by the held-out one.
    """
    groups, index = np.unique(visible.group, return_inverse=True)
    group = rng.permutation(len(groups))[index]
    order = np.argsort(group, kind="stable")
    row = rng.permutation(len(visible) + len(heldout))
    both = {
        name: np.concatenate([getattr(bank, name) for bank in (visible, heldout)])[row]
        for name in ("features", "targets", "known")
    }
    return Exam(
        train={
            "X": visible.features[order],
            "Y": visible.targets[order],
            "known": visible.known[order],
            "group": group[order],
        },
        inputs={"X": both["features"]},
        truth={
            "Y": both["targets"],
            "known": both["known"],
            "seen": row < len(visible),
            "row": row,
        },
        facts=facts,
    )


def errors(exam: Exam, outputs: Arrays) -> np.ndarray:
    """Return predicted minus true, (m, q); at most 0 where the truth may be larger than is known.

    Raises
    ------
    Refused
        `outputs` is not {'Y': float (m, q)}, or an answer is larger than `LARGEST`.
    """
    truth = exam.truth["Y"]
    require(outputs, {"Y": truth.shape}, "predict")
    answers = outputs["Y"].astype(np.float64)
    largest = float(np.abs(answers).max(initial=0.0))
    if largest > LARGEST:
        raise Refused(f"predict['Y'] must be within {LARGEST:g}, got {largest:.3g}.")
    off = answers - truth
    return np.where(exam.truth["known"], off, np.minimum(off, 0))


def rms(off: np.ndarray) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(off))))


def stderr(off: np.ndarray, group: np.ndarray | None = None) -> float:
    """Return the standard error of `rms` over independent rows, to first order.

    With `group`, each row's, groups are independent and their rows are not.
    """
    squares = np.square(off)
    if group is not None:
        squares = np.array([squares[group == one].mean() for one in np.unique(group)])
    mean = squares.mean()
    if len(squares) < 2 or mean == 0:
        return 0.0
    return float(squares.std(ddof=1) / np.sqrt(len(squares)) / (2 * np.sqrt(mean)))


def answers(exam: Exam, outputs: Arrays, targets: Sequence[str], **told: np.ndarray) -> Arrays:
    """Return one row a known question and target for charts of what was predicted.

    Columns: target, true, predicted, error (predicted less true), part ('seen' or 'held-out'), and
    those of `told`, which have a value a question.
    """
    row, target = np.nonzero(exam.truth["known"])
    true = exam.truth["Y"][row, target]
    predicted = outputs["Y"].astype(np.float64)[row, target]
    return {
        "target": np.array(targets)[target],
        "true": true,
        "predicted": predicted,
        "error": predicted - true,
        "part": np.where(exam.truth["seen"], "seen", "held-out")[row],
        **{name: values[row] for name, values in told.items()},
    }


def beyond(
    mine: Mapping[str, float],
    baseline: Mapping[str, float],
    within: float,
    words: Mapping[str, str],
) -> str:
    """Say which errors are more than `within` times the baseline's; '' where none is.

    Parameters
    ----------
    words
        The number's name -> what the error is of.
    """
    return "; ".join(
        f"error {of} {mine[name]:.3g}, wanted at most {within * baseline[name]:.3g}"
        for name, of in words.items()
        if mine[name] > within * baseline[name]
    )
