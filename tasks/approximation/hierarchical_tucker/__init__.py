"""Which computable functions have a small tree decomposition?

Idea: 4, hierarchical Tucker decompositions of computable functions. A tensor of n^d entries on a
    binary tree over its variables, with rank k_t at each node, is stored in (d-1)k^3 + dnk
    numbers. The idea conjectures that every efficiently computable function has such a
    decomposition of moderate size.

Papers: Grasedyck, Hierarchical Singular Value Decomposition of Tensors, SIAM J. Matrix Anal. Appl.
    31(4), 2010, doi 10.1137/090764189. Hackbusch, SeMA J. 78, 2021. Ballani, Grasedyck, Kluge,
    Black Box Approximation of Tensors in Hierarchical Tucker Format, Linear Algebra Appl. 438,
    2013. Cohen, Sharir, Shashua, COLT 2016. Poggio, arXiv 2510.11942. Oum; Lee, Lee, Oum 2012
    (rank-width of random graphs). Theorems and their numbers were not checked against the texts.

Question: How few numbers store a function with a small circuit, as a tree of small tensors, when
    the tree is not told? True is: along the tree of a smooth composition the ranks at accuracy
    eps are O(log 1/eps). False is the conjecture on the raw variables: (-1)^(sum of x_i x_j over
    the edges of a graph) has at a cut the rank 2^(rank of the cut over GF(2)), all singular
    values equal, and random cubic graphs have a rank-width that grows with d. So one cell a
    family, and the board shows where trees fail.

fit: called once for each of six cells, in a fresh process each time, on the cell's `index`
    (20000, d) and `value` (20000,), uniform entries of one function. `context.facts` holds
    `shape`, `eps` (0.02) and `budget`; `context.oracle({index})` answers with `value` for any
    entries, at most `budget` of them (4e6, 0.09 % of 4^16). It returns a tree in the format
    tree-tensor/1, at most 4 MiB: `child` (M, 2), `mode` (M,), `node{t}.data`; see
    `harness.kernels.tree_tensor`. Cells come without names and in a random order, the variables
    permuted: smooth_tree, window and modsum on 4^16, pairs and compare on 2^32, graph on 2^16. At
    full they are 8^32, 2^64 and 2^20 with 4e7 entries, no data set is needed, and its figures
    were not measured.

predict: never called. The tree is the answer, and the task contracts it.

visible: error on the entries handed to `fit`, not on those that it asked for: methods that look
    for hard entries do worse there. The error of a cell is the root mean square over the
    standard deviation of the function, at most 1, which a constant has; the mean over all cells
    but graph, whose whole tensor is within the budget.

held-out: the same on 20000 fresh uniform entries a cell.

quality: the share of the six functions that are solved: held-out error at most eps. Ranked are
    submissions that solve at least 7/10 as many as the baseline, on the held-out entries and on
    those handed out. A prototype's target, half of the functions where its baseline solved 0.72,
    is kept as a ratio, because secret draws move what is solved.

    Compression compares stored entries, which the theory counts, not bytes, which turn their order
    around: entries of +-1 and zeros compress, float16 halves nothing that counts, and a tree that
    fails is smaller than one that solves. `entries` is the geometric mean over the cells, in
    which a cell that is not solved or takes more is charged the table of the handed-out entries,
    20000 (1 + d/8) words; a claim compares its logarithm and a chart shows it by family.

baseline: merge the two clusters of variables that have least to do with the rest, interpolate on
    nested pivots from 40 random columns. References: 100 columns and up to six rounds of repair
    at the worst of 20000 entries; naive: the balanced tree in the order of the variables as they
    are numbered, ranks at most 32. Line, never ranked: the generator's own order, told.

claim: Repair at the worst entries solves more functions than the baseline. A tree that is
    searched for stores fewer entries than the balanced tree in the order as numbered.

extra: solved_visible; entries, log2_entries; queries, of all cells; max_rank; cut_ranks, the
    share of nodes of pairs and graph whose rank is 2^(cut rank), as it must be where the tree is
    exact and minimal; solved, error and entries by family; series of cells and of nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.kernels import tree_tensor
from harness.kernels.tree_tensor import Tree
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

from .functions import Function, draw

EPS = 2e-2
MOST_BYTES = 4 << 20
"""Of one cell's tree, as it was sent."""
SHAPES: dict[Size, dict[str, tuple[int, int]]] = {
    "smoke": {
        "smooth_tree": (4, 8),
        "window": (4, 8),
        "pairs": (2, 16),
        "compare": (2, 16),
        "modsum": (4, 8),
        "graph": (2, 12),
    },
    "standard": {
        "smooth_tree": (4, 16),
        "window": (4, 16),
        "pairs": (2, 32),
        "compare": (2, 32),
        "modsum": (4, 16),
        "graph": (2, 16),
    },
    "full": {
        "smooth_tree": (8, 32),
        "window": (8, 32),
        "pairs": (2, 64),
        "compare": (2, 64),
        "modsum": (8, 32),
        "graph": (2, 20),
    },
}
"""Family -> n and d."""
SAMPLES: dict[Size, int] = {"smoke": 2000, "standard": 20_000, "full": 20_000}
BUDGETS: dict[Size, int] = {"smoke": 200_000, "standard": 4_000_000, "full": 40_000_000}
WITHOUT_GAP = "graph"


