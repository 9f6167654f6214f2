"""How small a network multiplies q numbers to a given accuracy?

Idea: 2, the number of neurons that multiply q inputs, 2^q in one hidden layer and O(q) in many.
    Related topic: the best known sizes, a table of records like that of the best known codes.
    The idea itself is a theorem in the limit of exactness; open is what a fixed accuracy needs.

Papers: Lin, Tegmark, Rolnick, Why does deep and cheap learning work so well?, J. Stat. Phys. 168,
    2017, arXiv 1608.08225 (Appendix A). Rolnick, Tegmark, The power of deeper networks for
    expressing natural functions, ICLR 2018, arXiv 1705.05502. Yarotsky, Error bounds for
    approximations with deep ReLU networks, Neural Networks 94, 2017 (Propositions 2, 3).
    Blanchard, Bennouna, arXiv 2012.05451. Shapira, arXiv 2303.03544. Theorems and their numbers
    were not checked against the texts.

Question: N(track, q, eps): the fewest weights (deep) or neurons (shallow) with which a network is
    within eps of x_1 x_2 ... x_q everywhere on [-1, 1]^q. On [0, 1]^q it would be another question:
    there 0 is wrong by 1 at one corner only.

fit: called once a cell, in a fresh process each time, with `context.facts` `track`, `q`, `eps`
    and with `x` (4096, q), uniform points, the probes. It returns a network in the format
    relu-net/1, see `harness.kernels.relu_net`, or declines the cell by returning {}. Deep: relu
    alone, any depth, inputs and all earlier neurons may be read anywhere. Shallow: one hidden
    layer of relu, tanh or softplus, and the output reads nothing but its neurons. Public cells:
    deep q = 2, 4, 8 at eps = 1e-1, 1e-2, 1e-3, shallow q = 2, 3, 4 at 1e-1, 3e-2 and q = 5 at 1e-1.
    Five hidden cells have other q and an eps that each exam draws: a table of the public ones has
    no answer to them; they are shown and not ranked. At smoke q = 2 and one shallow q = 3; at full
    q up to 20, eps down to 1e-5; no data set is needed, and its figures were not measured.

predict: never called. The network is the answer, and the task evaluates it, in float64 and once
    more in float32, and takes what is worse, so that nothing is won by cancellation.

visible: the largest error at the probes, mean over the public cells that were answered.

held-out: the largest error that a search over the cube finds, with seeds that only the exam knows,
    mean over the same cells. With no cell answered both are 1, which the network 0 has.

quality: the share of the public cells that are solved: the search finds no error above eps. It can
    refute a network and never certify one, so keep a distance: aim at 0.9 eps. Ranked are
    submissions that solve at least 0.4 of the public cells, which one track alone does, and have
    none wrong in any trial; what they cannot answer they decline. The target knows no baseline,
    since no secret moves the function or eps.

    Compression compares `size`, what the theory counts: the geometric mean over the public cells
    of both tracks of weights that are not zero, the biases' and the output's included (deep), or
    of neurons (shallow). A ratio has no unit, so the two mix, and each record counts once. A cell
    that is declined or wrong is charged the textbook's size, a closed form in this file: 2^q
    neurons, or the weights of Yarotsky's tree of products at the level m at which (q - 1) 2 /
    4^(m + 1) <= eps. The baseline is the textbook, so declining is a ratio of 1, and who declines
    everything solves nothing and is not ranked.

    The gap is shown and not ranked. Nothing is learned from the probes; what counts of the gap,
    that a network holds where no probe lies, is in the target, and below eps an even smaller error
    is no merit but weights that were not needed. Speed is not ranked: a network is built once.

baseline: Yarotsky's tree with the m above; all 2^q signs of tanh in one layer with the bias and
    the lambda of the least error. At (8, 1e-2) a search would let one level less pass (1235
    weights for 1529). References: two squares a product; folds of one neuron (fold1, fold2);
    halves, 2^(q - 1) neurons for q > 2; lbfgs, a layer trained from many starts. Naive: an
    MLP of two layers of 48 relus, trained on random points.

claim: Folding halves the weights of the textbook's deep networks, at least. For odd q half of the
    2^q neurons do. A trained network, unlike a constructed one, is wrong where no probe lies.

extra: size, log2_size; the same of each track, size_deep and so on; log2_odd, of the neurons at
    odd q; wrong, the share of public cells whose answer is above eps; solved, wrong and size of
    the hidden cells; series of cells, and of the solved public ones of each track.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from harness import arrays as named
from harness.kernels import relu_net
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

TRACKS = ("deep", "shallow")
Grid = dict[str, dict[int, tuple[float, ...]]]
PUBLIC: dict[Size, Grid] = {
    "smoke": {"deep": {2: (1e-1, 1e-2, 1e-3)}, "shallow": {2: (1e-1, 3e-2), 3: (1e-1,)}},
    "standard": {
        "deep": dict.fromkeys((2, 4, 8), (1e-1, 1e-2, 1e-3)),
        "shallow": {**dict.fromkeys((2, 3, 4), (1e-1, 3e-2)), 5: (1e-1,)},
    },
    "full": {
        "deep": dict.fromkeys((2, 4, 8, 14, 20), (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)),
        "shallow": dict.fromkeys((2, 3, 4, 5, 6), (1e-1, 3e-2, 1e-2)),
    },
}
"""Track -> q -> eps."""
HIDDEN: dict[Size, Grid] = {
    "smoke": {"deep": {3: (3e-2,)}, "shallow": {2: (1e-2,)}},
    "standard": {
        "deep": {3: (3e-2,), 6: (3e-3,), 12: (1e-2,)},
        "shallow": {3: (1e-2,), 5: (5e-2,)},
    },
    "full": {
        "deep": {3: (3e-2,), 6: (3e-3,), 12: (1e-2,), 17: (1e-3,)},
        "shallow": {3: (5e-3,), 5: (5e-2,)},
    },
}
SPREAD = 0.25
"""A hidden eps is drawn within so many powers of ten."""
N_PROBES = 4096
LEAST = 0.4
"""Of the public cells are to be solved."""


class Cell(NamedTuple):
    """One question, and where it stands in the exam."""

    track: str
    q: int
    eps: float
    public: bool


def make(seed: int, size: Size) -> Exam:
    """Draw the probes of each cell, '0/x' and so on, and the accuracies of the hidden cells."""
    rng = np.random.default_rng([seed, 0])
    drawn = [Cell(*row, True) for row in _rows(PUBLIC[size])]
    for track, q, eps in _rows(HIDDEN[size]):
        drawn.append(Cell(track, q, eps * 10 ** rng.uniform(-SPREAD, SPREAD), False))
    return Exam(
        train={f"{k}/x": rng.uniform(-1, 1, (N_PROBES, cell.q)) for k, cell in enumerate(drawn)},
        inputs={},
        truth={
            "seed": np.array(seed),
            "track": np.array([TRACKS.index(cell.track) for cell in drawn]),
            "q": np.array([cell.q for cell in drawn]),
            "eps": np.array([cell.eps for cell in drawn]),
            "public": np.array([cell.public for cell in drawn]),
        },
        facts={"size": size, "n_cells": len(drawn)},
    )


def _rows(grid: Grid) -> Iterator[tuple[str, int, float]]:
    for track, by_q in grid.items():
        for q, accuracies in by_q.items():
            for eps in accuracies:
                yield track, q, eps


def cells(exam: Exam) -> list[Cell]:
    """Return an exam's cells in their order."""
    columns = (exam.truth[name].tolist() for name in ("track", "q", "eps", "public"))
    return [Cell(TRACKS[t], q, eps, public) for t, q, eps, public in zip(*columns, strict=True)]


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Have a network built for each cell; a cell without arrays is declined."""
    artifact: Arrays = {}
    for k, cell in enumerate(cells(exam)):
        facts = {"track": cell.track, "q": cell.q, "eps": cell.eps}
        net = fit({"x": exam.train[f"{k}/x"]}, facts)
        if net:
            _network(net, cell)
        artifact |= {f"{k}/{name}": array for name, array in net.items()}
    return artifact


def ask(exam: Exam, artifact: Arrays, predict: Any) -> Arrays:
    """Answer nothing: the networks are the artifact, and `score` evaluates them."""
    return {}


def _network(arrays: Arrays, cell: Cell) -> Network:
    """Return a cell's network if its track allows it."""
    where = f"fit ({cell.track}, q = {cell.q}, eps = {cell.eps:.3g})"
    try:
        net = relu_net.read(arrays, cell.q)
    except ValueError as error:
        raise Refused(f"{where}: {error}") from None
    if cell.track == "deep" and net.activation != "relu":
        raise Refused(f"{where}: the deep track wants relu, got {net.activation}.")
    if cell.track == "shallow" and net.depth > 1:
        raise Refused(f"{where}: the shallow track wants one hidden layer, got {net.depth}.")
    if cell.track == "shallow" and (net.out[0].indices < cell.q).any():
        raise Refused(
            f"{where}: in the shallow track the output reads neurons alone, got a weight of an "
            "input: pass it through a neuron."
        )
    return net


