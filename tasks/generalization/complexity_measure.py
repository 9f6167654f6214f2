"""What predicts the gap of a trained network: rho, structure, or rank?

Idea: 17, complexity control: rho, the sparsity of the architecture, the rank of the weights. Which
    of them goes with the gap between test and training error?

Papers: Jiang, Neyshabur, Mobahi, Krishnan, Bengio, Fantastic Generalization Measures and Where to
    Find Them, ICLR 2020, arXiv 1912.02178. Jiang et al., NeurIPS 2020 Competition: Predicting
    Generalization in Deep Learning, arXiv 2012.07976. Dziugaite et al., In Search of Robust
    Measures of Generalization, NeurIPS 2020, arXiv 2010.11924. Natekar, Sharma, Representation
    Based Complexity Measures for Predicting Generalization in Deep Learning, arXiv 2012.02775.
    Galanti, Xu, Galanti, Poggio, Norm-Based Generalization Bounds for Sparse Neural Networks,
    NeurIPS 2023, arXiv 2301.12033. None was checked against the text.

Question: Which function of one trained network and its training set orders unseen networks by
    their true gap, whatever two of their hyperparameters are held fixed, so that it is no proxy for
    width or depth?

fit: called once with the shown networks: `data/K/x`, float32 (400, 24), and `data/K/y`, int64
    (400,), of each data set; of each network I `net/I/data`, K, and float32 weights: `net/I/W0`
    (24, width) if dense, (18, 7, width) if local and (1, 7, width) if convolutional, then
    `net/I/W1` .. (in, out), or a product `net/I/U1` (in, 6), `net/I/V1` (6, out), and `net/I/b0`
    ..; `gap`, float64 (n,), and `factors`, float64 (n, 6), named in `context.facts`, as are
    `grids` and `grid` (n,), which of them a network is of. Layers are h W + b and a ReLU, but for
    the last; a local or convolutional layer takes the largest response of its 18 windows of 7
    before b. Its artifact may be empty. Data: patterns of four classes in noise, moved by at most 3
    places, that the exam draws. Grids, each on every data set: `dense`, 72 networks that differ in
    width (32, 128), depth, rank of the hidden matrices (full, 6), batch and weight decay;
    `struct`, 72 that differ in kind, width (16, 48), depth, batch, weight decay. All take SGD with
    momentum and at most 1200 steps. Who errs on more than 5 % of the samples is left out. One
    data set is shown and two are hidden; at smoke one and one with 27 networks each, 300 steps and
    errors up to 30 %; at full two and four.

predict: called once for each network, shown and hidden ones mixed, with `x` and `y` of its data
    set and the weights alone, named as above without `net/I/`. Returns `score`, float (): larger
    for a larger gap. Eight are asked again, each in a process that has seen no other.

visible: 1 less the matched concordance on the shown networks. Matched: the mean of
    sgn(difference of scores) sgn(difference of gaps) over pairs of a grid and data set that agree
    on A, ties counting 0; the least over sets A of at most two hyperparameters, the empty one too;
    the mean over grids and data sets. It is signed, and a function of two hyperparameters has at
    most 0. A constant has 0, hence an error of 1; by chance it is a little below.

held-out: the same on the hidden networks. So the gap is how much less a measure, which may be
    tuned, says about networks of unseen data sets.

quality: the same. Ranked are measures that on hidden and on shown networks are at most 0.05 behind
    the baseline, and have at least half of its Kendall's tau on hidden ones, without which chance
    and constants would stand beside a weak baseline. A prototype's target, 0.15 where its baseline
    had 0.09, would leave the baseline itself out, whose figure moves with the draw.
    Compression compares the disorder, 1 less the matched concordance on hidden networks, at least
    0.01, and no bytes: what a measure is to be is right, and most have learned nothing. Speed,
    processor time of all calls of `predict`, is shown and not ranked: between measures that take
    milliseconds where training took seconds it would decide everything.

baseline: log rho, the product of Frobenius norms. References: rho and the product of spectral norms
    over the margin; the sum of stable ranks; the number of parameters; the path norm; sharpness;
    the Davies-Bouldin index times the error on mixed samples; the error on shifted samples, which
    knows how the data were drawn; the disagreement with an ensemble of one's own; a ridge on
    these, fitted to the shown networks. Naive: `random`.

claim: Structure predicts better than rho: the path norm, and the error on shifted samples. Rho is
    better than the stable rank, than counting parameters, and than chance. What is fitted on shown
    networks is better than its best part, the error on shifted samples.

extra: of hidden networks, also by grid: matched, tau (Kendall's), granulated (pairs that differ in
    one hyperparameter alone), cmi (the competition's score, with the sign of tau); ceiling, what
    the true test error has for matched; disorder; networks, how many count. Series of all hidden
    networks, of concordance by condition, and of mean gaps by architecture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from harness import arrays as named
from harness.vocabulary import (
    Arrays,
    Claim,
    Contrast,
    Exam,
    Predict,
    Refused,
    Scores,
    Size,
    Task,
)
from tasks._data import measures, zoo

N_AGAIN = 8
"""Networks that are asked again, each alone."""
ROUNDING = 1e-5


@dataclass(frozen=True)
class Scale:
    """What a size trains."""

    shown: int
    """Data sets."""
    hidden: int
    n_steps: int = 1200
    n_fresh: int = 10_000
    small: bool = False
    """Whether the grids are."""
    most_train: float = 0.05
    """Share of the samples on which a network may err."""


SCALES: dict[Size, Scale] = {
    "smoke": Scale(1, 1, 300, 2000, small=True, most_train=0.3),
    "standard": Scale(1, 2),
    "full": Scale(2, 4, n_fresh=20_000),
}


def make(seed: int, size: Size) -> Exam:
    """Draw data sets, train both grids on them, and show some of both."""
    rng = np.random.default_rng(seed)
    scale = SCALES[size]
    seeds = rng.integers(2**62, size=scale.shown + scale.hidden).tolist()
    nets = _nets(seeds, scale)
    order = rng.permutation(len(nets))
    nets = [nets[i] for i in order]
    samples: Arrays = {}
    for k, seed_ in enumerate(seeds):
        data = zoo.draw(seed_, 0)
        samples |= {f"data/{k}/x": data.x, f"data/{k}/y": data.y}
    shown = [net for net in nets if net["data"] < scale.shown]
    train = {n: a for n, a in samples.items() if int(n.split("/")[1]) < scale.shown}
    inputs, truth = samples, {"again": rng.integers(2**32, size=4)}
    for arrays, some in ((train, shown), (inputs, nets)):
        for i, net in enumerate(some):
            arrays |= {f"net/{i}/{n}": a for n, a in {"data": net["data"], **net["W"]}.items()}
    for arrays, some in ((train, shown), (truth, nets)):
        for name in ("gap", "factors", "grid"):
            arrays[name] = np.array([net[name] for net in some])
    truth["test_error"] = np.array([net["test_error"] for net in nets])
    truth["data"] = np.array([net["data"] for net in nets])
    truth["seen"] = truth["data"] < scale.shown
    facts = {"factors": list(zoo.FACTORS), "kinds": list(zoo.KINDS), "grids": list(zoo.GRIDS)}
    return Exam(train, inputs, truth, facts)


def _nets(seeds: list[int], scale: Scale) -> list[dict[str, Any]]:
    """Return all networks that have learned: their weights, and what is known of each."""
    found = []
    for g, grid in enumerate(zoo.GRIDS):
        shapes = zoo.grid(grid, scale.small)
        groups = zoo.trained(shapes, seeds, scale.n_steps, scale.n_fresh)
        for shape, group in zip(shapes, groups, strict=True):
            for r in np.flatnonzero(group["train_error"] <= scale.most_train):
                found.append(
                    {
                        "data": np.asarray(group["data"][r]),
                        "grid": g,
                        "factors": np.array([*shape.numbers, group["decay"][r]]),
                        "gap": group["test_error"][r] - group["train_error"][r],
                        "test_error": group["test_error"][r],
                        "W": {name: group[name][r] for name in shape.arrays()},
                    }
                )
    return found


def ask(exam: Exam, artifact: Arrays, predict: Predict) -> Arrays:
    """Ask about one network after the other, and about some of them again, each alone.

    Raises
    ------
    Refused
        An answer is not {'score': ()}, or depends on other networks than its own.
    """
    del artifact
    n = len(exam.truth["gap"])

    def answer(i: int, part: str | None = None) -> float:
        net = named.part(exam.inputs, f"net/{i}")
        outputs = predict(net | named.part(exam.inputs, f"data/{net.pop('data')}"), part)
        named.require(outputs, {"score": ()}, "predict")
        return float(outputs["score"])

    scores = np.array([answer(i) for i in range(n)])
    rng = np.random.default_rng(exam.truth["again"])
    for i in rng.permutation(n)[:N_AGAIN]:
        if not np.isclose(answer(i, ""), scores[i], ROUNDING, ROUNDING * abs(scores[i])):
            raise Refused(
                "predict['score'] must depend on the network that is asked about alone, got "
                "another value for the same network in a process that had seen no other."
            )
    return {"score": scores}


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Compare the order by the measure with the order by gap, cell by cell."""
    del artifact
    named.require(outputs, {"score": exam.truth["gap"].shape}, "predict")
    return measures.scores(measures.cells(exam.truth, zoo.GRIDS), outputs["score"], zoo.FACTORS)


TASK = Task(
    name="complexity_measure",
    title="What predicts the gap of a trained network: rho, structure, or rank?",
    idea=17,
    metric=measures.METRIC,
    make=make,
    score=score,
    ask=ask,
    timed="predict",
    axes=("gap", "compression"),
    counts="disorder",
    claims=(
        Claim("The path norm predicts the gap better than rho.", Contrast("path_norm", "baseline")),
        Claim(
            "The error on shifted samples predicts the gap better than rho.",
            Contrast("shifts", "baseline"),
        ),
        Claim(
            "Rho predicts the gap better than the stable rank.",
            Contrast("baseline", "stable_rank"),
        ),
        Claim(
            "Rho predicts the gap better than the number of parameters.",
            Contrast("baseline", "n_parameters"),
        ),
        Claim("Rho predicts the gap better than chance.", Contrast("baseline", "random")),
        Claim(
            "What is fitted to shown networks predicts the gap better than its best part, the "
            "error on shifted samples.",
            Contrast("learned", "shifts"),
        ),
    ),
    charts=measures.CHARTS,
    seconds={"smoke": 30.0, "standard": 120.0, "full": 600.0},
)
