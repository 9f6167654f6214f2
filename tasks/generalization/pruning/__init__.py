"""Small weights are not zero weights: does pruning improve a network, or only compress it?

Idea: 16, sparsity and generalization. Bounds for sparse networks count or weigh the weights that
    are not zero; trained networks have very many that are small and not zero. If a network is close
    to itself without them, a bound for the sparse one holds for it too, up to that distance: then
    it already is the sparse network, and pruning should compress and not improve. Do L1, which
    makes zeros, and L2, which makes small weights, differ?

Papers: Galanti, Xu, Galanti, Poggio, Norm-Based Generalization Bounds for Sparse Neural Networks,
    NeurIPS 2023, arXiv 2301.12033. Frankle, Carbin, The Lottery Ticket Hypothesis, ICLR 2019. Jin,
    Carbin, Roy, Frankle, Dziugaite, Pruning's Effect on Generalization Through the Lens of Training
    and Regularization, NeurIPS 2022, arXiv 2210.13738. Bartoldson, Morcos, Barbu, Erlebacher, The
    Generalization-Stability Tradeoff in Neural Network Pruning, NeurIPS 2020. Neyshabur,
    Bhojanapalli, Srebro, A PAC-Bayesian Approach to Spectrally-Normalized Margin Bounds, ICLR 2018.
    None was checked against its text.

Question: How small does the held-out error of one fixed network stay within ever fewer bytes?

fit: called once for the dense network and once a budget, each time in a fresh process;
    `context.facts["stage"]` says which. 'dense': `train` has X, float32 (n, d), y, int64 (n,). It
    returns float W0 (d, m), b0 (m,), W1, b1, W2, b2 of the widths in `facts["widths"]`, which are
    24-128-64-4, rectified between the layers. 'pruned': `train` has the same and `dense/` what was
    returned, in float32; `facts["budget"]` is a number of bytes. It returns a network of the same
    form and may train it as it likes. All weights are rounded to half precision, then priced by an
    ideal code, array by array, whichever is shortest: all values; which are not zero, and these; or
    a table of values, and which is where (harness/kernels/code_length.py). Beyond its budget it is
    refused. Budgets are 13000, 3000, 1900, 1300 and 1000 bytes, where all weights cost 23456.
    Data: motif, short patterns in noise, d = 24, four classes, n = 1000 (300 at smoke). At full
    MNIST from the hub, n = 60000, a network 784-300-100-10 and budgets in proportion, pixels in an
    order that is drawn afresh; that is easily guessed, so no rank means much there, and no figure
    was measured. A ResNet on CIFAR-10 is not offered.

predict: never called. The task runs the networks.

visible: error on the n samples, mean over the budgets 3000, 1900, 1300 and 1000.

held-out: the same on 20000 fresh samples (5000 at smoke, 10000 at full).

quality: the held-out error. Ranked are submissions of at most the baseline's on the same exam.
    Compression compares held-out error times `bytes_needed`, so that error and bytes both count:
    the bytes of the smallest of one's networks, the dense one among them, that errs at most 0.01
    more than the best of them. A prototype compared to the dense one; a bad dense network would
    then make any other look as good. Clock: processor time of `fit`, all stages. The gap is shown
    and not ranked: pruned networks fit their sample less well, which makes a smaller gap of an
    equal or larger error, and a board would call that progress.

baseline: L2 penalty 0.005, 60 epochs of SGD, then the largest weights that fit and 20 epochs of
    fine-tuning; biases all stay. References: twice the penalty and 60 epochs of fine-tuning
    (`l2_strong`); L1 penalty 0.002 and 0.004 by proximal steps (`l1`, `l1_strong`); iterative
    magnitude pruning, 60 % a round, back to the first start each time (`imp`), which leaves a part
    of its budget, as biases of units that it cuts off stay 0. Naive: a random mask and fine-tuning;
    the largest weights without a penalty or fine-tuning (`one_shot`). Lines, which keep to no
    budget: the dense networks (`dense`, `dense_l1`), and these without the smallest weights that
    together change at most 1 % of predictions (`removed`, `removed_l1`), for which a line is told
    the `threshold`, found on the fresh samples and not on their classes.

claim: To remove weights that matter to at most 1 % of predictions changes the held-out error by
    less than 0.005 either way, with L2 as with L1. Dense, L1 and L2 err alike; but L1 concentrates
    the predictions on fewer weights, and so keeps its error at small budgets, where it is as good
    as iterative pruning. Pruned to 3000 bytes by any of them, a network is no better than the dense
    one of L2. And the gap misleads: the baseline's is smaller than that of its dense network, its
    error larger.

extra: dense_error, dense_gap, dense_bytes; error_loosest and error_tightest, at 3000 and 1000
    bytes; benefit, dense_error less error_loosest, with benefit_stderr over paired samples, and
    only where dense_error is at most 0.01 above that of a network which the examiner trains, as
    whoever spoils their own has a benefit (a prototype had 0.005 above the baseline's);
    bytes_needed, error_bytes; support, the share of weights, the largest, that keep 99 % of the
    dense network's predictions on fresh samples without fine-tuning, and of that network
    support_benefit, support_benefit_stderr, support_distance and support_bound: how far what it
    says is from what the dense one says, and what a perturbation bound says of that, both relative;
    hoyer and gini of the dense weights; same_sign, the share of the weights at the tightest budget
    with their sign in the dense network, near one half for who does not use it; certificate, the
    best of the Occam bounds on the risk at confidence 0.95.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness import arrays as named
from harness.kernels import sparsity
from harness.kernels.binary_kl import binary_kl_inverse
from harness.kernels.gibbs_error import n_parameters
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
from tasks._data.scans import MNIST, scans
from tasks._data.series import columns

from .network import (
    keep,
    moved,
    n_bytes,
    said,
    sizes,
    support,
    thinned,
    thinnings,
    yardstick,
)

N_CLASSES, JITTER = 4, 1
BUDGETS = (13_000, 3_000, 1_900, 1_300, 1_000)
"""Bytes for a network 24-128-64-4; the first does not count."""
TOLERANCE = 0.01
"""Of an error, beyond the best network's, or the examiner's."""
DELTA = 0.05
CLOSE = 0.005
"""Errors that differ by less are the same to the claims."""
QUANTILES = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class Scale:
    """What a size draws."""

    n: int
    n_fresh: int
    widths: tuple[int, ...]


SCALES: dict[Size, Scale] = {
    "smoke": Scale(300, 5_000, (24, 128, 64, N_CLASSES)),
    "standard": Scale(1_000, 20_000, (24, 128, 64, N_CLASSES)),
    "full": Scale(60_000, 10_000, (784, 300, 100, 10)),
}


def make(seed: int, size: Size) -> Exam:
    """Draw the sample and fresh ones of the same distribution."""
    rng = np.random.default_rng(seed)
    scale = SCALES[size]
    if size == "full":
        X, y = _shuffled(rng)
    else:
        X, y = _data.motifs(rng, N_CLASSES, JITTER).draw(rng, scale.n + scale.n_fresh)
    n = scale.n
    seen, fresh = {"X": X[:n], "y": y[:n]}, {"X": X[n:], "y": y[n:]}
    error = yardstick(seen, fresh, scale.widths, int(rng.integers(2**31)))
    unit = n_parameters(scale.widths) / n_parameters(SCALES["standard"].widths)
    return Exam(
        train=seen,
        inputs={},
        truth={**fresh, "yardstick": np.array(error)},
        facts={
            "widths": list(scale.widths),
            "n_samples": n,
            "budgets": [round(budget * unit) for budget in BUDGETS],
        },
    )


def _shuffled(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return all scans in a drawn order, their pixels in another, of mean 0 and size 1."""
    parts = scans(MNIST)
    y = np.concatenate([part.y for part in parts])
    order = rng.permutation(len(y))
    X = np.concatenate([part.X.reshape(len(part.y), -1) for part in parts])[order]
    X = X[:, rng.permutation(X.shape[1])]
    X -= X.mean(0)
    return X / X.std(), y[order]


