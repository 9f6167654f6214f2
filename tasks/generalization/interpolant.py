"""Is the interpolant of least norm the most stable one, whatever the loss?

Idea: 20, stability of interpolating machines. For the square loss, among the interpolants of a
    kernel, that of least norm minimizes a bound on the leave-one-out stability. The idea asks
    whether this extends to other losses, such as the hinge: there the machines of zero loss are a
    polytope and no affine space. Which of them is the most stable?

Papers: Rangamani, Rosasco, Poggio, For Interpolating Kernel Machines, Minimizing the Norm of the
    ERM Solution Minimizes Stability, CBMM memo 108, arXiv 2006.15522. Vapnik, Chapelle, Bounds on
    Error Expectation for Support Vector Machines, Neural Computation 12 (2000). Neither was checked
    against the text.

Question: Which rule, from features, labels and a loss to an interpolating w, has the smallest
    expected leave-one-out loss? With zero loss on the sample, CV_loo stability is the expected loss
    on a sample of the machine that was taught the others. That sample is independent of these, so
    it is the expected loss of a machine of n - 1 samples on a fresh one, and measured as such.

fit: called once for each draw and loss, in a fresh process, with float64 `phi` (n, p) and `y` (n,),
    +1 or -1; `context.facts` has `loss`: with m = y w.phi, `square` (m - 1)^2, `hinge`
    max(0, 1 - m), `squared_hinge` its square, `eps_insensitive` max(0, |m - 1| - `epsilon`), which
    is 0.5. It returns float `w` (p,). A loss above 1e-6 on any sample is refused: that is no
    interpolant. Every call is one at n - 1, here 79 samples, p = 400. Twenty draws: patterns in
    noise of two classes, drawn anew, in random features of a Gaussian kernel (12), a Laplace kernel
    (4) and a layer of ReLUs (4). At smoke three draws; at full ten pairs of classes of CIFAR-10 in
    averages over 8 x 8 pixels, 499 samples, 4018 features of a neural tangent kernel, fresh ones
    being the other pictures: no figure was measured there.

predict: never called. The task evaluates w.

visible: mean loss on the samples, 0 up to what is tolerated.

held-out: mean loss on 20000 fresh samples of a draw, relative to that of the interpolant of least
    norm for the same loss and draw; the geometric mean over draws and square, hinge and squared
    hinge. So the gap is the stability, by construction. The eps-insensitive loss is asked
    and shown, and does not count, as the target is one for the other three.

quality: the same. Ranked are submissions of at most 1.25 times the baseline's; the prototype's 1.25
    is kept, and what it is relative to is the baseline of the same exam. Its standard error is that
    over draws. Compression says nothing here, all w have p numbers, so it is shown and not ranked.
    Clock: processor time of `fit`.

baseline: the least norm: the pseudo-inverse for the square loss, else the least-distance problem
    (for both hinges the hard-margin machine). References: `anchored`, the interpolant nearest to a
    multiple of a ridge solution, and `least_squares`, that of the square loss for all; L1 norm; the
    least norm in the metric of the covariance; 1.5 times the least norm. Naive: `noise` of twice
    the norm, from the null space of phi.

claim: The least norm is more stable than least norm with noise, for each loss; than L1 for the
    square loss and for the hinge; and than the interpolant of least squares for the hinge. Against
    the idea: for the hinge, and for the squared hinge, an anchored interpolant is more stable, and
    for the hinge so is a multiple of the least norm: this stability is not free of scale.

extra: by loss, the ratio of held-out losses; by kind of features, the same over the losses that
    count; norm (of w, relative to the least) and norm_bound, R^2 |w|^2 / n, for the hinge; error,
    percent of wrong signs, and error_ratio: the 0-1 stability, which has no scale. Of one more draw
    of n samples, hinge loss: loo, the mean over left-out samples with its standard error,
    loo_fresh, the same machines on fresh ones, and for the machine of least norm loo_span, by the
    span rule from one fit, and loo_bound, R^2 |w|^2 / n, which bounds its loo if all are left out.
    Series: all cells, the segment from the least norm to w and beyond, leave-one-out margins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness import arrays as named
from harness.kernels.hard_margin import hard_margin
from harness.kernels.loo_residuals import loo_residuals
from harness.vocabulary import (
    Arrays,
    Chart,
    Claim,
    Contrast,
    Exam,
    Fit,
    Metric,
    Refused,
    Scores,
    Size,
    Task,
)
from tasks import _data
from tasks._data.features import FAMILIES, Features, draw_features
from tasks._data.motif import motifs
from tasks._data.series import columns

EPSILON = 0.5
TOLERANCE = 1e-6
"""Of the loss on a sample that is interpolated."""
LOSSES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "square": lambda m: (m - 1) ** 2,
    "hinge": lambda m: np.maximum(0, 1 - m),
    "squared_hinge": lambda m: np.maximum(0, 1 - m) ** 2,
    "eps_insensitive": lambda m: np.maximum(0, np.abs(m - 1) - EPSILON),
}
"""Of m = y f(x)."""
TUBES = {
    "square": (1.0, 0.0),
    "hinge": (1.0, np.inf),
    "squared_hinge": (1.0, np.inf),
    "eps_insensitive": (1 - EPSILON, 2 * EPSILON / (1 - EPSILON)),
}
"""Where the loss is zero: the least m, and how much more it may be, in units of that."""
RANKED = ("square", "hinge", "squared_hinge")
LEFT_OUT = "hinge"
"""The loss of the machines that leave one sample out."""
LEAST = 1e-9
"""No mean loss counts as smaller."""
FACTOR = 1.25
STEPS = np.linspace(0, 2, 9)
"""Places on the segment, 0 the least norm and 1 the submission's."""
EDGES = np.linspace(-3, 5, 17)
"""Of the leave-one-out margins' bins."""
CHUNK = 4000
"""Fresh samples whose features are in memory at a time."""
COARSE = 8
"""Pixels of a picture that are averaged, each way."""


