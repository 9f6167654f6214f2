"""Does stability predict the gap of a trained network, and which stability?

Idea: 22, stability and generalization. If leaving out a sample changes the loss on it little, the
    expected gap is small; for the minimizer of the empirical risk this stability is necessary and
    sufficient for generalization. Does some notion of it order deep networks by their gap?

Papers: Mukherjee, Niyogi, Poggio, Rifkin, Learning Theory: Stability Is Sufficient for
    Generalization and Necessary and Sufficient for Consistency of Empirical Risk Minimization,
    Advances in Computational Mathematics 25 (2006). Rangamani, Rosasco, Poggio, CBMM memo 108,
    arXiv 2006.15522. Dziugaite et al., In Search of Robust Measures of Generalization, NeurIPS
    2020, arXiv 2010.11924. None was checked against the text.

Question: Which function of what a recipe's networks answer, trained on all samples and without each
    fold of them, orders unseen recipes by the gap of the network of all samples, whatever two of
    their hyperparameters are held fixed? Must it know the labels?

fit: called once with the shown recipes: float32 `full` (n, 400, 4), the outputs on all samples of
    the network that was trained on them; `reps` (n, 8, 400, 4), those of eight networks, each of
    which was taught without one fold, from the same start and in the same order; int64 `fold`
    (n, 400), each sample's; `data` (n,), its data set's number; `gap`, float64 (n,); `factors`,
    float64 (n, 6), named in `context.facts`, as are `grids` and `grid` (n,), which of them a recipe
    is of; in the division `labelled` also int64 `y` (n, 400). Its artifact may be empty. Data:
    patterns of four classes in noise, moved by at most 3 places, that the exam draws. Grids, each
    on every data set: `dense`, 72 recipes that differ in width (32, 128), depth (1, 2, 3), rank of
    the hidden matrices (full, 6), batch and weight decay; `struct`, 72 that differ in kind (dense,
    local, convolutional), width (16, 48), depth, batch, weight decay. All take SGD with momentum
    and at most 1200 steps. Whose network of all samples errs on more than 5 % of them is left out.
    One data set is shown and one is hidden, 2592 networks, three minutes of one core before the
    first trial of a seed; at smoke with 27 recipes each, 2 folds, 300 steps and errors up to 30 %;
    at full two and four.

predict: called once with `full`, `reps`, `fold` of all recipes, shown and hidden ones mixed, and
    with `y` in the division `labelled`. Returns `score`, float (m,): larger for a larger gap. A
    part of the rows comes again in other company and must be answered alike.

visible: 1 less the matched concordance on the shown recipes. Matched: the mean of
    sgn(difference of scores) sgn(difference of gaps) over pairs of a grid and data set that agree
    on A, ties counting 0; the least over sets A of at most two hyperparameters, the empty one too;
    the mean over grids and data sets. A constant has 0, hence an error of 1.

held-out: the same on the hidden recipes. So the gap is how much less a measure, which may be tuned,
    says about networks of unseen data sets.

quality: the same. Ranked are measures that on hidden and on shown recipes are at most 0.05 behind
    the baseline of their division, and have at least half of its Kendall's tau on hidden ones,
    without which chance and constants would stand beside a weak baseline. With labels,
    cross-validation is an estimate of the answer and no explanation; so `label_free`, without, is
    the division to win. Compression compares the disorder, 1 less the matched concordance on hidden
    recipes, at least 0.01, and no bytes: what a measure is to be is right, and most have learned
    nothing. Speed, processor time of `predict`, is shown and not ranked: all take milliseconds.

baseline: the mean of |softmax(full) - softmax(rep)|_1 at samples that the rep was not taught; in
    `labelled` the error there, which is cross-validation. References: `churn`, how often the
    predicted class changes there; the relative and the largest change of outputs there; in
    `labelled` the change of the cross-entropy, CV_loo of memo 108. Wrong: `retained`, churn at
    samples that both have seen. Naive: `random`, and `one_fold`, cross-validation by a single fold.

claim: Churn where samples are missing predicts the gap better than churn where none is, than the
    change of probabilities, and than chance; and about as well as cross-validation: by no more than
    0.1 less. The largest change, which uniform stability bounds, predicts less than the mean one.
    Eight folds are better than one.

extra: of hidden recipes, also by grid: matched, tau (Kendall's), granulated (pairs that differ in
    one hyperparameter alone), cmi (the score of the competition on predicting generalization, with
    the sign of tau); ceiling, what the true test error has for matched; disorder; networks, how
    many count. Series of all hidden recipes, of concordance by condition, of mean gaps by
    architecture, and of the change of probabilities at a missing sample, for the recipe of least
    and of largest gap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import softmax

from harness import arrays as named
from harness.trial import ask_again
from harness.vocabulary import (
    Arrays,
    Chart,
    Claim,
    Contrast,
    Exam,
    Fit,
    Predict,
    Refused,
    Scores,
    Size,
    Task,
)
from tasks._data import measures, zoo

LABELLED = "labelled"
"""The division that is told labels, and the array that says so in an artifact."""
ASKED = ("full", "reps", "fold")
EDGES = np.linspace(0, 2, 11)
"""Of the bins of changes of probabilities, which are at most 2."""


@dataclass(frozen=True)
class Scale:
    """What a size trains."""

    shown: int
    """Data sets."""
    hidden: int
    n_steps: int = 1200
    n_folds: int = 8
    n_fresh: int = 10_000
    small: bool = False
    most_train: float = 0.05
    """Share of the samples on which a network may err."""


SCALES: dict[Size, Scale] = {
    "smoke": Scale(1, 1, 300, 2, 2000, small=True, most_train=0.3),
    "standard": Scale(1, 1),
    "full": Scale(2, 4, n_fresh=20_000),
}


def make(seed: int, size: Size) -> Exam:
    """Draw data sets, train both grids on them with and without each fold, and show some."""
    rng = np.random.default_rng(seed)
    scale = SCALES[size]
    seeds = rng.integers(2**62, size=scale.shown + scale.hidden).tolist()
    table = _recipes(seeds, scale)
    order = rng.permutation(len(table["gap"]))
    table = {name: values[order] for name, values in table.items()}
    labels = np.stack([zoo.draw(one, 0).y for one in seeds])
    table["y"] = labels[table["data"]]
    seen = table["data"] < scale.shown
    asked = {name: table.pop(name) for name in (*ASKED, "y")}
    known = {name: table[name] for name in ("data", "gap", "factors", "grid")}
    return Exam(
        train={name: values[seen] for name, values in {**asked, **known}.items()},
        inputs=asked,
        truth={**table, "seen": seen, "again": rng.integers(2**32, size=4)},
        facts={"factors": list(zoo.FACTORS), "kinds": list(zoo.KINDS), "grids": list(zoo.GRIDS)},
    )


def _recipes(seeds: list[int], scale: Scale) -> Arrays:
    """Return a row for each recipe and data set whose network of all samples has learned."""
    rows: dict[str, list[np.ndarray]] = {}
    for g, grid in enumerate(zoo.GRIDS):
        shapes = zoo.grid(grid, scale.small)
        groups = zoo.trained(shapes, seeds, scale.n_steps, scale.n_fresh, scale.n_folds)
        for shape, group in zip(shapes, groups, strict=True):
            kept = group["train_error"] <= scale.most_train
            columns = {name: group[name][kept] for name in (*ASKED, "data", "test_error")}
            columns["gap"] = (group["test_error"] - group["train_error"])[kept]
            columns["grid"] = np.full(int(kept.sum()), g)
            columns["factors"] = np.array(
                [[*shape.numbers, d] for d in group["decay"][kept]]
            ).reshape(-1, 6)
            for name, values in columns.items():
                rows.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in rows.items()}


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Call `fit` once, with labels where the division has them, and note which it is."""
    labelled = fit.division == LABELLED
    train = exam.train if labelled else {n: a for n, a in exam.train.items() if n != "y"}
    artifact = fit(train, {"labelled": labelled})
    if LABELLED in artifact:
        raise Refused(f"fit[{LABELLED!r}] is the examiner's own: name this array otherwise.")
    return artifact | ({LABELLED: np.array(True)} if labelled else {})