# ---------------------------------------------------------------------------------------------


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Have the dense network trained, then pruned to every budget; refuse what is beyond it."""
    widths = exam.facts["widths"]
    dense = keep(fit(exam.train, {"stage": "dense"}), widths, "fit (dense)")
    shown = {f"dense/{name}": array.astype(np.float32) for name, array in dense.items()}
    told: dict[str, Any] = {"stage": "pruned"}
    if fit.division == "line":
        told["threshold"] = support(list(thinnings(dense, exam.truth["X"]))).threshold
    artifact = {f"dense/{name}": array for name, array in dense.items()}
    for budget in exam.facts["budgets"]:
        what = f"fit ({budget} bytes)"
        found = fit({**exam.train, **shown}, {**told, "budget": budget})
        net = keep(found, widths, what)
        if fit.division != "line" and n_bytes(net) > budget:
            raise Refused(
                f"{what} must fit into its budget: its code has {n_bytes(net)} bytes; set more "
                "weights to 0, or let them share values."
            )
        artifact |= {f"{budget}/{name}": array for name, array in net.items()}
    return artifact


def ask(exam: Exam, artifact: Arrays, predict: Any) -> Arrays:
    """Answer nothing: the networks are the artifact, and `score` runs them."""
    return {}


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Run every network on the sample and on fresh samples; remove small weights of the dense."""
    del outputs
    X, y = exam.train["X"], exam.train["y"]
    fresh, label = exam.truth["X"], exam.truth["y"]
    budgets = exam.facts["budgets"]
    nets = {name: named.part(artifact, str(name)) for name in ("dense", *budgets)}
    lengths = {name: n_bytes(net) for name, net in nets.items()}
    wrong = {name: said(net, fresh).argmax(1) != label for name, net in nets.items()}
    errors = {name: float(each.mean()) for name, each in wrong.items()}
    visible = {name: float((said(net, X).argmax(1) != y).mean()) for name, net in nets.items()}
    counted = budgets[1:]
    heldout = float(np.mean([errors[budget] for budget in counted]))
    enough = min(errors.values()) + TOLERANCE + 1e-9
    needed = min(lengths[name] for name in nets if errors[name] <= enough)
    # The choice among all networks costs the logarithm of their number.
    chances = math.log(len(nets) / DELTA)
    certificates = {
        name: float(
            binary_kl_inverse(visible[name], (8 * lengths[name] * math.log(2) + chances) / len(y))
        )
        for name in nets
    }
    # Whoever spoils the dense network has a benefit of any other one, which nobody is shown.
    fair = errors["dense"] <= float(exam.truth["yardstick"]) + TOLERANCE
    start = wrong["dense"] if fair else np.full(len(label), np.nan)
    rows = []
    for budget in budgets:
        benefit, stderr = _benefit(start, wrong[budget])
        rows.append(
            {
                "budget": budget,
                "bytes": lengths[budget],
                "heldout": errors[budget],
                "visible": visible[budget],
                "gap": errors[budget] - visible[budget],
                "dense": errors["dense"],
                "benefit": benefit,
                "low": benefit - 1.96 * stderr,
                "high": benefit + 1.96 * stderr,
                "none": 0.0,
                "certificate": certificates[budget],
            }
        )
    thinner, curve = _thinner(nets["dense"], fresh, label, start)
    first, last = counted[0], counted[-1]
    benefit, stderr = _benefit(start, wrong[first])
    ordered = sizes(nets["dense"])
    each = np.mean([wrong[budget] for budget in counted], axis=0)
    return Scores(
        visible=float(np.mean([visible[budget] for budget in counted])),
        heldout=heldout,
        quality=heldout,
        stderr=float(each.std()) / math.sqrt(len(label)),
        extra={
            "dense_error": errors["dense"],
            "dense_gap": errors["dense"] - visible["dense"],
            "dense_bytes": float(lengths["dense"]),
            "error_loosest": errors[first],
            "error_tightest": errors[last],
            "benefit": benefit,
            "benefit_stderr": stderr,
            "bytes_needed": float(needed),
            "error_bytes": max(heldout, 1 / len(label)) * needed,
            **thinner,
            **_spread(ordered),
            "same_sign": _same_sign(nets["dense"], nets[last]),
            "certificate": min(certificates.values()),
        },
        series={
            "budgets": columns(rows),
            "thinned": columns(curve),
            "weights": {"share": QUANTILES, "size": np.quantile(ordered, QUANTILES)},
        },
    )