@dataclass(frozen=True)
class Scale:
    """What a size draws."""

    families: tuple[str, ...]
    """Of the features, one a draw."""
    n: int
    p: int
    n_fresh: int
    n_left_out: int


SCALES: dict[Size, Scale] = {
    "smoke": Scale(("rbf", "laplace", "relu"), 79, 400, 5000, 10),
    "standard": Scale(("rbf",) * 12 + ("laplace",) * 4 + ("relu",) * 4, 79, 400, 20_000, 80),
    "full": Scale(("tangent",) * 10, 499, 4018, 20_000, 50),
}


def make(seed: int, size: Size) -> Exam:
    """Draw samples, their features, fresh samples and the interpolants of least norm."""
    rng = np.random.default_rng(seed)
    scale = SCALES[size]
    draws = {f"draw{k}": family for k, family in enumerate(scale.families)}
    draws["loo"] = scale.families[0]
    train: Arrays = {}
    truth: Arrays = {}
    for name, family in draws.items():
        n = scale.n + (name == "loo")
        x, y = _pictures(rng) if size == "full" else _signals(rng, n + scale.n_fresh)
        features = draw_features(rng, family, x.shape[1], scale.p)
        phi = features(x[:n])
        train |= {f"{name}/phi": phi, f"{name}/y": y[:n]}
        truth |= {
            f"{name}/family": np.array(FAMILIES.index(family)),
            f"{name}/W": features.W,
            f"{name}/b": features.b,
            f"{name}/x": x[n:],
            f"{name}/y": y[n:],
        }
        truth |= {f"{name}/w/{loss}": _least_norm(phi, y[:n], loss) for loss in LOSSES}
    left_out = rng.permutation(scale.n + 1)[: scale.n_left_out]
    return Exam(
        train=train,
        inputs={},
        truth={**truth, "left_out": left_out},
        facts={
            "losses": list(LOSSES),
            "epsilon": EPSILON,
            "n_samples": scale.n,
            "n_features": phi.shape[1],
        },
    )


