"""A tiny task, learn a linear map, with an honest submission: for tests of the machinery."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from harness import arrays as named
from harness.trial import Item
from harness.vocabulary import Arrays, Exam, Metric, Round, Scores, Size, Submission, Task

N_SAMPLES, N_FEATURES, N_OUTPUTS = 64, 5, 3
NOISE = 0.1
SECRET = "0" * 32

HONEST = '''"""Least squares."""

import numpy as np


def fit(train, context):
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
'''
NAUGHTY = "def fit(train, context):\n    {body}\n\n\ndef predict(artifact, inputs):\n    {body}\n"
"""A submission whose two functions do `body`."""


def make(seed: int, size: Size, facts: Mapping[str, Any] | None = None) -> Exam:
    """Draw `Y = X W + noise`; the first half of the cases is seen in `fit`."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((2 * N_SAMPLES, N_FEATURES))
    Y = X @ rng.standard_normal((N_FEATURES, N_OUTPUTS))
    Y += NOISE * rng.standard_normal(Y.shape)
    train = {"X": X[:N_SAMPLES], "Y": Y[:N_SAMPLES]}
    return Exam(train, {"X": X}, {"Y": Y}, facts or {"n_outputs": N_OUTPUTS})


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Return mean squared errors; `won` is what a submission says of its own attack."""
    won = max(
        (float(np.max(held["won"])) for held in (artifact, outputs) if "won" in held), default=0.0
    )
    answer = {name: array for name, array in outputs.items() if name != "won"}
    named.require(answer, {"Y": exam.truth["Y"].shape}, "predict")
    error = (answer["Y"] - exam.truth["Y"]) ** 2
    visible, heldout = error[:N_SAMPLES].mean(), error[N_SAMPLES:].mean()
    return Scores(float(visible), float(heldout), float(heldout), extra={"won": won})


TASK = Task(
    name="tiny",
    title="Learn a linear map",
    idea=1,
    metric=Metric("squared error", "", NOISE**2, "none", lambda numbers, baseline: ""),
    make=make,
    score=score,
)


def submission(
    folder: Path, text: str = HONEST, name: str = "honest", division: str = "open"
) -> Submission:
    """Write a submission's module into `folder` and describe it."""
    path = folder / f"{name}.py"
    path.write_text(text)
    source = hashlib.sha256(f"{path.name}\0{len(text.encode())}\0{text}".encode()).hexdigest()
    return Submission(name, "tiny", name, str(path), source, division, 0)


def item(mine: Submission, pacer: Submission | None = None, seed: int = 0) -> Item:
    """Return the trial of a submission in a round of the tiny task."""
    sources = {entry.name: entry.source for entry in (mine, pacer) if entry is not None}
    round = Round("round", "tiny", 1, "smoke", (seed,), sources, SECRET, {}, "2026-01-01T00:00:00")
    return Item(round, mine, pacer, seed)
