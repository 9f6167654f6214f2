"""Which minima does SGD leave?

Idea: 12, SGD and its noise at minima. With more noise at local minima and less degenerate global
    ones, SGD would leave the former and end near the latter. What tells whether it leaves?

Papers: Poggio, Cooper, CBMM Memo 107, 2020. Wu, Ma, E, How SGD Selects the Global Minima in
    Over-parameterized Learning, NeurIPS 2018: a minimum is left where it is not stable, eta h > 2
    with one sample as with all, whatever its depth. Not checked against the texts.

Question: From which properties of a minimum can it be predicted how often SGD leaves it: loss,
    noise of the gradients, curvature, soft directions, the height of a pass to another minimum?
    And does a law that was found at one weight decay hold at a smaller one?

fit: called once with `X`, float64 (n, 7), properties of n minima; `Y`, float64 (n, 1), the share of
    16 runs of SGD that leave each; `known`, all true, and `group`, a number a problem. Columns are
    named in `context.facts`: `log_lambda` of the weight decay, `log_loss`, `log_noise` (tr C, the
    variance of one sample's gradient), `log_trace` and `log_top` of the Hessian (its trace, its
    largest eigenvalue h), all log10; `soft`, the number of its eigenvalues below 10 lambda; and
    `log_barrier`, log10 of the height of the lowest straight pass to another minimum that the task
    knows, units exchanged as is nearest: a bound from above on the true one.
    Problems are those of `minima_noise`: W2 tanh(W1 x), 3 Gaussian features and ones, h = 5, n =
    16, labels +-1, P = 25. Saddle-free Newton finds their minima from 40 starts; of 8, from the
    lowest to the highest, SGD tries to get away: 1500 updates of batch 2 at rate 0.3, then
    saddle-free Newton steps to rest; it has left where the loss there is another by more than
    1e-4. 12 problems of lambda 1e-3 are shown, 8 of lambda 1e-4 are asked for. At smoke 4 and 3,
    h = 3, n = 8 and 4 minima each; at full 48 and 32, 4 features, h = 17 and n = 96 (P = 102),
    which needs no data set and hours, and was not run. No weights are handed out.

predict: called once with `X` (m, 7), minima of both kinds of problems mixed, and returns `Y`, float
    (m, 1). A part of the rows comes again in other company and must be answered alike.

visible: root mean squared error of the share that leaves, on the minima that were shown.

held-out: the same at the tenfold smaller weight decay. So the gap is one of extrapolation.

quality: the held-out error. Ranked are laws whose errors, there and on what was shown, are at most
    6/5 of the baseline's; who errs on purpose on rows that it recognizes closes the gap and misses
    the other. Speed is shown and not ranked: every law answers in milliseconds. Bytes are those of
    the artifact, what a law had to take from the runs; below 256 they count as 256, so laws of few
    numbers tie.

baseline: logistic regression with a ridge on loss / lambda, noise / lambda^2, trace, h and soft
    directions, what is known of the point alone. The powers are those of small lambda: where the
    gradient vanishes, residuals are in proportion to lambda, and the curvature has a limit.
    References: loss / lambda and trace; loss / lambda alone; noise / lambda^2 alone; trace and h;
    the baseline and the pass; the same properties as they are, without units; boosted trees;
    two theories in which nothing is fitted: a minimum is left where eta h > 2, and where SGD stays
    eta tr C / (4 B) above it in a quadratic bowl, more than the pass is high; naive: the mean.

claim: A law that is told a pass to another minimum predicts better than the same law of the point
    alone. Noise, curvature and soft directions say more than the loss. Curvature says more than
    noise. In units of weight decay a law holds at a smaller one, without them it does not.

extra: facts of the runs, whoever is examined: share, the mean share that leaves; share_lowest,
    from the lowest minimum of a problem; share_stable and share_unstable, from those of eta h up
    to 2 and above, and `unstable`, how many those are; spearman_loss, _noise, _top, _soft and
    _barrier, rank correlations with the share within a problem, mean over problems; `floor`, the
    held-out error that 16 runs leave a law that knows every probability. Over five exams 0.76 of
    the runs left minima of eta h above 2, 0.35 those below and 0.26 the lowest of a problem; more
    soft directions went with fewer that leave. Series of answers.

    A task of its own and no division of `minima_noise`: that board counts minima found, and an
    error of laws would stand there under another name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from harness.vocabulary import Arrays, Chart, Claim, Contrast, Exam, Metric, Scores, Size, Task
from tasks._data import laws, minima, runs
from tasks._data.laws import Bank


@dataclass(frozen=True)
class Scale:
    """How many problems are shown and asked for, of which shape, and how many minima of each."""

    shown: int = 12
    asked: int = 8
    shape: tuple[int, int, int] = (3, 5, 16)
    """Features without the column of ones, h, n."""
    starts: int = 40
    most: int = 8


SCALES: dict[Size, Scale] = {
    "smoke": Scale(4, 3, (3, 3, 8), 20, 4),
    "standard": Scale(),
    "full": Scale(48, 32, (4, 17, 96)),
}
SHOWN, ASKED = 1e-3, 1e-4
"""Weight decay."""
FEATURES = (
    "log_lambda", "log_loss", "log_noise", "log_trace", "log_top", "soft", "log_barrier",
)  # fmt: skip
TARGETS = ("share",)
TENDENCIES = ("loss", "noise", "top", "soft", "barrier")
LEAST, MOST = 1e-12, 1e3
"""Of what a logarithm is taken; a minimum that is alone has a pass of the latter."""
STABLE = 2.0
"""Largest eta h at which a quadratic minimum holds a run."""
WITHIN = 1.2


def make(seed: int, size: Size) -> Exam:
    """Draw problems, find their minima and let SGD try to leave some."""
    rng = np.random.default_rng(seed)
    scale = SCALES[size]
    visible, heldout = bank(rng, scale, scale.shown, SHOWN), bank(rng, scale, scale.asked, ASKED)
    facts = {
        "features": list(FEATURES),
        "targets": list(TARGETS),
        "rate": minima.RATE,
        "batch": minima.BATCH,
        "updates": minima.N_UPDATES,
        "runs": minima.N_RUNS,
    }
    exam = laws.exam(visible, heldout, rng, facts)
    problem = np.concatenate([visible.group, len(visible) + heldout.group])[exam.truth["row"]]
    return Exam(exam.train, exam.inputs, exam.truth | {"problem": problem}, facts)


def bank(rng: np.random.Generator, scale: Scale, n_problems: int, lam: float) -> Bank:
    """Return a row a minimum."""
    d, h, n = scale.shape
    shape = {"d": d, "h": h, "n": n, "starts": scale.starts, "most": scale.most, "lam": lam}
    seeds = rng.integers(2**32, size=n_problems).tolist()
    found = runs.runs([{"seed": seed, **shape} for seed in seeds], leave)
    problem, at = np.nonzero(np.isfinite(found["share"]))
    Y = found["share"][problem, at][:, None]
    return Bank(found["features"][problem, at], Y, np.ones_like(Y, dtype=bool), problem)


def leave(
    seed: int, d: int, h: int, n: int, lam: float, starts: int, most: int
) -> dict[str, np.ndarray]:
    """Return `features` (most, 7) and `share` (most,) of a problem's minima; NaN for too few."""
    rng = np.random.default_rng(seed)
    landscape = minima.draw((d, h, n), lam, rng)
    found = minima.pool(landscape, starts, rng)
    rows = minima.spread(found, most)
    some = minima.measure(landscape, found.points[rows])
    barrier = minima.barriers(landscape, found, rows)
    features, share = np.full((most, len(FEATURES)), np.nan), np.full(most, np.nan)
    of_points = (some.loss, some.noise, some.trace, some.top)
    logs = [np.log10(np.clip(values, LEAST, MOST)) for values in (*of_points, barrier)]
    decay = np.full(len(rows), np.log10(lam))
    features[: len(rows)] = np.column_stack([decay, *logs[:-1], some.soft, logs[-1]])
    share[: len(rows)] = minima.escape(landscape, some, rng)
    return {"features": features, "share": share}


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Compare predicted shares with those of the runs, at both weight decays."""
    del artifact
    off = laws.errors(exam, outputs)[:, 0]
    seen = exam.truth["seen"]
    of = dict(zip(FEATURES, exam.inputs["X"].T, strict=True))
    unrest = minima.unrest(10 ** of["log_noise"])
    told = {
        "eta_h": eta_h(of),
        "log_ratio": of["log_barrier"] - np.log10(np.maximum(unrest, LEAST)),
        "log_loss": of["log_loss"] - of["log_lambda"],
        "log_noise": of["log_noise"] - 2 * of["log_lambda"],
        "soft": of["soft"],
        "decay": np.where(seen, f"lambda {SHOWN:g}", f"lambda {ASKED:g}"),
    }
    visible, heldout = laws.rms(off[seen]), laws.rms(off[~seen])
    return Scores(
        visible=visible,
        heldout=heldout,
        quality=heldout,
        stderr=laws.stderr(off[~seen], exam.truth["problem"][~seen]),
        extra=_facts_of_runs(exam, of),
        series={"answers": laws.answers(exam, outputs, TARGETS, **told)},
    )


def eta_h(of: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the rate times the largest eigenvalue of the Hessian."""
    return minima.RATE * 10 ** of["log_top"]