def _benefit(wrong: np.ndarray, less: np.ndarray) -> tuple[float, float]:
    """Return the difference of two errors on the same samples and its standard error.

    That is McNemar's: only samples on which the two disagree count.
    """
    difference = wrong.astype(np.float64) - less
    return float(difference.mean()), float(difference.std()) / math.sqrt(len(difference))


def _thinner(
    dense: Arrays, fresh: np.ndarray, label: np.ndarray, start: np.ndarray
) -> tuple[dict[str, float], list[dict[str, float]]]:
    """Return what is known of the dense network without its smallest weights, and the curve."""
    found = list(thinnings(dense, fresh))
    last = support(found)
    benefit, stderr = _benefit(start, last.calls != label)
    distance, bound = moved(dense, thinned(dense, last.threshold), fresh)
    curve = [
        {
            "share": one.share,
            "agreement": one.agreement,
            "heldout": float(np.mean(one.calls != label)),
            "dense": float(np.mean(found[0].calls != label)),
        }
        for one in found
    ]
    numbers = {
        "support": last.share,
        "support_benefit": benefit,
        "support_benefit_stderr": stderr,
        "support_distance": distance,
        "support_bound": bound,
    }
    return numbers, curve


def _spread(sizes: np.ndarray) -> dict[str, float]:
    """Return how unevenly sizes are spread; 0 where there is none above 0."""
    if not sizes.any():
        return {"hoyer": 0.0, "gini": 0.0}
    return {"hoyer": float(sparsity.hoyer(sizes)), "gini": float(sparsity.gini(sizes))}


