"""Is the regularized loss Morse-Bott?

Idea: 6, the landscape of the regularized loss. Without a regularizer global minima are degenerate.
    With one, are the critical points, up to the symmetries of the network, nondegenerate?

Papers: Bottman, Cooper, Lerario, arXiv 2307.15744: with generalised L2, a generic coefficient a
    weight, the loss is Morse, with a multiplicative regularizer it is not (known from a secondary
    source). Cooper, SIAM J. Math. Data Sci., doi 10.1137/19M1308943. Mehta, Chen, Tang,
    Hauenstein, arXiv 1810.07716: all critical points of small linear networks by algebraic
    geometry. No theorem was checked against its text.

Question: Which critical points does a small regularized loss have, and is the kernel of the
    Hessian at each exactly the tangent space of the critical set (Morse-Bott)? For the uniform
    additive regularizer this is open.

fit: called once a problem, in a fresh process each time: X (n, d), Y (n, k), c (P,) float64, and
    in `context.facts` `hidden` (h), `activation`, `regularizer` and `weight`. The point theta is
    W1 (h, d) and then W2 (k, h), row by row, P = h (d + k), and

        loss = weight / 2 sum_n |W2 phi(W1 x_n) - y_n|^2 + R,   R = 1/2 sum_p c_p theta_p^2,
        or, multiplicative, R = c_0 / 2 |W1|^2 |W2|^2.

    Where `hidden` is a list the network is deeper, W3 phi(W2 phi(W1 x)), all W in their order.
    It returns `points` (K, P), floats of any precision, K at most 256; a polish of 5 Newton steps
    follows. Optional: `generators` (q, P, P), q at most 16, linear symmetries theta -> exp(t A)
    theta beyond those that are known; each is tested and a false one refused. `seen/0/X` and so
    on, with `seen/0/points`, are the visible problems of the same kind with an answer to each.

    Problems: `linear_additive` (phi the identity, X = I, d = h = 4, k = 3, Y = M^T, M of singular
    values s uniform on [0.1, 2], c = 0.3, |s - c| > 0.05); `linear_multiplicative`, the same;
    `linear_generalised`, c uniform on [0.15, 0.45] for each weight; `tanh_additive` (d = 4 with a
    column of ones, h = 4, k = 1, P = 20, n = 16, labels +-1, c = 10^U(-2, -1.5), weight 1 / n);
    `softplus_additive` (depth 3, phi(z) = log(1 + e^z), d = 3 with the ones, h = 3 and 3, P = 21,
    the rest the same). At smoke `linear_additive` alone, 2 by 2. At full d = h = 8, k = 6; tanh
    with h = 11, n = 64 (P = 121); softplus with d = 6, h = 12 and 12, n = 64 (P = 228), which needs
    no data set, hours, and was not measured.

predict: never called. The points are the answer, and the task certifies them.

visible: share of orbits missed in the problems that are handed out with an answer, mean over the
    kinds. A critical point has a gradient of at most 1e-10 in every entry after the polish; two
    points of equal loss and equal outputs (to 1e-4) are one orbit.

held-out: the same in the other problems. Nothing is learned, so the gap of whoever does not look
    the answers up has mean zero: it is shown, and not ranked, as its rank would be luck.

quality: the share of orbits found in the held-out problems, mean over the kinds. True for
    linear_additive: a subset S of {i: s_i > c} each, W2 W1 = sum_S (s_i - c) u_i v_i^T, 2^r orbits.
    For linear_multiplicative (derived here, and found again by search): the subsets with s_i > c t
    for all i in S, t = sum_S s_i / (1 + c |S|). For the three other kinds the truth is the union of
    the task's own searches from 1000 starts, a pool and not all: for `tanh_additive` c is as large
    as it is because at 1e-4 to 1e-3 two searches from 500 starts shared a third of what they found,
    for `softplus_additive` because two pools shared 4/5 and more of their 20 orbits there, and
    about 3/5 of 40 to 90 at a third of c. Ranked are submissions that find 7/8 as many orbits of
    linear_additive as the baseline, and half as many of every other kind. A prototype's target of
    0.8 became this ratio: its baseline found 0.92, and a secret draw moves that by more than the
    distance.

    Compression compares bytes an orbit in the held-out problems: the compressed points, and 8 P
    bytes for each known orbit that is missed, over the number of orbits known or found. So coarse
    points gain as long as the polish brings them home, duplicates and points that are not critical
    cost, and an orbit that is found costs less than one that is not.

baseline: Levenberg-Marquardt on the gradient's norm from 40 starts of scale 0.5. References: 300
    starts of scales 10^U(-2, 0.3); the baseline's points in 16 bits; the known orbits of the
    linear kinds in closed form; naive: gradient descent from 40 starts, which finds minima alone.

claim: Search on the gradient's norm finds more orbits than descent. It meets no degenerate orbit
    of an additive loss: nullity is the dimension of the orbit at saddles, too.

extra: recall, orbits, and flagged (nullity above the orbit's dimension), degenerate (and above
    that of the critical set around it, probed), undecided (an eigenvalue that is small and no
    zero) by kind; degenerate_confirmed in extended precision; smallest_degenerate, the P of the
    smallest additive one, 0 for none; beyond_pool; uncertified points; bytes_per_orbit;
    control_excess, the nullity at the origin of a linear_additive problem at c = s_2, a
    bifurcation, where it must be d + k - 3 = 4; series of orbits, spectra, bifurcations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from harness import arrays as named
from harness.kernels.critical_points import polish
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
from tasks._data import landscapes, searches
from tasks._data.landscapes import Certificate, Landscape
from tasks._data.searches import N_VISIBLE, is_seen, landscape_of, told
from tasks._data.series import columns

from .problems import LINEAR, Kind, draw, matrix, orbits

MOST_POINTS, MOST_GENERATORS = 256, 16
N_HELDOUT: dict[Kind, int] = {
    "linear_additive": 4,
    "linear_multiplicative": 2,
    "linear_generalised": 2,
    "tanh_additive": 2,
    "softplus_additive": 2,
}
KINDS: dict[Size, tuple[Kind, ...]] = {
    "smoke": ("linear_additive",),
    "standard": tuple(N_HELDOUT),
    "full": tuple(N_HELDOUT),
}
WITHIN = {"linear_additive": 7 / 8}
"""Share of what the baseline finds that is wanted; of the other kinds a half."""
RESOLUTION = 0.05


def make(seed: int, size: Size) -> Exam:
    """Draw problems of every kind; those with a number below `N_VISIBLE` come with an answer.

    The truth holds what tells the orbits apart, as '<kind>/<number>/keys'.
    """
    rng = np.random.default_rng(seed)
    train: Arrays = {}
    truth: Arrays = {}
    problems: dict[str, dict[str, Any]] = {}
    for kind in KINDS[size]:
        for number in range(N_VISIBLE + N_HELDOUT[kind]):
            drawn = draw(kind, size, rng)
            cell, own = f"{kind}/{number}", drawn.landscape
            train |= {f"{cell}/{name}": array for name, array in own.arrays().items()}
            if number < N_VISIBLE:
                train[f"{cell}/points"] = drawn.points
            truth[f"{cell}/keys"] = own.keys(drawn.points)
            problems[cell] = told(own)
    truth["control"] = rng.integers(2**32, size=4)
    return Exam(train, {}, truth, {"size": size, "problems": problems})


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Call `fit` once a problem, with those of its kind that are handed out."""
    return searches.teach(exam, fit, _answer)