def _facts_of_runs(exam: Exam, of: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return what goes with leaving, and what no law can know."""
    share, problem = exam.truth["Y"][:, 0], exam.truth["problem"]
    lowest: list[float] = []
    ranks: dict[str, list[float]] = {name: [] for name in TENDENCIES}
    for p in np.unique(problem):
        own = problem == p
        lowest.append(float(share[own][np.argmin(of["log_loss"][own])]))
        for name in TENDENCIES:
            values = of[name if name == "soft" else f"log_{name}"][own]
            if own.sum() > 2 and np.ptp(values) > 0 and np.ptp(share[own]) > 0:
                ranks[name].append(float(spearmanr(values, share[own]).statistic))
    unstable = eta_h(of) > STABLE
    chance = share[~exam.truth["seen"]]
    return {
        "share": float(share.mean()),
        "share_lowest": _mean(np.array(lowest)),
        "share_stable": _mean(share[~unstable]),
        "share_unstable": _mean(share[unstable]),
        "unstable": float(unstable.mean()),
        **{f"spearman_{name}": _mean(np.array(values)) for name, values in ranks.items()},
        "floor": float(np.sqrt(np.mean(chance * (1 - chance)) / (minima.N_RUNS - 1))),
    }


def _mean(values: np.ndarray) -> float:
    """Return the mean; 0 of none."""
    return float(values.mean()) if len(values) else 0.0


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say by how much the law misses, at the smaller weight decay and at the one it knows."""
    words = {"heldout": "at the smaller weight decay", "visible": "on the minima shown"}
    return laws.beyond(mine, baseline, WITHIN, words)


TASK = Task(
    name="minima_escape",
    title="Which minima does SGD leave?",
    idea=12,
    metric=Metric(
        name="error of the share that leaves",
        unit="",
        resolution=0.02,
        target="errors at the smaller weight decay and on the minima shown at most 6/5 of the "
        "baseline's",
        shortfall=shortfall,
    ),
    make=make,
    score=score,
    axes=("gap", "compression"),
    claims=(
        Claim(
            "A law that is told a pass to another minimum predicts better than the same law of "
            "the point alone.",
            Contrast("barrier", "baseline"),
        ),
        Claim(
            "Noise, curvature and soft directions of the point say more than its loss alone.",
            Contrast("baseline", "loss"),
        ),
        Claim(
            "The curvature of the point says more than its noise.",
            Contrast("curvature", "noise"),
        ),
        Claim(
            "In units of weight decay a law holds better at a smaller one than without them.",
            Contrast("baseline", "raw"),
        ),
    ),
    charts=(
        Chart("Predicted and true share that leaves", "answers", "true", "predicted", "point",
              "decay", guide="true"),
        Chart("Leaving and stability, eta h", "answers", "eta_h", "true", "point", "decay",
              log_x=True),
        Chart("Leaving and log10 of the pass over the unrest of SGD", "answers", "log_ratio",
              "true", "point", "decay"),
        Chart("Leaving and log10 of loss / lambda", "answers", "log_loss", "true", "point",
              "decay"),
        Chart("Leaving and log10 of noise / lambda^2", "answers", "log_noise", "true", "point",
              "decay"),
        Chart("Leaving and soft directions", "answers", "soft", "true", "point", "decay"),
    ),
    seconds={"smoke": 30.0, "standard": 120.0, "full": 3600.0},
)  # fmt: skip