def make(seed: int, size: Size) -> Exam:
    """Draw six functions, shuffle them, and draw entries of each: '0/index', '0/value' and so on.

    The truth holds the seed, too, from which `functions` draws the same six again.
    """
    rng = np.random.default_rng([seed, 1])
    n = SAMPLES[size]
    train: Arrays = {}
    truth: Arrays = {"seed": np.array(seed)}
    for cell, function in enumerate(functions(seed, size)):
        for part in (train, truth):
            index = rng.integers(0, function.shape, (n, len(function.shape)), dtype=np.uint8)
            part |= {f"{cell}/index": index, f"{cell}/value": function(index)}
    return Exam(
        train=train,
        inputs={},
        truth=truth,
        facts={"size": size, "eps": EPS, "budget": BUDGETS[size], "n_cells": len(SHAPES[size])},
    )


def functions(seed: int, size: Size) -> list[Function]:
    """Draw an exam's functions, in the order of its cells."""
    rng = np.random.default_rng([seed, 0])
    drawn = [draw(family, (n,) * d, rng) for family, (n, d) in SHAPES[size].items()]
    return [drawn[k] for k in rng.permutation(len(drawn))]


def _functions(exam: Exam) -> list[Function]:
    return functions(int(exam.truth["seed"]), exam.facts["size"])


class Oracle:
    """Entries of one function, counted."""

    def __init__(self, function: Function, budget: int) -> None:
        self.function, self.budget = function, budget
        self.n_asked = 0

    def __call__(self, question: Arrays) -> Arrays:
        """Answer {index} with {value}.

        Raises
        ------
        Refused
            Another name, shape or kind, an index outside the tensor, or the budget is spent.
        """
        shape = self.function.shape
        index = question.get("index")
        fits = index is not None and index.ndim == 2 and index.shape[1] == len(shape)
        if index is None or len(question) > 1 or not fits or index.dtype.kind not in "iu":
            got = ", ".join(f"{k!r} {a.dtype} {a.shape}" for k, a in question.items())
            raise Refused(
                f"oracle: a question must be {{'index': integers of shape (any, {len(shape)})}}, "
                f"got {got[:200] or 'nothing'}."
            )
        if len(index) and ((index < 0) | (index >= np.array(shape))).any():
            raise Refused(f"oracle['index'] must lie inside a tensor of shape {shape}.")
        self.n_asked += len(index)
        if self.n_asked > self.budget:
            raise Refused(
                f"oracle: one fit may ask for {self.budget:,} entries and no more; count them, "
                "context.facts['budget'] is the limit."
            )
        return {"value": self.function(index)}


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Have a tree found for each cell; a line is told the generator's order of the variables."""
    artifact: Arrays = {}
    queries = 0
    for cell, function in enumerate(_functions(exam)):
        train = {name: exam.train[f"{cell}/{name}"] for name in ("index", "value")}
        if fit.division == "line":
            train["order"] = function.order
        oracle = Oracle(function, exam.facts["budget"])
        tree = fit(train, {"shape": list(function.shape)}, oracle)
        _tree(tree, function, cell)
        artifact |= {f"{cell}/{name}": array for name, array in tree.items()}
        queries += oracle.n_asked
        fit.record("queries", family=function.family, entries_asked=oracle.n_asked)
    fit.notes["queries"] = float(queries)
    return artifact


def ask(exam: Exam, artifact: Arrays, predict: Any) -> Arrays:
    """Answer nothing: the trees are the artifact, and `score` contracts them."""
    return {}