def ask(exam: Exam, artifact: Arrays, predict: Any) -> Arrays:
    """Answer nothing: the points are the artifact, and `score` certifies them."""
    return {}


def _answer(arrays: Arrays, landscape: Landscape, cell: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a problem's points and claimed symmetries, or refuse them."""
    P = landscape.net.size
    shapes: dict[str, tuple[int | None, ...]] = {"points": (None, P)}
    if "generators" in arrays:
        shapes["generators"] = (None, P, P)
    named.require(arrays, shapes, f"fit ({cell})")
    points = searches.points(arrays, cell, MOST_POINTS)
    generators = arrays.get("generators", np.empty((0, P, P))).astype(np.float64)
    if len(generators) > MOST_GENERATORS:
        raise Refused(
            f"fit ({cell})['generators'] may hold at most {MOST_GENERATORS}, got {len(generators)}."
        )
    rng = np.random.default_rng(0)
    for number, generator in enumerate(generators):
        if not landscapes.is_symmetry(landscape, generator, rng):
            raise Refused(
                f"fit ({cell})['generators'][{number}] is no symmetry: the loss changes along "
                "theta -> exp(t A) theta."
            )
    return points, generators


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Certify the points of every problem and count the orbits among them."""
    del outputs
    cells: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    spectra: list[dict[str, Any]] = []
    answers: list[tuple[Arrays, int, int, int]] = []
    beyond = uncertified = 0
    for cell, arrays in searches.answers(exam, artifact).items():
        kind = cell.split("/")[0]
        own = landscape_of(exam, cell)
        sent, generators = _answer(arrays, own, cell)
        points = landscapes.critical(own, sent)
        polished = polish(own.expand, sent)
        uncertified += int((~landscapes.is_critical(own, polished)).sum())
        keys, known = own.keys(points), exam.truth[f"{cell}/keys"]
        in_pool = landscapes.matched(keys, known)
        beyond += int((~in_pool).sum())
        if not is_seen(cell):
            missed = int((~landscapes.matched(known, keys)).sum())
            answers.append(({cell: arrays["points"]}, len(points), missed, own.net.size))
        certificates = [landscapes.certify(own, point, generators) for point in points]
        cells.append(
            {
                "kind": kind,
                "part": "visible" if is_seen(cell) else "held-out",
                "recall": float(landscapes.matched(known, keys).mean()),
                "true": len(known),
                "found": len(points),
                "sent": len(sent),
            }
        )
        for number, (one, inside) in enumerate(zip(certificates, in_pool, strict=True)):
            rows.append(_row(kind, cell, one, bool(inside), own.net.size))
            if cell.endswith(f"/{N_VISIBLE}") and number < 8:
                spectra += [
                    {"kind": kind, "orbit": f"{number}: loss {one.loss:.4f}", "rank": rank, "w": w}
                    for rank, w in enumerate(one.spectrum.tolist())
                ]
    extra: dict[str, float] = {}
    visible, heldout = [], []
    for kind in dict.fromkeys(row["kind"] for row in cells):
        own_cells = [row for row in cells if row["kind"] == kind]
        own_rows = [row for row in rows if row["kind"] == kind]
        parts = {
            part: float(np.mean([row["recall"] for row in own_cells if row["part"] == part]))
            for part in ("visible", "held-out")
        }
        visible.append(parts["visible"])
        heldout.append(parts["held-out"])
        extra |= {
            f"recall_{kind}": parts["held-out"],
            f"orbits_{kind}": float(len(own_rows)),
            f"flagged_{kind}": float(sum(row["excess"] > 0 for row in own_rows)),
            f"degenerate_{kind}": _count(own_rows, "degenerate"),
            f"undecided_{kind}": _count(own_rows, "undecided"),
        }
    bad = [r for r in rows if r["state"] == "degenerate" and r["kind"].endswith("additive")]
    extra |= {
        "degenerate_additive": float(len(bad)),
        "degenerate_confirmed": float(sum(row["confirmed"] for row in bad)),
        "smallest_degenerate": float(min((row["P"] for row in bad), default=0)),
        "beyond_pool": float(beyond),
        "uncertified": float(uncertified),
        "bytes_per_orbit": landscapes.bytes_each(answers),
        "control_excess": float(control(exam).nullity),
    }
    series = {"cells": columns(cells), "bifurcations": bifurcations(exam)}
    if rows:
        series |= {"orbits": columns(rows), "spectra": columns(spectra)}
    return Scores(
        visible=1 - float(np.mean(visible)),
        heldout=1 - float(np.mean(heldout)),
        quality=float(np.mean(heldout)),
        extra=extra,
        series=series,
    )


def _row(kind: str, cell: str, one: Certificate, in_pool: bool, P: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "cell": cell,
        "loss": one.loss,
        "index": one.index,
        "nullity": one.nullity,
        "orbit": one.orbit,
        "excess": one.nullity - one.orbit,
        "manifold": one.manifold,
        "state": one.state,
        "confirmed": one.confirmed,
        "in_pool": in_pool,
        "P": P,
    }


def _count(rows: list[dict[str, Any]], state: str) -> float:
    return float(sum(row["state"] == state for row in rows))


def control(exam: Exam) -> Certificate:
    """Certify the origin of an additive problem at a bifurcation, which must be degenerate."""
    rng = np.random.default_rng(exam.truth["control"])
    landscape, s = matrix(*LINEAR[exam.facts["size"]], "additive", rng)
    at = replace(landscape, c=np.full(landscape.net.size, s[1]))
    return landscapes.certify(at, np.zeros(landscape.net.size))


def bifurcations(exam: Exam) -> Arrays:
    """Return the losses of all critical orbits of the first additive problem over c."""
    own = landscape_of(exam, f"linear_additive/{N_VISIBLE}")
    rows = []
    for c in np.linspace(0.02, 2.0, 34):
        at = replace(own, c=np.full(own.net.size, c))
        losses = at.expand(orbits(at)).value
        rows += [{"c": float(c), "loss": loss} for loss in losses.tolist()]
    return columns(rows)


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say in which kinds too few orbits were found, relative to the baseline."""
    lacks = []
    for kind in N_HELDOUT:
        name = f"recall_{kind}"
        if name in baseline:
            least = WITHIN.get(kind, 1 / 2) * baseline[name]
            if mine[name] < least - 1e-9:
                lacks.append(
                    f"found {mine[name]:.3g} of the orbits of {kind}, wanted at least {least:.3g}"
                )
    return "; ".join(lacks)


TASK = Task(
    name="morse_bott",
    title="Is the regularized loss Morse-Bott?",
    idea=6,
    metric=Metric(
        name="orbits found",
        unit="",
        resolution=RESOLUTION,
        target=(
            "7/8 as many orbits of linear_additive as the baseline finds, and half as many of "
            "every other kind"
        ),
        shortfall=shortfall,
        lower_is_better=False,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="fit",
    version=2,
    axes=("compression", "speed"),
    counts="bytes_per_orbit",
    claims=(
        Claim(
            "Search on the gradient's norm finds more critical orbits than gradient descent.",
            Contrast("descent", "baseline", "recall_linear_additive"),
        ),
        Claim(
            "With an additive regularizer a wide search, saddles included, meets no degenerate "
            "orbit that descent to minima does not.",
            Contrast("wide", "descent", "degenerate_additive", margin=0.5),
        ),
    ),
    charts=(
        Chart("Index and loss", "orbits", "loss", "index", "point", "kind"),
        Chart("Nullity above the orbit's dimension", "orbits", "loss", "excess", "point", "kind"),
        Chart("Spectra of the Hessian", "spectra", "rank", "w", "line", "kind"),
        Chart("Orbits of a linear problem over c", "bifurcations", "c", "loss", "point"),
        Chart("Orbits found", "cells", "true", "recall", "point", "kind"),
    ),
    seconds={"smoke": 30.0, "standard": 120.0, "full": 3600.0},
)