def ask(exam: Exam, artifact: Arrays, predict: Predict) -> Arrays:
    """Ask about all recipes at once, and about some of them again in other company."""
    names = (*ASKED, "y") if LABELLED in artifact else ASKED
    inputs = {name: exam.inputs[name] for name in names}
    outputs = predict(inputs)
    named.require(outputs, {"score": exam.truth["gap"].shape}, "predict")
    rng = np.random.default_rng(exam.truth["again"])
    ask_again(inputs, outputs, lambda some: predict(some, ""), rng)
    return outputs


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Compare the order by the measure with the order by gap, cell by cell."""
    del artifact
    named.require(outputs, {"score": exam.truth["gap"].shape}, "predict")
    cells = measures.cells(exam.truth, zoo.GRIDS)
    found = measures.scores(cells, outputs["score"].astype(np.float64), zoo.FACTORS)
    changes = _changes(exam, np.flatnonzero(~exam.truth["seen"]))
    return replace(found, series={**found.series, "changes": changes})


def _changes(exam: Exam, rows: np.ndarray) -> Arrays:
    """Return shares of samples by how much probabilities change where the sample is missing."""
    gaps = exam.truth["gap"][rows]
    recipes, changes, shares = [], [], []
    for words, i in (("least gap", rows[gaps.argmin()]), ("largest gap", rows[gaps.argmax()])):
        full, reps, fold = (exam.inputs[name][i] for name in ASKED)
        missing = reps[fold, np.arange(len(fold))]
        change = np.abs(softmax(full, -1) - softmax(missing, -1)).sum(-1)
        counts = np.histogram(change, EDGES)[0]
        recipes += [words] * len(counts)
        changes += ((EDGES[:-1] + EDGES[1:]) / 2).tolist()
        shares += (counts / counts.sum()).tolist()
    return {"recipe": np.array(recipes), "change": np.array(changes), "share": np.array(shares)}


TASK = Task(
    name="stability_measure",
    title="Does stability predict the gap of a trained network, and which stability?",
    idea=22,
    metric=measures.METRIC,
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="predict",
    axes=("gap", "compression"),
    counts="disorder",
    divisions={"label_free": "baseline", LABELLED: "baseline_labelled"},
    claims=(
        Claim(
            "Churn at missing samples predicts the gap better than churn at retained ones.",
            Contrast("churn", "retained"),
        ),
        Claim(
            "Churn at missing samples predicts the gap better than the change of probabilities.",
            Contrast("churn", "baseline"),
        ),
        Claim("It predicts the gap better than chance.", Contrast("churn", "random")),
        Claim(
            "Without labels it is at most 0.1 behind cross-validation.",
            Contrast("churn", "baseline_labelled", margin=0.1),
        ),
        Claim(
            "The mean change of probabilities predicts more than the largest change of outputs.",
            Contrast("baseline", "largest"),
        ),
        Claim(
            "Cross-validation by eight folds predicts more than by one.",
            Contrast("baseline_labelled", "one_fold"),
        ),
    ),
    charts=(
        *measures.CHARTS,
        Chart("Change of probabilities at a missing sample", "changes", "change", "share", "bar",
              "recipe"),
    ),
    seconds={"smoke": 30.0, "standard": 120.0, "full": 600.0},
)  # fmt: skip