def textbook(track: str, q: int, eps: float) -> int:
    """Return the size that a declined cell is charged.

    Shallow: 2^q neurons. Deep: a product of inputs by three squares of m levels has 42 m + 5
    weights. It is carried to the next by a neuron, a bias more; what reads it takes two biases
    for its own square and two for that of the mean.
    """
    if track == "shallow":
        return int(2**q)
    m = 1
    while 2 * (q - 1) / 4 ** (m + 1) > eps:
        m += 1
    weights = 0
    carried = [False] * q
    while len(carried) > 1:
        pairs = list(zip(carried[::2], carried[1::2], strict=False))
        for pair in pairs:
            weights += 42 * m + 5 + 2 * sum(pair) + 2 * any(pair)
        weights += len(pairs) if len(carried) > 2 else 0
        carried = [True] * len(pairs) + carried[2 * len(pairs) :]
    return weights


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Look for the largest error of each cell's network, and count it."""
    del outputs
    asked = cells(exam)
    for name in artifact:
        if name.partition("/")[0] not in map(str, range(len(asked))):
            raise Refused(f"fit[{name!r}] is no array of any cell from 0 to {len(asked) - 1}.")
    rows = [
        _examined(cell, named.part(artifact, str(k)), exam.train[f"{k}/x"], exam.truth["seed"], k)
        for k, cell in enumerate(asked)
    ]
    public = [row for row in rows if not row["hidden"]]
    hidden = [row for row in rows if row["hidden"]]
    extra = {
        "size": 2 ** _mean(public, "log2_size"),
        "log2_size": _mean(public, "log2_size"),
        "log2_odd": _mean([row for row in _of(public, "shallow") if row["q"] % 2], "log2_size"),
        "wrong": _mean(public, "wrong"),
        "solved_hidden": _mean(hidden, "solved"),
        "wrong_hidden": _mean(hidden, "wrong"),
        "size_hidden": 2 ** _mean(hidden, "log2_size"),
    }
    for track in TRACKS:
        log2 = _mean(_of(public, track), "log2_size")
        extra |= {f"size_{track}": 2**log2, f"log2_size_{track}": log2}
    answered = [row for row in public if row["status"] != "declined"]
    series = {"cells": _columns(rows, list(rows[0]))}
    for track in TRACKS:
        solved = [row for row in _of(rows, track) if row["solved"]]
        series[track] = _columns(
            solved, ["q", "eps", "one_over_eps", "weights", "neurons", "depth"]
        )
    return Scores(
        visible=_mean(answered, "probes") if answered else 1.0,
        heldout=_mean(answered, "search") if answered else 1.0,
        quality=_mean(public, "solved"),
        extra=extra,
        series=series,
    )


