"""Is SGD's noise larger, and the landscape flatter, at local than at global minima?

Idea: 12, SGD and its noise at minima. (a) The noise is larger at local than at global minima; (b)
    local minima are more degenerate; together they would let SGD end near global ones.

Papers: Poggio, Cooper, CBMM Memo 107, 2020: SGD can rest only where the gradient of every sample's
    loss vanishes, so at interpolating global minima the noise is 0 and (a) is trivial; with weight
    decay it is a question. Safran, Shamir, ICML 2018, arXiv 1712.08968: spurious minima are
    common. Not checked against the texts.

Question: Find all minima of a small regularized network. Is tr C, the variance of one sample's
    gradient, larger at those of higher loss, and has the Hessian more soft directions there?

fit: called once a problem, in a fresh process each time: X (n, d) with a column of ones, Y (n, 1)
    and c (P,), all equal to lambda, float64; `context.facts` has `hidden` (h), `activation`
    'tanh', `regularizer` 'additive' and `weight` 1 / n. The point theta is W1 (h, d), row by row,
    and then W2 (1, h), P = h (d + 1), and

        loss = 1 / (2 n) sum_n (W2 tanh(W1 x_n) - y_n)^2 + lambda / 2 |theta|^2.

    It returns `points` (K, P), floats of any precision, K at most 512; a polish of 5 Newton steps
    follows. `seen/0/X` and so on, with `seen/0/points`, are the visible problem of the same lambda
    with the minima of the task's own pool. 3 Gaussian features and the ones, h = 5, n = 16, P =
    25, labels +-1 at random, lambda 1e-4 (`weak`) or 1e-3 (`strong`), one problem visible and two
    held out of each. At smoke h = 3, n = 8, lambda 1e-3. At full 4 features, h = 17 and n = 96
    (P = 102), which needs no data set and hours, and was not run.

predict: never called. The points are the answer, and the task certifies them.

visible: share of the pool's minima missed in the problems that are handed out with them. A minimum
    has, after the polish, a gradient of at most 1e-8, no eigenvalue below -1e-7 and weights of at
    most 1000; two points of equal loss and equal outputs (to 1e-4) are one, which takes care of
    hidden units that change places or signs.

held-out: the same in the other problems. Nothing is learned, so the gap of whoever does not look
    the minima up has mean zero: it is shown, and not ranked, as its rank would be luck.

quality: the share of the pool found in the held-out problems. The pool is what saddle-free Newton
    finds from 400 Gaussian starts, drawn and run with the exam; halves of such a pool shared half
    to three quarters of their minima, so it is a sample of all minima that favours wide basins, as
    every search does. Ranked are submissions that find at least 7/10 of what the baseline finds. A
    prototype's target of 0.5 became this ratio, as 60 starts find a quarter of this pool and 240
    about half.

    Compression compares bytes a minimum in the held-out problems: the compressed points, and 8 P
    bytes for each minimum of the pool that is missed, over the number of minima in the pool or
    found.

baseline: saddle-free Newton steps from 60 Gaussian starts. References: 240 starts, in 16 bits; SGD
    (batch 2, rate 0.3, 1500 updates) and then the same steps, beside gradient descent at as many
    updates and at as many samples; the lowest minimum of the baseline alone; naive: plain gradient
    descent, 5000 steps.

claim: (a) The lowest minimum has less noise than the mean of all that the baseline finds. (b) It
    has fewer soft directions. And their consequence: SGD comes to rest at lower loss than gradient
    descent from the same starts, at as many updates and at as many samples.

extra: log_noise, soft, excess (loss above the pool's lowest), means over what was sent in held-out
    problems, duplicates counted once but for excess; spearman_noise and spearman_soft of what was
    found with the loss; noisier, the share of local minima with more noise than every global one
    (within 1e-5 of the best); noise_record, the largest noise of a global over that of a local
    minimum, above 1 a counterexample to (a), and soft_record, the most soft directions that a
    global minimum has more than a local one, above 0 one to (b), both at least 0; escape_low and
    escape_high, the share of 16 such SGD runs that leave the lowest and the highest minimum of the
    pool; beyond_pool; uncertified; bytes_per_minimum; series of minima and of escape, with the
    height of the lowest straight pass to another minimum of the pool, over the loss at which SGD
    stays above a quadratic minimum. Laws of that share are `minima_escape`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from harness import arrays as named
from harness.kernels import critical_points
from harness.vocabulary import (
    Arrays,
    Chart,
    Claim,
    Contrast,
    Exam,
    Fit,
    Metric,
    Scores,
    Size,
    Task,
)
from tasks._data import landscapes, minima, searches
from tasks._data.landscapes import Landscape
from tasks._data.minima import Minima
from tasks._data.searches import N_VISIBLE, is_seen, landscape_of, told
from tasks._data.series import columns

LAMBDAS: dict[Size, dict[str, float]] = {
    "smoke": {"strong": 1e-3},
    "standard": {"weak": 1e-4, "strong": 1e-3},
    "full": {"weak": 1e-4, "strong": 1e-3},
}
SHAPES: dict[Size, tuple[int, int, int]] = {
    "smoke": (3, 3, 8),
    "standard": (3, 5, 16),
    "full": (4, 17, 96),
}
"""Features without the column of ones, h, n; a bias is one more."""
N_POOL: dict[Size, int] = {"smoke": 100, "standard": 400, "full": 400}
N_HELDOUT = 2
N_ESCAPED = 6
"""Minima of a problem that SGD tries to leave."""
MOST_POINTS = 512
GLOBAL = 1e-5
"""Loss above the best known that a global minimum may have."""


def make(seed: int, size: Size) -> Exam:
    """Draw problems, find their pools, and let SGD try to leave some minima of each.

    The truth holds the keys of a pool, '<lambda>/<number>/keys', and '<...>/escape', a row a
    minimum: loss, noise, soft, trace, top, barrier, escape.
    """
    rng = np.random.default_rng(seed)
    train: Arrays = {}
    truth: Arrays = {}
    problems: dict[str, dict[str, Any]] = {}
    for name, lam in LAMBDAS[size].items():
        for number in range(N_VISIBLE + N_HELDOUT):
            own, cell = minima.draw(SHAPES[size], lam, rng), f"{name}/{number}"
            train |= {f"{cell}/{array}": values for array, values in own.arrays().items()}
            found = minima.pool(own, N_POOL[size], rng)
            truth[f"{cell}/keys"] = found.keys
            if number < N_VISIBLE:
                train[f"{cell}/points"] = found.points
            else:
                truth[f"{cell}/escape"] = _escapes(own, found, rng)
            problems[cell] = told(own)
    return Exam(train, {}, truth, {"size": size, "problems": problems})


def _escapes(landscape: Landscape, found: Minima, rng: np.random.Generator) -> np.ndarray:
    """Return a row for each of some minima, from the lowest to the highest."""
    rows = minima.spread(found, N_ESCAPED)
    barrier = minima.barriers(landscape, found, rows)
    some = minima.measure(landscape, found.points[rows])
    left = minima.escape(landscape, some, rng)
    measured = (some.loss, some.noise, some.soft, some.trace, some.top)
    return np.column_stack([*measured, barrier, left])


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Call `fit` once a problem, with the visible ones of its lambda."""
    return searches.teach(exam, fit, _points)


