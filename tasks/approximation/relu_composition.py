"""How few weights does a ReLU network need for a function that is a composition?

Idea: 1, approximation of compositional functions by deep ReLU networks. A function of d variables
    that is a binary tree of functions of two variables, each of smoothness r, is approximated to
    accuracy eps by a network of the same graph with O((d-1) eps^(-2/r)) weights, as errors add up
    along the graph, where no structure gives eps^(-d/r).

Papers: Poggio, Mhaskar, Rosasco, Miranda, Liao, Int. J. Autom. Comput. 14(5), 2017, doi
    10.1007/s11633-017-1054-2. Mhaskar, Poggio, Function approximation by deep networks, CPAA
    19(8), 2020, arXiv 1905.12882. Yarotsky, Error bounds for approximations with deep ReLU
    networks, Neural Networks 94, 2017; COLT 2018, arXiv 1802.03620. Yarotsky, Zhevnerchuk,
    NeurIPS 2020. Lu, Shen, Yang, Zhang, arXiv 2001.03040. Theorems and their numbers were not
    checked against the texts.

Question: How small a network reaches a given error everywhere on the cube, and how does its error
    fall with its weights W? Theory: W^(-r/2) along the graph, W^(-r/d) without one. A piecewise-
    linear method stops at W^-1; deep constructions do better for r above 2, by theory. Exponents
    are of fixed functions, which may be easier than the worst: a steeper one contradicts nothing.
    Open: an exponent below -1.1 at r = 3.

fit: called once for each cell, a smoothness r and an accuracy eps: r of 2 and 3, eps of 1/2, 1/5
    and 1/10 of a function of 8 variables with values in [-1, 1]. It gets `tables` (7, 257, 257),
    each node on the grid, its first child's axis first, and `probe_x` (4096, 8) with `probe_y`
    (4096,), end to end. `context.facts` holds `children` (0 to d - 1 are variables, d + k is node
    k, the last one is the root), d, r and eps. It returns a network in the format relu-net/1, see
    `harness.kernels.relu_net`: layers as sparse rows in float32, each neuron may read all
    earlier ones, no weight above 1e4. At smoke d is 4, r 2 and eps 1/2 and 1/5. At full
    d is 16, r 1, 1.5, 2 and 3 and eps down to 0.01; no data set is needed, and its figures were
    not measured. Nodes are splines over six scales: see `tasks._data.splines`.

predict: never called. The network is the answer, and the task evaluates it.

visible: the largest error on the points handed to `fit`, in units of eps; the mean over the cells
    of r = 2. An error above 1, which the network of no weights has, counts as 1.

held-out: the same with the largest error over the cube that a search finds from random points,
    faces and corners uphill, or on the points handed out, if that is more. Networks are evaluated
    in float64 and in float32, two searches each, and the worst counts, so bits cannot be hidden in
    a weight. The
    search proves nothing and its seed is secret: aim at 0.9 eps. The gap is what the points
    handed out do not show.

quality: the share of the cells of r = 2 whose held-out error is at most eps. Ranked are submissions
    that reach as many as the baseline on the same exams; the prototype's target, all of them, is
    what the baseline itself has. Held-out is never below visible, so one side is both.

    Compression counts what the theory counts: weights, biases and output weights that are not
    zero, in the geometric mean over the cells of r = 2. A cell that is not reached is charged the
    tables it stands for. Bytes are shown by cell: the baseline's weights are mostly 1 and -1,
    compress well, and turn the order around. Speed is shown and not ranked: the baseline's own
    time is its search for errors, so the fastest would be who checks least.

baseline: piecewise-linear interpolation of every node on a uniform grid, as an exact network.
    References: the same on a coarser grid with nodal values fitted from end to end; a small
    network trained at every node, the baseline's where that fails; naive: one network of 3 x 128,
    34,305 weights, that is not told the graph.

claim: Fitting needs fewer weights than interpolation. At eps = 1/2 trained networks need fewer
    than interpolation. With the graph the baseline has at most half the error of the network
    that is not told it, at eps = 1/5 and with fewer weights.

extra: weights, log2_weights, neurons, depth, the largest weight, and by cell weights, log2 and the
    error sup; efficiency, the weights that the baseline's construction takes for the same root
    mean square error, over one's own, at r = 2; exponent and rms_exponent by r, where the weights
    differ between cells; series of cells, and of exponents beside the theory's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness import arrays as named
from harness.kernels import relu_net
from harness.kernels.bicubic_spline import bicubic_spline, patches
from harness.kernels.kuhn_interpolation import kuhn_interpolation
from harness.kernels.relu_net import Network
from harness.kernels.sup_search import sup_search
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
from tasks._data.splines import GRID, Tree, tree

RANKED = 2.0
"""The smoothness whose cells are ranked; the others are shown."""
VARIABLES: dict[Size, int] = {"smoke": 4, "standard": 8, "full": 16}
LADDERS: dict[Size, dict[float, tuple[float, ...]]] = {
    "smoke": {2.0: (0.5, 0.2)},
    "standard": {2.0: (0.5, 0.2, 0.1), 3.0: (0.5, 0.2, 0.1)},
    "full": {
        1.0: (0.5, 0.2, 0.1),
        1.5: (0.5, 0.2, 0.1),
        2.0: (0.5, 0.2, 0.1, 0.05, 0.02, 0.01),
        3.0: (0.5, 0.2, 0.1, 0.05, 0.02, 0.01),
    },
}
"""Smoothness r -> accuracies eps."""
N_PROBES = 4096
RESTARTS = 2
"""Of the search for errors, in each of two precisions."""
MOST = 1e30
"""An error that is no number any more: its square has to fit into float64."""
PLAIN_GRIDS = (3, 5, 9, 17, 33, 65, 129)
"""Points a coordinate of the piecewise-linear networks that efficiency is measured by."""


def make(seed: int, size: Size) -> Exam:
    """Draw a function for every smoothness, its tables and its probes: 'r2/tables' and so on.

    The truth holds the coefficients, and the seed that the search for errors starts from.
    """
    rng = np.random.default_rng([seed, 0])
    d = VARIABLES[size]
    train: Arrays = {}
    truth: Arrays = {"seed": np.array(seed)}
    for r in LADDERS[size]:
        function = tree(rng, d, r)
        x = rng.uniform(-1, 1, (N_PROBES, d))
        train |= {
            f"r{r:g}/tables": function.tables(),
            f"r{r:g}/probe_x": x,
            f"r{r:g}/probe_y": Target(function)(x),
        }
        truth[f"r{r:g}/coefficients"] = function.coefficients
    facts = {"size": size, "d": d, "children": function.children.tolist()}
    return Exam(train=train, inputs={}, truth=truth, facts=facts)


class Target:
    """A function of the exam, by the patches of its nodes."""

    def __init__(self, function: Tree) -> None:
        self.patches = [patches(C) for C in function.coefficients]
        self.children = function.children

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the values (n,) at x (n, d)."""
        values = list(x.T)
        for P, (left, right) in zip(self.patches, self.children, strict=True):
            values.append(np.clip(bicubic_spline(P, values[left], values[right]), -1, 1))
        return values[-1]