def _examined(
    cell: Cell, arrays: Arrays, probes: np.ndarray, seed: np.ndarray, place: int
) -> dict[str, Any]:
    """Return one cell's row: how it ended, what it is charged, the errors, and the counts."""
    charged = textbook(cell.track, cell.q, cell.eps)
    row: dict[str, Any] = {
        "cell": f"{cell.track} {cell.q}, " + (f"{cell.eps:.2g}" if cell.public else "hidden"),
        "track": cell.track,
        "q": cell.q,
        "eps": cell.eps,
        "one_over_eps": 1 / cell.eps,
        "hidden": float(not cell.public),
        "status": "declined",
        "solved": 0.0,
        "wrong": 0.0,
        "textbook": charged,
        "probes": float("nan"),
        "search": float("nan"),
        **dict.fromkeys(("weights", "neurons", "depth"), 0),
        "largest": 0.0,
    }
    if arrays:
        net = _network(arrays, cell)

        def error(x: np.ndarray) -> np.ndarray:
            return _error(net, x)

        with np.errstate(over="ignore", invalid="ignore"):  # said below, in words
            at_probes = float(error(probes).max())
            rng = np.random.default_rng([int(seed), 1, place])
            found = max(at_probes, sup_search(error, cell.q, rng)[0])
        if not np.isfinite(found):
            raise Refused(
                f"fit ({row['cell']}): the network's values are not finite or too large for "
                "float32: use smaller weights."
            )
        solved = found <= cell.eps
        row |= {
            "status": "solved" if solved else "wrong",
            "solved": float(solved),
            "wrong": float(not solved),
            "probes": at_probes,
            "search": found,
            "weights": net.weights,
            "neurons": net.neurons,
            "depth": net.depth,
            "largest": net.largest,
        }
        if solved:
            charged = net.weights if cell.track == "deep" else net.neurons
    return row | {"size": charged, "log2_size": float(np.log2(charged))}