def _same_sign(dense: Arrays, pruned: Arrays) -> float:
    """Return the share of what is left of the weights that has its sign in the dense network."""
    names = [name for name in dense if name.startswith("W")]
    mine, theirs = (
        np.concatenate([net[name].ravel() for name in names]) for net in (pruned, dense)
    )
    left = mine != 0
    return float(np.mean(np.sign(mine[left]) == np.sign(theirs[left]))) if left.any() else 0.0


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say what is missing: a held-out error of at most the baseline's."""
    if mine["quality"] <= baseline["quality"] + 1e-9:
        return ""
    return f"held-out error: {mine['quality']:.4f}, wanted at most {baseline['quality']:.4f}"


TASK = Task(
    name="pruning",
    title="Small weights are not zero weights: does pruning improve a network, or only compress "
    "it?",
    idea=16,
    metric=Metric(
        name="held-out error within a byte budget",
        unit="",
        resolution=0.01,
        target="at most the baseline's on the same exam",
        shortfall=shortfall,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="fit",
    divisions={"open": "baseline", "line": None},
    axes=("compression", "speed"),
    counts="error_bytes",
    claims=(
        Claim(
            "L2: without the weights that change at most 1 % of predictions the dense network "
            "errs by less than 0.005 more.",
            Contrast("removed", "dense", "heldout", margin=CLOSE),
        ),
        Claim(
            "L2: without them it errs by less than 0.005 less.",
            Contrast("dense", "removed", "heldout", margin=CLOSE),
        ),
        Claim(
            "L1: without the weights that change at most 1 % of predictions the dense network "
            "errs by less than 0.005 more.",
            Contrast("removed_l1", "dense_l1", "heldout", margin=CLOSE),
        ),
        Claim(
            "L1: without them it errs by less than 0.005 less.",
            Contrast("dense_l1", "removed_l1", "heldout", margin=CLOSE),
        ),
        Claim(
            "Dense, L1 errs by less than 0.01 more than L2.",
            Contrast("l1", "baseline", "dense_error", margin=0.01),
        ),
        Claim(
            "Dense, L2 errs by less than 0.01 more than L1.",
            Contrast("baseline", "l1", "dense_error", margin=0.01),
        ),
        Claim(
            "L1 concentrates the predictions: the share of weights that keep 99 % of them is "
            "smaller than with L2, by 0.3 at least.",
            Contrast("l1", "baseline", "support", margin=-0.3),
        ),
        Claim(
            "Pruned to a budget and trained further as long, L1 errs less than L2.",
            Contrast("l1", "baseline", "heldout"),
        ),
        Claim(
            "L1 errs by less than 0.01 more than iterative magnitude pruning.",
            Contrast("l1", "imp", "heldout", margin=0.01),
        ),
        *(
            Claim(
                f"Pruning does not improve: at 3000 bytes {words} errs by less than 0.005 less "
                "than the dense network of L2.",
                Contrast("dense", name, "error_loosest", margin=CLOSE),
            )
            for name, words in (("imp", "iterative pruning"), ("l1", "L1"), ("l2_strong", "L2"))
        ),
        Claim(
            "The gap misleads: the baseline's is smaller than that of its dense network.",
            Contrast("baseline", "dense", "gap"),
        ),
        Claim(
            "Yet the baseline errs more than its dense network.",
            Contrast("dense", "baseline", "heldout"),
        ),
    ),
    charts=(
        Chart("Held-out error by bytes; dashed: the dense network", "budgets", "bytes", "heldout",
              log_x=True, guide="dense"),
        Chart("Error of the dense network less that of the pruned; dashed: no benefit", "budgets",
              "bytes", "benefit", log_x=True, guide="none"),
        Chart("The gap, which shrinks as the error grows", "budgets", "heldout", "gap", "point"),
        Chart("Predictions kept by the largest weights alone", "thinned", "share", "agreement",
              log_x=True),
        Chart("Held-out error of the largest weights alone; dashed: of all", "thinned", "share",
              "heldout", log_x=True, guide="dense"),
        Chart("Sizes of the dense network's weights", "weights", "share", "size"),
        Chart("Occam bound on the risk", "budgets", "bytes", "certificate", log_x=True),
    ),
    seconds={"smoke": 30.0, "standard": 120.0, "full": 7200.0},
)  # fmt: skip