def ladder(size: Size) -> dict[str, tuple[float, float]]:
    """Return the cells of a size by name: r and eps."""
    ladders = LADDERS[size].items()
    return {f"r{r:g}_eps{eps:g}": (r, eps) for r, accuracies in ladders for eps in accuracies}


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Have a network constructed for each cell, and refuse at once what is none."""
    artifact: Arrays = {}
    for cell, (r, eps) in ladder(exam.facts["size"]).items():
        found = fit(named.part(exam.train, f"r{r:g}"), {"r": r, "eps": eps})
        _network(found, exam, cell)
        artifact |= {f"{cell}/{name}": array for name, array in found.items()}
    return artifact


def ask(exam: Exam, artifact: Arrays, predict: Any) -> Arrays:
    """Answer nothing: the networks are the artifact, and `score` evaluates them."""
    return {}


def _network(arrays: Arrays, exam: Exam, cell: str) -> Network:
    try:
        return relu_net.read(arrays, exam.facts["d"])
    except ValueError as error:
        raise Refused(f"fit (cell {cell}): {error}") from None


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Search for each network's largest error over the cube."""
    del outputs
    cells = ladder(exam.facts["size"])
    for name in artifact:
        if name.partition("/")[0] not in cells:
            raise Refused(f"fit[{name!r}] is no array of any cell: {', '.join(cells)}.")
    rows = [_row(number, cell, exam, artifact) for number, cell in enumerate(cells)]
    columns = {key: np.asarray([row[key] for row in rows]) for key in rows[0]}
    ranked = columns["r"] == RANKED
    extra = {
        "weights": 2 ** float(np.log2(columns["charged"][ranked]).mean()),
        "log2_weights": float(np.log2(columns["charged"][ranked]).mean()),
        "neurons": 2 ** float(np.log2(np.maximum(columns["neurons"][ranked], 1)).mean()),
        "depth": float(columns["depth"].max()),
        "largest": float(columns["largest"].max()),
    }
    for row in rows:
        cell = row["cell"]
        extra |= {
            f"weights_{cell}": float(row["weights"]),
            f"log2_{cell}": float(np.log2(row["charged"])),
            f"sup_{cell}": row["sup"],
        }
    exponents: list[dict[str, Any]] = []
    for r in LADDERS[exam.facts["size"]]:
        of_r = columns["r"] == r
        plain = _plain_curve(exam, r)
        own = {name: columns[name][of_r] for name in ("weights", "sup", "rms")}
        if r == RANKED:
            needed = np.interp(-np.log(own["rms"]), -np.log(plain["rms"]), np.log(plain["weights"]))
            extra["efficiency"] = float(np.exp((needed - np.log(own["weights"])).mean()))
        slopes = {
            "sup": _slope(own["weights"], own["sup"]),
            "rms": _slope(own["weights"], own["rms"]),
            "rms of plain networks": _slope(plain["weights"][2:], plain["rms"][2:]),
            "theory, with the graph": -r / 2,
            "theory, without it": -r / exam.facts["d"],
        }
        exponents += [{"r": f"{r:g}", "of": of, "exponent": slope} for of, slope in slopes.items()]
        if np.isfinite(slopes["sup"]):
            extra |= {f"exponent_r{r:g}": slopes["sup"], f"rms_exponent_r{r:g}": slopes["rms"]}
    in_eps = {
        name: float((np.minimum(columns[name], 1) / columns["eps"])[ranked].mean())
        for name in ("probe_sup", "sup")
    }
    return Scores(
        visible=in_eps["probe_sup"],
        heldout=in_eps["sup"],
        quality=float(columns["reached"][ranked].mean()),
        extra=extra,
        series={
            "cells": columns,
            "exponents": {k: np.asarray([row[k] for row in exponents]) for k in exponents[0]},
        },
    )