def _error(net: Network, x: np.ndarray) -> np.ndarray:
    """Return the error at points x (N, q) in float64 or float32, what is worse."""
    wanted = x.prod(axis=1)
    double, single = (relu_net.values(net, x, kind) for kind in (np.float64, np.float32))
    worse: np.ndarray = np.maximum(np.abs(double - wanted), np.abs(single - wanted))
    return worse


def _of(rows: Sequence[dict[str, Any]], track: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["track"] == track]


def _mean(rows: Sequence[dict[str, Any]], column: str) -> float:
    return float(np.mean([row[column] for row in rows]))


def _columns(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> Arrays:
    return {name: np.array([row[name] for row in rows]) for name in names}


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say what is wrong, or which share of the public cells is solved where it is too small."""
    del baseline
    lacks = []
    if mine["wrong"] > 0:
        lacks.append(
            f"{mine['wrong']:.3g} of the public cells answered with an error above eps, wanted "
            "none: decline what you cannot do"
        )
    if mine["quality"] < LEAST - 1e-9:
        lacks.append(
            f"{mine['quality']:.3g} of the public cells solved, wanted at least {LEAST:.3g}"
        )
    return "; ".join(lacks)


TASK = Task(
    name="product_network",
    title="How small a network multiplies q numbers to a given accuracy?",
    idea=2,
    metric=Metric(
        name="solved cells",
        unit="",
        resolution=1e-3,
        target=f"no public cell wrong, at least {LEAST:.3g} of them solved and the others declined",
        shortfall=shortfall,
        lower_is_better=False,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="fit",
    axes=("compression",),
    counts="size",
    claims=(
        Claim(
            "Folding needs less than half of the weights of the textbook's deep networks.",
            Contrast("fold2", "baseline", "log2_size_deep", margin=-1.0),
        ),
        Claim(
            "For odd q half of the 2^q neurons of the theorem do.",
            Contrast("halves", "baseline", "log2_odd", margin=-0.9),
        ),
        Claim(
            "A constructed network holds on the whole cube; the error of a trained one is larger "
            "where no probe lies.",
            Contrast("fold2", "trained", "gap"),
        ),
    ),
    charts=(
        Chart("Records: weights or neurons of a cell", "cells", "cell", "size", "bar", "track"),
        Chart("Weights and accuracy", "deep", "one_over_eps", "weights", "line", "q", True),
        Chart(
            "Neurons in one layer, 2^q by the theorem", "shallow", "q", "neurons", "line",
            "eps", False, True,
        ),
        Chart("Depth and weights", "deep", "depth", "weights", "point", "q", True, True),
        Chart(
            "Error at probes and found by search", "cells", "probes", "search", "point", "track",
            True, True,
        ),
    ),
    seconds={"smoke": 30.0, "standard": 120.0, "full": 3600.0},
)  # fmt: skip