def _tree(arrays: Arrays, function: Function, cell: int) -> Tree:
    n_bytes = sum(array.nbytes for array in arrays.values())
    if n_bytes > MOST_BYTES:
        raise Refused(
            f"fit (cell {cell}): a tree may have at most {MOST_BYTES >> 20} MiB, got "
            f"{n_bytes:,} bytes: truncate its ranks."
        )
    try:
        return tree_tensor.read(arrays, function.shape)
    except ValueError as error:
        raise Refused(f"fit (cell {cell}): {error}") from None


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Contract each cell's tree at seen and unseen entries."""
    del outputs
    cells: list[dict[str, Any]] = []
    nodes: list[dict[str, Any]] = []
    matches: list[bool] = []
    drawn = _functions(exam)
    for name in artifact:
        if name.partition("/")[0] not in map(str, range(len(drawn))):
            raise Refused(f"fit[{name!r}] is no array of any cell from 0 to {len(drawn) - 1}.")
    for cell, function in enumerate(drawn):
        prefix = f"{cell}/"
        own = {n.removeprefix(prefix): a for n, a in artifact.items() if n.startswith(prefix)}
        tree = _tree(own, function, cell)
        visible, heldout = (_error(tree, part, cell) for part in (exam.train, exam.truth))
        n, d = exam.train[f"{cell}/index"].shape
        table = n * (1 + d / 8)  # words of 8 bytes
        solved = heldout <= EPS
        entries = min(tree.size, table) if solved else table
        cells.append(
            {
                "family": function.family,
                "d": d,
                "visible": visible,
                "heldout": heldout,
                "solved": float(solved),
                "solved_visible": float(visible <= EPS),
                "stored": tree.size,
                "entries": entries,
                "log2_entries": float(np.log2(entries)),
                "max_rank": max(tree.ranks),
            }
        )
        for modes, rank in zip(tree.modes, tree.ranks, strict=True):
            exact = 0
            if function.edges is not None:
                exact = 2 ** function.cut_rank(modes)
                matches.append(rank == exact)
            nodes.append(
                {
                    "family": function.family,
                    "variables": len(modes),
                    "rank": rank,
                    "exact_rank": exact,
                    "modes": " ".join(map(str, sorted(modes))),
                }
            )
    columns = {key: np.asarray([row[key] for row in cells]) for key in cells[0]}
    with_gap = columns["family"] != WITHOUT_GAP
    log2 = float(columns["log2_entries"].mean())
    extra = {
        "solved_visible": float(columns["solved_visible"].mean()),
        "entries": 2**log2,
        "log2_entries": log2,
        "max_rank": float(columns["max_rank"].max()),
        "cut_ranks": float(np.mean(matches)),
    }
    for row in cells:
        family = row["family"]
        extra |= {
            f"solved_{family}": row["solved"],
            f"error_{family}": row["heldout"],
            f"entries_{family}": row["entries"],
        }
    return Scores(
        visible=float(np.minimum(columns["visible"], 1)[with_gap].mean()),
        heldout=float(np.minimum(columns["heldout"], 1)[with_gap].mean()),
        quality=float(columns["solved"].mean()),
        extra=extra,
        series={
            "cells": columns,
            "nodes": {key: np.asarray([row[key] for row in nodes]) for key in nodes[0]},
        },
    )


def _error(tree: Tree, part: Arrays, cell: int) -> float:
    """Return the root mean square error over the standard deviation of the function."""
    value = part[f"{cell}/value"]
    with np.errstate(over="ignore", invalid="ignore"):  # said below, in words
        wrong = tree_tensor.entries(tree, part[f"{cell}/index"]) - value
        error = float(np.sqrt(np.mean(wrong**2)) / value.std())
    if not np.isfinite(error):
        raise Refused(
            f"fit (cell {cell}): the tree contracts to numbers that are not finite or too large: "
            "balance its factors."
        )
    return error


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say which share of solved functions is below the target, relative to the baseline's."""
    least = 0.7 * baseline["quality"]
    wanted = {
        "quality": "of the functions solved on held-out entries",
        "solved_visible": "of the functions solved on the entries handed out",
    }
    return "; ".join(
        f"{mine[name]:.3g} {words}, wanted at least {least:.3g}"
        for name, words in wanted.items()
        if mine[name] < least - 1e-9
    )


TASK = Task(
    name="hierarchical_tucker",
    title="Which computable functions have a small tree decomposition?",
    idea=4,
    metric=Metric(
        name="solved functions",
        unit="",
        resolution=EPS,
        target=(
            "at least 7/10 as many functions solved as by the baseline, on held-out entries and "
            "on those handed out"
        ),
        shortfall=shortfall,
        lower_is_better=False,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="fit",
    divisions={"open": "baseline", "line": None},
    counts="entries",
    claims=(
        Claim(
            "Repair at the worst entries solves more functions than random columns alone.",
            Contrast("baseline", "repaired", "quality"),
        ),
        Claim(
            "A tree that is searched for stores fewer entries than the balanced tree in the "
            "order in which the variables are numbered.",
            Contrast("baseline", "natural", "log2_entries"),
        ),
    ),
    charts=(
        Chart(
            "Stored entries, the table's where unsolved", "cells", "family", "log2_entries", "bar"
        ),
        Chart(
            "Error and stored entries", "cells", "stored", "heldout", "point", "family", True, True
        ),
        Chart("Ranks up the tree found", "nodes", "variables", "rank", "point", "family"),
        Chart("Entries asked for", "queries", "family", "entries_asked", "bar"),
    ),
    seconds={"smoke": 30.0, "standard": 120.0, "full": 3600.0},
)