def _row(number: int, cell: str, exam: Exam, artifact: Arrays) -> dict[str, Any]:
    """Return what is measured of one cell."""
    r, eps = ladder(exam.facts["size"])[cell]
    own = named.part(artifact, cell)
    net = _network(own, exam, cell)
    train = named.part(exam.train, f"r{r:g}")
    coefficients = exam.truth[f"r{r:g}/coefficients"]
    target = Target(Tree(coefficients, np.array(exam.facts["children"])))
    rng = np.random.default_rng([int(exam.truth["seed"]), 1, number])
    probe_sup = sup = rms = 0.0
    for dtype in (np.float64, np.float32):
        at_probes = error(net, train["probe_x"], train["probe_y"], dtype)
        probe_sup = max(probe_sup, float(at_probes.max()))
        rms = max(rms, float(np.sqrt(np.mean(at_probes**2))))
        found, _ = sup_search(
            lambda x, dtype=dtype: error(net, x, target(x), dtype), exam.facts["d"], rng, RESTARTS
        )
        sup = max(sup, found, probe_sup)
    if not np.isfinite([sup, rms]).all():
        raise Refused(
            f"fit (cell {cell}): the network's values must be finite and below 1e30 on all of the "
            "cube, got others: let weights be smaller, or layers fewer."
        )
    reached = sup <= eps
    return {
        "cell": cell,
        "r": r,
        "eps": eps,
        "weights": max(net.weights, 1),
        "charged": max(net.weights, 1) if reached else train["tables"].size,
        "neurons": net.neurons,
        "depth": net.depth,
        "largest": net.largest,
        "bytes": named.weigh(own),
        "probe_sup": probe_sup,
        "sup": sup,
        "rms": rms,
        "over_rate": sup * max(net.weights, 1) ** (r / 2),
        "reached": reached,
    }