def ask(exam: Exam, artifact: Arrays, predict: Any) -> Arrays:
    """Answer nothing: the points are the artifact, and `score` certifies them."""
    return {}


def _points(arrays: Arrays, landscape: Landscape, cell: str) -> np.ndarray:
    """Return a problem's points, or refuse them."""
    named.require(arrays, {"points": (None, landscape.net.size)}, f"fit ({cell})")
    return searches.points(arrays, cell, MOST_POINTS)


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Certify the points of every problem, count the minima and measure them."""
    del outputs
    cells: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    answers: list[tuple[Arrays, int, int, int]] = []
    beyond = uncertified = 0
    excess: list[float] = []
    for cell, arrays in searches.answers(exam, artifact).items():
        own = landscape_of(exam, cell)
        sent = _points(arrays, own, cell)
        polished = critical_points.polish(own.expand, sent, largest=landscapes.LARGEST)
        good = minima.is_minimum(own, polished)
        found, keys = minima.measure(own, polished), exam.truth[f"{cell}/keys"]
        best = min(keys[:, 0].min(), found.loss.min(initial=np.inf))
        beyond += int((~landscapes.matched(found.keys, keys)).sum())
        uncertified += int((~good).sum())
        cells.append(
            {
                "lambda": cell.split("/")[0],
                "seen": is_seen(cell),
                "recall": float(landscapes.matched(keys, found.keys).mean()),
                "pool": len(keys),
                "found": len(found.loss),
                "sent": len(sent),
            }
        )
        if not is_seen(cell):
            missed = int((~landscapes.matched(keys, found.keys)).sum())
            answers.append(({cell: arrays["points"]}, len(found.loss), missed, own.net.size))
            excess += (own.expand(polished[good]).value - keys[:, 0].min()).tolist()
        for number in range(len(found.loss)):
            rows.append(
                {
                    "lambda": cell.split("/")[0],
                    "cell": cell,
                    "loss": float(found.loss[number]),
                    "noise": float(found.noise[number]),
                    "soft": int(found.soft[number]),
                    "trace": float(found.trace[number]),
                    "top": float(found.top[number]),
                    "global": bool(found.loss[number] <= best + GLOBAL),
                }
            )
    parts = [
        float(np.mean([row["recall"] for row in cells if row["seen"] is seen]))
        for seen in (True, False)
    ]
    held_out = [row for row in rows if not is_seen(row["cell"])]
    extra = {
        **_tendencies(held_out),
        "excess": float(np.mean(excess)) if excess else 1.0,
        **_escape_numbers(exam),
        "beyond_pool": float(beyond),
        "uncertified": float(uncertified),
        "minima": float(len(rows)),
        "bytes_per_minimum": landscapes.bytes_each(answers),
    }
    for name in dict.fromkeys(row["lambda"] for row in cells):
        own_cells = [row for row in cells if row["lambda"] == name and not row["seen"]]
        extra[f"recall_{name}"] = float(np.mean([row["recall"] for row in own_cells]))
    series = {"cells": columns(cells), "escape": _escape_columns(exam)}
    if rows:
        series["minima"] = columns(rows)
    return Scores(
        visible=1 - parts[0], heldout=1 - parts[1], quality=parts[1], extra=extra, series=series
    )


def _tendencies(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Return how noise and soft directions go with the loss, problem by problem, then the mean."""
    found: dict[str, list[float]] = {
        name: [] for name in ("log_noise", "soft", "spearman_noise", "spearman_soft", "noisier")
    }
    records = {"noise_record": 0.0, "soft_record": 0.0}
    for cell in dict.fromkeys(row["cell"] for row in rows):
        own = columns([row for row in rows if row["cell"] == cell])
        loss, noise, soft, low = own["loss"], own["noise"], own["soft"], own["global"]
        found["log_noise"].append(float(np.log10(np.maximum(noise, 1e-300)).mean()))
        found["soft"].append(float(soft.mean()))
        for name, values in (("noise", noise), ("soft", soft)):
            varies = len(loss) > 2 and np.ptp(values) > 0
            if varies:
                found[f"spearman_{name}"].append(float(spearmanr(loss, values).statistic))
        if low.any() and not low.all():
            found["noisier"].append(float((noise[~low] > noise[low].max()).mean()))
            records["noise_record"] = max(
                records["noise_record"], float(noise[low].max() / noise[~low].min())
            )
            records["soft_record"] = max(
                records["soft_record"], float(soft[low].max() - soft[~low].min())
            )
    return {name: float(np.mean(values)) if values else 0.0 for name, values in found.items()} | (
        records
    )


