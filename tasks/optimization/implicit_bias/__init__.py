"""Which biases does (S)GD have: towards low rank, flat minima, large margins?

Idea: 10, biases of SGD. SGD with weight decay is biased towards small rank: review other biases,
    such as one towards flat minima, or review arXiv 2210.07082 critically. There is no SGD and no
    weight decay in that paper, and the rank is low: how does that fit?

Papers: Frei, Vardi, Bartlett, Srebro, Hu, Implicit Bias in Leaky ReLU Networks Trained on
    High-Dimensional Data, ICLR 2023, arXiv 2210.07082: on nearly orthogonal data gradient flow
    leads a two-layer network of leaky ReLUs to rank at most 2, and one step of gradient descent
    from a small start is enough to lower the rank. That much stands in its abstract; the theorems
    were not checked against the text. `coherence` is the largest inner product of two samples over
    the smallest squared length. As remembered, and not checked, nearly orthogonal means 3 n
    coherence (R_max / R_min)^2 <= g^3, R the lengths of samples. Without the quotient of lengths,
    which is at least 1, that is `theorem` <= 1.

Question: Which law gives the stable rank after one step and at the end, the sharpness and the
    margin from the settings of a run, and does a law of few dimensions hold in many?

fit: called once with `X`, float64 (n, 12): d/n, coherence, the start's standard deviation times
    sqrt d, the slope g, rate, B/n, rate times weight decay times steps, rate times steps, n, m,
    the stable rank at the start, whether there are two clusters; `Y`, float64 (n, 4): log10 of
    the stable rank of W after one step and at the end, log10 of the sharpness, and the smallest
    margin over the Frobenius norm of W. `known` is all true, `group` each run's own; columns are
    named in `context.facts`.
    Runs: f(x) = sum a_j phi(<w_j, x>), phi(z) = max(g z, z), a_j = +-1/sqrt m fixed, m and n 32
    or 64, logistic loss, data Gaussian with random labels or in two clusters y u + noise with
    |u| = 1/2, of about length 1.
    100 runs with d/n from 0.35 to 4 are shown, 60 with d/n from 4 to 22 are asked for; at smoke
    24 and 16, a tenth as long; at full 800 and 480. No weights and no data are handed out.

predict: called once with `X` (m, 12), shown and unseen runs mixed, and returns `Y`, float (m, 4).
    A part of the rows comes again in other company and must be answered alike.

visible: mean over the four targets of the root mean squared error over the target's standard
    deviation, on the runs that were shown. 1 is their mean.

held-out: the same on the runs of many dimensions, in their own standard deviations: so a target
    that varies little there, as the final rank does, weighs as much as one that varies from 1 to
    40, the rank after one step. The gap is one of extrapolation in d/n.

quality: the held-out error. Ranked are laws whose errors, there and on the runs that were shown,
    are at most 6/5 of the baseline's. A prototype's target was 0.8, chosen before this scale was
    ever evaluated: it is `reaches_target`, shown and not asked for. Speed is shown and not ranked:
    every law answers in milliseconds. Bytes are those of the artifact; below 256 they count as 256.

baseline: ridge regression on logarithms of the settings. References: the same without B/n and
    weight decay; boosted trees; stronger, the rank after one step in closed form, from random
    matrices and without a fit; the theorem read literally, rank 2 at the end of every run; the
    same where the start is small, and the start's rank elsewhere; naive: the mean.

claim: The theorem outside its condition: 'rank 2 at the end' errs less than the mean of what was
    shown. Neither batch nor weight decay is needed for the low rank: a law that is not told them
    errs at most 0.05 more on the final rank. The rank after one step needs no fit: in many
    dimensions the closed form errs at least 0.1 less on it than ridge regression.

extra: errors by target, in its own unit; medians of the stable rank at the start, after one step
    and at the end, for starts below 0.03 and above 0.3; the share of runs whose coherence is below
    1/n; least_theorem, the smallest `theorem` of any run: above 1, no run is where the theorem
    holds; series of answers, of ranks by start, d/n and `theorem`, of sharpness by rate over batch.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harness.vocabulary import (
    Arrays,
    Chart,
    Claim,
    Contrast,
    Exam,
    Metric,
    Scores,
    Size,
    Task,
)
from tasks._data import laws

from .networks import FEATURES, TARGETS, Scale, bank

SCALES: dict[Size, Scale] = {
    "smoke": Scale(24, 16, 0.1),
    "standard": Scale(),
    "full": Scale(800, 480),
}
WITHIN = 1.2
TARGET = 0.8
SMALL, LARGE = 0.03, 0.3
"""Starts that medians are taken of: below and above."""
SHOWN = 200
"""Runs that charts show."""


def make(seed: int, size: Size) -> Exam:
    """Train networks on few and on many dimensions a sample."""
    rng = np.random.default_rng(seed)
    visible, heldout = (bank(rng, SCALES[size], many) for many in (False, True))
    facts = {"features": list(FEATURES), "targets": list(TARGETS)}
    return laws.exam(visible, heldout, rng, facts)


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Compare what is predicted with what came out, target by target."""
    del artifact
    off = laws.errors(exam, outputs)
    seen, true = exam.truth["seen"], exam.truth["Y"]
    extra = _facts(exam)
    scaled = {}
    for part, rows in (("visible", seen), ("heldout", ~seen)):
        scaled[part] = off[rows] / true[rows].std(0)
        for j, target in enumerate(TARGETS):
            extra[f"{target}_{part}"] = laws.rms(off[rows, j])
    visible, heldout = (
        float(np.mean([laws.rms(errors) for errors in scaled[part].T]))
        for part in ("visible", "heldout")
    )
    stderr = [laws.stderr(errors) for errors in scaled["heldout"].T]
    extra["reaches_target"] = float(heldout <= TARGET)
    return Scores(
        visible=visible,
        heldout=heldout,
        quality=heldout,
        stderr=float(np.sqrt(np.square(stderr).sum()) / len(stderr)),
        extra=extra,
        series={"answers": _answers(exam, outputs), "runs": _runs(exam)},
    )