def error(
    net: Network, x: np.ndarray, y: np.ndarray, dtype: type[np.floating] = np.float64
) -> np.ndarray:
    """Return the absolute errors at x in one precision; NaN and what overflows are infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        off = np.abs(relu_net.values(net, x, dtype).astype(np.float64) - y)
    return np.where(off < MOST, off, np.inf)


def _plain_curve(exam: Exam, r: float) -> dict[str, np.ndarray]:
    """Return weights and root mean square error at the probes of interpolation on uniform grids."""
    train = named.part(exam.train, f"r{r:g}")
    tables, x = train["tables"], train["probe_x"]
    errors = []
    for G in PLAIN_GRIDS:
        nodes = tables[:, :: (GRID - 1) // (G - 1), :: (GRID - 1) // (G - 1)]
        values = list(x.T)
        for V, (left, right) in zip(nodes, exam.facts["children"], strict=True):
            uw = np.stack([values[left], values[right]], axis=1)
            values.append(kuhn_interpolation(V, uw))
        errors.append(np.sqrt(np.mean((values[-1] - train["probe_y"]) ** 2)))
    G = np.array(PLAIN_GRIDS)
    weights = len(tables) * (10 * G**2 + 6 * (2 * G - 1) + 3)
    return {"weights": weights, "rms": np.array(errors)}


def _slope(weights: np.ndarray, errors: np.ndarray) -> float:
    """Return the least squares slope of log error on log weights; NaN where these are all one."""
    if len(np.unique(weights)) < 2:
        return float("nan")
    return float(np.polyfit(np.log(weights), np.log(errors), 1)[0])


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say how many cells lack of those that the baseline reaches."""
    if mine["quality"] >= baseline["quality"] - 1e-9:
        return ""
    return (
        f"{mine['quality']:.3g} of the cells reached, wanted at least the baseline's "
        f"{baseline['quality']:.3g}"
    )


TASK = Task(
    name="relu_composition",
    title="How few weights does a ReLU network need for a function that is a composition?",
    idea=1,
    metric=Metric(
        name="cells reached",
        unit="",
        resolution=0.1,
        target="an error of at most eps on all of the cube in as many cells as the baseline",
        shortfall=shortfall,
        lower_is_better=False,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="fit",
    axes=("gap", "compression"),
    counts="weights",
    claims=(
        Claim(
            "Nodal values fitted from end to end need fewer weights than interpolated ones.",
            Contrast("fitted", "baseline", "log2_weights"),
        ),
        Claim(
            "For an error of 1/2, small networks trained at every node need fewer weights than "
            "piecewise-linear interpolation.",
            Contrast("trained", "baseline", "log2_r2_eps0.5"),
        ),
        Claim(
            "With the graph, interpolation aimed at an error of 1/5 has at most half the error of "
            "a fully connected network of more weights that is not told it.",
            Contrast("baseline", "monolithic", "sup_r2_eps0.2", margin=-0.2),
        ),
    ),
    charts=(
        Chart("Weights at each accuracy", "cells", "cell", "charged", "bar", log_y=True),
        Chart("Largest error and weights", "cells", "weights", "sup", "point", "r", True, True),
        Chart(
            "Largest error over the theory's rate: level is the theory", "cells", "weights",
            "over_rate", "point", "r", True, True,
        ),
        Chart("Exponents in the number of weights", "exponents", "of", "exponent", "bar", "r"),
        Chart("Neurons and depth", "cells", "depth", "neurons", "point", "r", log_y=True),
        Chart("Visible and held-out error", "cells", "probe_sup", "sup", "point", "r", True, True),
    ),
)  # fmt: skip