def _escape_columns(exam: Exam) -> Arrays:
    names = ("loss", "noise", "soft", "trace", "top", "barrier", "escape")
    cells = [name.removesuffix("/escape") for name in exam.truth if name.endswith("/escape")]
    tables = [exam.truth[f"{cell}/escape"] for cell in cells]
    of = dict(zip(names, np.concatenate(tables).T, strict=True))
    labels = [cell.split("/")[0] for cell in cells]
    ratio = of["barrier"] / minima.unrest(of["noise"])
    return {"lambda": np.repeat(labels, [len(table) for table in tables]), **of, "ratio": ratio}


def _escape_numbers(exam: Exam) -> dict[str, float]:
    tables = [table for name, table in exam.truth.items() if name.endswith("/escape")]
    return {
        "escape_low": float(np.mean([table[0, -1] for table in tables])),
        "escape_high": float(np.mean([table[-1, -1] for table in tables])),
    }


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say whether too few minima were found, relative to the baseline."""
    least = 0.7 * baseline["quality"]
    if mine["quality"] >= least - 1e-9:
        return ""
    return f"found {mine['quality']:.3g} of the pool's minima, wanted at least {least:.3g}"


TASK = Task(
    name="minima_noise",
    title="Is SGD's noise larger, and the landscape flatter, at local than at global minima?",
    idea=12,
    metric=Metric(
        name="minima found",
        unit="",
        resolution=0.05,
        target="at least 7/10 of the share of the pool that the baseline finds",
        shortfall=shortfall,
        lower_is_better=False,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="fit",
    axes=("compression", "speed"),
    counts="bytes_per_minimum",
    claims=(
        Claim(
            "(a) The lowest minimum has less noise than the mean of all minima found.",
            Contrast("lowest", "baseline", "log_noise"),
        ),
        Claim(
            "(b) The lowest minimum has fewer soft directions than the mean of all minima found.",
            Contrast("lowest", "baseline", "soft"),
        ),
        Claim(
            "At as many updates SGD comes to rest at lower loss than gradient descent.",
            Contrast("sgd", "gradient_updates", "excess"),
        ),
        Claim(
            "At as many samples SGD comes to rest at lower loss than gradient descent.",
            Contrast("sgd", "gradient_samples", "excess"),
        ),
    ),
    charts=(
        Chart("Noise and loss of the minima found", "minima", "loss", "noise", "point", "lambda",
              False, True),
        Chart("Soft directions and loss", "minima", "loss", "soft", "point", "lambda"),
        Chart("Share of SGD runs that leave a minimum", "escape", "loss", "escape", "point",
              "lambda"),
        Chart("Leaving and noise", "escape", "noise", "escape", "point", "lambda", True),
        Chart("Leaving and the barrier over the unrest of SGD", "escape", "ratio", "escape",
              "point", "lambda", True),
        Chart("Minima found", "cells", "pool", "recall", "point", "lambda"),
    ),
    seconds={"smoke": 30.0, "standard": 120.0, "full": 3600.0},
)  # fmt: skip