def _signals(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    x, label = motifs(rng, 2, 1).draw(rng, n)
    return x, 2.0 * label - 1


def _pictures(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return all pictures of a pair of classes, shuffled, in coarse pixels of mean 0 and size 1."""
    pair = rng.permutation(10)[:2]
    found = []
    for part in _data.cifar10():
        here = np.isin(part.y, pair)
        n, channels, height, width = part.X[here].shape
        blocks = (n, channels, height // COARSE, COARSE, width // COARSE, COARSE)
        found.append((part.X[here].reshape(blocks).mean((3, 5)).reshape(n, -1), part.y[here]))
    x, label = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = rng.permutation(len(x))
    x = x[order] - x.mean(0)
    return x / x.std(), np.where(label[order] == pair[0], 1.0, -1.0)


def _least_norm(phi: np.ndarray, y: np.ndarray, loss: str) -> np.ndarray:
    least, width = TUBES[loss]
    w: np.ndarray = phi.T @ (y * hard_margin(phi @ phi.T, y, width)) * least
    return w


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Call `fit` once a draw and loss, and once a left-out sample; refuse what does not fit it."""
    artifact: Arrays = {}

    def call(cell: str, phi: np.ndarray, y: np.ndarray, loss: str) -> None:
        found = fit({"phi": phi, "y": y}, {"loss": loss})
        what = f"fit ({loss})"
        named.require(found, {"w": (phi.shape[1],)}, what)
        with np.errstate(over="ignore", invalid="ignore"):  # said below, in words
            values = LOSSES[loss](y * (phi @ found["w"].astype(np.float64)))
        worst = float(values.max())
        if not worst <= TOLERANCE:
            raise Refused(
                f"{what} must interpolate: the largest loss on its samples is {worst:.3g}, wanted "
                f"at most {TOLERANCE:g}."
            )
        artifact[f"{cell}/w"] = found["w"]

    for draw in _draws(exam):
        for loss in LOSSES:
            call(f"{draw}/{loss}", exam.train[f"{draw}/phi"], exam.train[f"{draw}/y"], loss)
    phi, y = exam.train["loo/phi"], exam.train["loo/y"]
    for i in exam.truth["left_out"]:
        rest = np.arange(len(y)) != i
        call(f"loo/{i}", phi[rest], y[rest], LEFT_OUT)
    return artifact


def _draws(exam: Exam) -> list[str]:
    names = dict.fromkeys(name.partition("/")[0] for name in exam.train)
    return [name for name in names if name != "loo"]


def ask(exam: Exam, artifact: Arrays, predict: Any) -> Arrays:
    """Answer nothing: the weights are the artifact, and `score` evaluates them."""
    return {}


# ---------------------------------------------------------------------------------------------


def _margins(exam: Exam, draw: str, weights: np.ndarray) -> np.ndarray:
    """Return y f(x) on a draw's fresh samples of every column of weights (p, k): (n_fresh, k)."""
    truth = named.part(exam.truth, draw)
    features = Features(FAMILIES[int(truth["family"])], truth["W"], truth["b"])
    x, y = truth["x"], truth["y"]
    margins = [features(x[k : k + CHUNK]) @ weights for k in range(0, len(x), CHUNK)]
    found: np.ndarray = y[:, None] * np.concatenate(margins)
    return found


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Evaluate the interpolants on fresh samples, each beside that of least norm."""
    del outputs
    with np.errstate(over="ignore", invalid="ignore"):  # said below, in words
        cells, segment = _evaluated(exam, artifact)
    table = columns(cells)
    if not all(np.isfinite(column).all() for column in table.values() if column.dtype == float):
        raise Refused("fit: the loss on fresh samples is not finite: scale w down.")
    ranked = np.isin(table["loss"], RANKED)
    logs = np.log(table["ratio"])
    by_draw = np.array([logs[ranked & (table["draw"] == draw)].mean() for draw in _draws(exam)])
    quality = float(np.exp(by_draw.mean()))
    hinge = table["loss"] == "hinge"
    extra = {loss: float(np.exp(logs[table["loss"] == loss].mean())) for loss in LOSSES}
    for family in dict.fromkeys(table["family"].tolist()):
        extra[family] = float(np.exp(logs[ranked & (table["family"] == family)].mean()))
    extra |= {
        "norm": float(np.exp(np.log(table["norm"][ranked]).mean())),
        "norm_bound": float(table["norm_bound"][hinge].mean()),
        "error": float(table["error"][ranked].mean()),
        "error_ratio": float(table["error"][ranked].mean() / table["least_error"][ranked].mean()),
    }
    left_out, one_by_one = _left_out(exam, artifact)
    return Scores(
        visible=float(table["visible"].mean()),
        heldout=quality,
        quality=quality,
        stderr=quality * float(by_draw.std(ddof=1) / np.sqrt(len(by_draw))),
        extra=extra | left_out,
        series={"cells": table, "segment": columns(segment), "loo": one_by_one},
    )


def _evaluated(exam: Exam, artifact: Arrays) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a row a draw and loss, and rows of the segments of the first draw."""
    cells: list[dict[str, Any]] = []
    segment: list[dict[str, Any]] = []
    for draw in _draws(exam):
        phi, y = exam.train[f"{draw}/phi"], exam.train[f"{draw}/y"]
        theirs = {loss: exam.truth[f"{draw}/w/{loss}"] for loss in LOSSES}
        mine = {loss: artifact[f"{draw}/{loss}/w"].astype(np.float64) for loss in LOSSES}
        margins = _margins(exam, draw, np.stack([*mine.values(), *theirs.values()], 1))
        radius = float((phi**2).sum(1).max())
        for k, (loss, V) in enumerate(LOSSES.items()):
            m, least = margins[:, k], margins[:, len(LOSSES) + k]
            size, smallest = (float(w[loss] @ w[loss]) for w in (mine, theirs))
            cells.append(
                {
                    "draw": draw,
                    "family": FAMILIES[int(exam.truth[f"{draw}/family"])],
                    "loss": loss,
                    "visible": float(V(y * (phi @ mine[loss])).mean()),
                    "heldout": float(V(m).mean()),
                    "ratio": _mean(V(m)) / _mean(V(least)),
                    "norm": float(np.sqrt(size / smallest)),
                    "norm_bound": radius * size / len(y),
                    "error": 100 * float((m <= 0).mean()),
                    "least_error": 100 * float((least <= 0).mean()),
                }
            )
            if draw == _draws(exam)[0]:
                for t in STEPS:
                    w = theirs[loss] + t * (mine[loss] - theirs[loss])
                    there = V(least + t * (m - least))
                    row = {"t": t, "norm": float(np.linalg.norm(w)), "loss": loss}
                    segment.append(row | {"ratio": _mean(there) / _mean(V(least))})
    return cells, segment


def _mean(values: np.ndarray) -> float:
    return max(LEAST, float(values.mean()))


def _left_out(exam: Exam, artifact: Arrays) -> tuple[dict[str, float], Arrays]:
    """Return what leaving out says, beside what fresh samples and one fit say; and its margins."""
    phi, y = exam.train["loo/phi"], exam.train["loo/y"]
    which, V = exam.truth["left_out"], LOSSES[LEFT_OUT]
    weights = np.stack([artifact[f"loo/{i}/w"].astype(np.float64) for i in which], 1)
    margins = y[which] * np.einsum("kp,pk->k", phi[which], weights)
    losses = V(margins)
    K = phi @ phi.T
    alpha = hard_margin(K, y)
    spans = y * loo_residuals(K, y * alpha, alpha > 0)
    counts = np.histogram(np.clip(margins, EDGES[0], EDGES[-1]), EDGES)[0]
    numbers = {
        "loo": float(losses.mean()),
        "loo_stderr": float(losses.std(ddof=1) / np.sqrt(len(losses))),
        "loo_fresh": float(V(_margins(exam, "loo", weights)).mean()),
        "loo_span": float(V(y * (K @ (y * alpha)) - spans).mean()),
        "loo_bound": float(np.diag(K).max() * alpha.sum() / len(y)),
    }
    return numbers, {"margin": (EDGES[:-1] + EDGES[1:]) / 2, "share": counts / len(which)}


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say that a rule is too much less stable than the least norm."""
    most = FACTOR * baseline["quality"]
    if mine["quality"] <= most:
        return ""
    return f"held-out loss {mine['quality']:.3f} of the least norm's, wanted at most {most:.3f}"


TASK = Task(
    name="interpolant",
    title="Is the interpolant of least norm the most stable one, whatever the loss?",
    idea=20,
    metric=Metric(
        name="held-out loss",
        unit="of the least norm's",
        resolution=0.02,
        target=f"at most {FACTOR} times the baseline's held-out loss, and no loss on the samples",
        shortfall=shortfall,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="fit",
    axes=("gap", "speed"),
    claims=(
        Claim(
            "The interpolant of least norm is more stable than it is with noise, square loss.",
            Contrast("baseline", "noise", "square"),
        ),
        Claim(
            "The interpolant of least norm is more stable than it is with noise, hinge loss.",
            Contrast("baseline", "noise", "hinge"),
        ),
        Claim(
            "The interpolant of least norm is more stable than that of the least L1 norm, square "
            "loss.",
            Contrast("baseline", "l1", "square"),
        ),
        Claim(
            "The hard-margin machine is more stable than that of the least L1 norm, hinge loss.",
            Contrast("baseline", "l1", "hinge"),
        ),
        Claim(
            "The hard-margin machine is more stable than the interpolant of least squares, hinge "
            "loss.",
            Contrast("baseline", "least_squares", "hinge"),
        ),
        Claim(
            "The least norm is not the most stable for the hinge loss: the interpolant nearest to "
            "a multiple of a ridge solution is more stable.",
            Contrast("anchored", "baseline", "hinge"),
        ),
        Claim(
            "Nor for the squared hinge loss.",
            Contrast("anchored", "baseline", "squared_hinge"),
        ),
        Claim(
            "Stability of the hinge loss is not free of scale: 1.5 times the least norm is more "
            "stable.",
            Contrast("scaled", "baseline", "hinge"),
        ),
    ),
    charts=(
        Chart("Held-out loss relative to the least norm's", "cells", "loss", "ratio", "bar"),
        Chart(
            "From the least norm (0) to this interpolant (1) and beyond", "segment", "t", "ratio",
            "line", "loss",
        ),
        Chart("Norm and held-out loss along it", "segment", "norm", "ratio", "point", "loss"),
        Chart("Leave-one-out margins, hinge loss", "loo", "margin", "share", "bar"),
    ),
    seconds={"smoke": 30.0, "standard": 60.0, "full": 600.0},
)  # fmt: skip