def _facts(exam: Exam) -> dict[str, float]:
    """Return what is true of the runs, whoever is examined."""
    of = dict(zip(FEATURES, exam.inputs["X"].T, strict=True))
    ranks = {
        "start": of["stable_rank_0"],
        "one_step": 10 ** exam.truth["Y"][:, 0],
        "end": 10 ** exam.truth["Y"][:, 1],
    }
    starts = {"small": of["init"] < SMALL, "large": of["init"] > LARGE}
    facts = {
        f"rank_{when}_{which}": float(np.median(rank[rows]))
        for when, rank in ranks.items()
        for which, rows in starts.items()
    }
    return facts | {
        "nearly_orthogonal": float((of["coherence"] < 1 / of["samples"]).mean()),
        "least_theorem": float(_theorem(of).min()),
    }


def _theorem(of: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return 3 n coherence / g^3, at most 1 where data may be nearly orthogonal."""
    far: np.ndarray = 3 * of["samples"] * of["coherence"] / of["slope"] ** 3
    return far


def _answers(exam: Exam, outputs: Arrays) -> Arrays:
    answers = laws.answers(exam, outputs, TARGETS)
    return {name: values[: SHOWN * len(TARGETS)] for name, values in answers.items()}


def _runs(exam: Exam) -> Arrays:
    """Return some runs with their ranks by class, for a phase diagram, and their sharpness."""
    of = dict(zip(FEATURES, exam.inputs["X"][:SHOWN].T, strict=True))
    Y = exam.truth["Y"][:SHOWN]
    names = np.array(["below 1.5", "1.5 to 3", "3 to 10", "above 10"])
    return {
        "dimension_per_sample": of["dimension_per_sample"],
        "init": of["init"],
        "rank_after_one_step": names[np.searchsorted([1.5, 3, 10], 10 ** Y[:, 0])],
        "rank_at_the_end": names[np.searchsorted([1.5, 3, 10], 10 ** Y[:, 1])],
        "theorem": _theorem(of),
        "final_rank": 10 ** Y[:, 1],
        "bound": np.full(len(Y), 2.0),
        "rate_over_batch": of["rate"] / (of["batch_share"] * of["samples"]),
        "sharpness": 10 ** Y[:, 2],
    }


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say by how much the law misses, in many dimensions and on the runs that were shown."""
    words = {"heldout": "in many dimensions", "visible": "on the runs that were shown"}
    return laws.beyond(mine, baseline, WITHIN, words)


TASK = Task(
    name="implicit_bias",
    title="Which biases does (S)GD have: towards low rank, flat minima, large margins?",
    idea=10,
    metric=Metric(
        name="error over standard deviation",
        unit="",
        resolution=0.05,
        target="errors in many dimensions and on shown runs at most 6/5 of the baseline's",
        shortfall=shortfall,
    ),
    make=make,
    score=score,
    axes=("gap", "compression"),
    claims=(
        Claim(
            "'Rank 2 at the end' errs less on the final rank in many dimensions than the mean of "
            "what was shown.",
            Contrast("two", "constant", "log10_stable_rank_heldout"),
        ),
        Claim(
            "Neither batch nor weight decay makes the final rank: a law that is not told them errs "
            "less than 0.05 more in log10.",
            Contrast("blind", "baseline", "log10_stable_rank_heldout", 0.05),
        ),
        Claim(
            "The rank after one step needs no fit: in many dimensions the closed form errs at "
            "least 0.1 less in log10 than ridge regression.",
            Contrast("step", "baseline", "log10_stable_rank_1_heldout", -0.1),
        ),
    ),
    charts=(
        Chart("Predicted and true", "answers", "true", "predicted", "point", "target"),
        Chart("Start and d/n, by rank after one step", "runs", "dimension_per_sample", "init",
              "point", "rank_after_one_step", log_x=True, log_y=True),
        Chart("Start and d/n, by rank at the end", "runs", "dimension_per_sample", "init",
              "point", "rank_at_the_end", log_x=True, log_y=True),
        Chart("Rank at the end by 3 n coherence / g^3; the theorem, at 1 and below, says 2: dashed",
              "runs", "theorem", "final_rank", "point", log_x=True, log_y=True, guide="bound"),
        Chart("Sharpness and rate over batch", "runs", "rate_over_batch", "sharpness", "point",
              log_x=True, log_y=True),
    ),
    seconds={"smoke": 30.0, "standard": 120.0, "full": 600.0},
)  # fmt: skip
