"""How small a bound on the risk of a simple deep network can its training set alone prove?

Idea: 21, non-vacuous generalization bounds. "Use available software to train and test a simple deep
    network and show non-vacuous generalization bounds." Non-vacuous is to mean below the risk of
    guessing, 1 - 1/C, which is 0.75 here, not below 1.

Papers: Dziugaite, Roy, Computing Nonvacuous Generalization Bounds for Deep (Stochastic) Neural
    Networks, UAI 2017. Perez-Ortiz, Rivasplata, Shawe-Taylor, Szepesvari, Tighter Risk Certificates
    for Neural Networks, JMLR 22, 2021, arXiv 2007.12911. Lotfi, Finzi, Kapoor, Potapczynski,
    Goldblum, Wilson, PAC-Bayes Compression Bounds So Tight That They Can Explain Generalization,
    NeurIPS 2022, arXiv 2211.13609. Blumer, Ehrenfeucht, Haussler, Warmuth, Occam's Razor, 1987.
    Maurer, A Note on the PAC-Bayesian Theorem, arXiv cs/0411099, for ln(2 sqrt(n) / delta).
    Maurer, Pontil, Empirical Bernstein Bounds, COLT 2009. None was checked against its text.

Question: How small a bound, valid with probability 0.95? Nobody claims one: the task computes it
    from arrays that were returned before the sample was shown and after.

fit: called twice for every sample size, `context.facts["stage"]` says which. 'prior': `train` is
    empty, in the division open it holds X and y of the first `n_prior` samples. What it returns is
    kept and says which theorem is used. {mu (D,), log_sigma () or (D,)}: a Gaussian prior; or
    log_sigma (k, 1) or (k, D), k scales in equal parts, which costs ln k. {origin (D,), spread ()
    or (D,)}: a subspace through the origin. {weights (D,)}: one network, a hold-out, and that is
    all. 'posterior': `train` has X, float32 (n, d), y, int64 (n,), and `prior/` what was kept. It
    returns {mu (D,), log_sigma () or (D,)}, or {coordinates (m,)}, m at most 1000, for the network
    origin + spread * sum_j coordinates_j a_j, a_j = numpy.random.default_rng([subspace_seed,
    j]).standard_normal(D, dtype=float32), `subspace_seed` a fact. D are the parameters of a network
    d-W-W-C of relus, W at most 128, layer after layer, W row by row and then its bias. All numbers
    are rounded to half precision. sigma is 1e-6 to 10. In `open`, `plan(facts)` may return
    [{"prior_share": s}], s from 0 to 0.95, before anything is shown: n_prior is s n. Data: motif,
    short patterns in noise, d = 24, C = 4, at n = 2000, 4000 and 8000 (1000 and 2000 at smoke). At
    full MNIST, FashionMNIST (60000 each) and CIFAR-10 (50000) from the hub, less their mean and
    turned by an orthogonal matrix that is drawn afresh, so that what a prior knows of the public
    pictures is worth nothing; no figure was measured there.

predict: never called. The task draws the networks and runs them.

visible: error of the drawn network (Gibbs error) on the samples of the largest n that the prior was
    not shown, or of the one network.

held-out: the same on 50000 fresh samples (10000 at full): the true risk.

quality: the bound at the largest n, mean over the data sets. PAC-Bayes-kl: kl(visible || risk) <=
    (KL(Q || P) + ln(2 sqrt(n) / 0.04)) / n, where the visible error is that of 2000 networks on 500
    samples each, plus its empirical Bernstein limit at 0.01. Occam: kl <= (b ln 2 + ln(1 / 0.05)) /
    n, b the bits of the coordinates' code, which few distinct values make short, and of their
    number. Hold-out: the Clopper-Pearson limit. n counts samples that the prior was not shown.
    Ranked are bounds below guessing, a prototype's target, that are also at most 0.01 above the
    baseline's; in `open` at most the baseline's, the hold-out's, as a proof worth the name should
    beat the plainest one. Compression compares the bound itself: it is the question, and the bytes
    of a posterior say nothing of what its means are known to. `posterior_bytes` shows them. Clock:
    processor time of `fit`, both stages, as the prior may be where the work is. The gap is shown
    and not ranked: between the visible and the true risk it is near zero for every posterior. Nor
    is the slack, the bound less the true risk: a posterior that moves less from its prior has less
    of it and a larger bound, as the baseline beside `plain` shows. A risk above what the bound says
    at confidence 0.9999 is refused as an alarm.

baseline: PAC-Bayes with a data-free prior of sigma 0.3 around a random network of width 32, the
    f_quad objective with the bounded cross-entropy of Perez-Ortiz et al., local reparametrization,
    10 epochs of SGD and 60 of Adam. In `open` a hold-out of 20 %. References: the same with the
    plain cross-entropy in place of the bounded one; Occam with a subspace of 100 dimensions and a
    learned codebook; sigma 0.1 and 0.2; in `open` a prior learned from half of the sample. Naive:
    the prior itself (idle). Line: a norm bound of a trained network, less than a valid one.

claim: A PAC-Bayes bound of a data-free prior is below guessing, and below a norm bound. Occam is
    tighter than it; so is the plain cross-entropy. The scale of the prior matters. A learned prior
    is tighter than any of these and looser than a hold-out. The bounded cross-entropy, next to
    which KL weighs more, leaves less slack.

extra: bound, of_100 (the bound if the best of 100 submissions is shown), slack, slack_ratio (bound
    over true risk), monte_carlo (what the number of drawn networks costs), kl (nats; of a code its
    length), bits, bits_per_weight, posterior_bytes (of a code for the posterior, sigma included),
    mean_error (of the network in the middle, on fresh samples), violated (1 where the true risk is
    above the bound, an event that may come once in 20), heldout_stderr, parameters, n_prior, guess.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from harness import arrays as named
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
from tasks._data.ladder import cells
from tasks._data.scans import FASHION, MNIST, scans
from tasks._data.series import columns

from . import bounds
from .bounds import Certificate, Data

JITTER = 1
N_CLASSES = {"motif": 4, "mnist": 10, "fashion": 10, "cifar10": 10}
RUNGS: dict[Size, dict[str, tuple[int, ...]]] = {
    "smoke": {"motif": (1000, 2000)},
    "standard": {"motif": (2000, 4000, 8000)},
    "full": {"mnist": (60_000,), "fashion": (60_000,), "cifar10": (50_000,)},
}
"""Data set -> sample sizes, the last of which counts."""
N_UNSEEN = 50_000
MOST_SHOWN = 0.95
"""Of the sample to a prior."""
MARGIN = 0.01
"""What a bound may lack of the baseline's."""


def make(seed: int, size: Size) -> Exam:
    """Draw the sample of every data set, of which smaller ones are the beginning, and the rest."""
    train: Arrays = {}
    truth: Arrays = {"seed": np.array(seed)}
    for index, (name, rungs) in enumerate(RUNGS[size].items()):
        rng = np.random.default_rng([seed, index])
        X, y = _draw(name, rungs[-1], rng)
        for n in rungs:
            train |= {f"{name}/{n}/X": X[:n], f"{name}/{n}/y": y[:n]}
        truth |= {f"{name}/X": X[rungs[-1] :], f"{name}/y": y[rungs[-1] :]}
    low, high = bounds.LOG_SIGMA
    return Exam(
        train=train,
        inputs={},
        truth=truth,
        facts={
            "delta": bounds.DELTA,
            "most_units": bounds.MOST_UNITS,
            "log_sigma": [low, high],
            "subspace_seed": bounds.SUBSPACE_SEED,
        },
    )


def _draw(name: str, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the sample and behind it the unseen, independent or in a drawn order."""
    if name == "motif":
        return _data.motifs(rng, N_CLASSES[name], JITTER).draw(rng, n + N_UNSEEN)
    parts = _data.cifar10() if name == "cifar10" else scans(MNIST if name == "mnist" else FASHION)
    y = np.concatenate([part.y for part in parts])
    order = rng.permutation(len(y))
    X = np.concatenate([part.X.reshape(len(part.y), -1) for part in parts])[order]
    X -= X[:n].mean(0)
    X /= X[:n].std()
    return X @ _data.turn(rng, X.shape[1]).astype(np.float32), y[order]


def _data_set(cell: str) -> str:
    return cell.partition("/")[0]


def _of(arrays: Arrays, name: str) -> Data:
    return Data(arrays["X"], arrays["y"], N_CLASSES[name])


# ---------------------------------------------------------------------------------------------


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Have a prior laid down before the sample of a cell is shown, and a posterior after."""
    artifact: Arrays = {}
    for cell in cells(exam):
        sample = named.part(exam.train, cell)
        data = _of(sample, _data_set(cell))
        n = len(data.y)
        facts = {
            "data": _data_set(cell),
            "n_samples": n,
            "n_features": data.X.shape[1],
            "n_classes": data.n_classes,
        }
        n_prior = _shown(fit, {**exam.facts, **facts}) if fit.division == "open" else 0
        facts["n_prior"] = n_prior
        shown = {name: array[:n_prior] for name, array in sample.items()} if n_prior else {}
        laid = fit(shown, {**facts, "stage": "prior"})
        prior = bounds.keep_prior(laid, data, fit.division == "line")
        posterior: Arrays = {}
        if "weights" not in prior:
            told = {f"prior/{name}": array.astype(np.float32) for name, array in prior.items()}
            found = fit({**sample, **told}, {**facts, "stage": "posterior"})
            posterior = bounds.keep_posterior(found, prior, data)
        kept = {"n_prior": np.array(n_prior)}
        kept |= {f"prior/{name}": array for name, array in prior.items()}
        kept |= {f"posterior/{name}": array for name, array in posterior.items()}
        artifact |= {f"{cell}/{name}": array for name, array in kept.items()}
    return artifact


def _shown(fit: Fit, facts: Mapping[str, Any]) -> int:
    """Return how many samples the prior is shown, which is said before any is."""
    plan = fit.plan(facts)
    share = plan[0].get("prior_share", 0) if len(plan) == 1 else None
    if not isinstance(share, int | float) or not 0 <= share <= MOST_SHOWN:
        raise Refused(
            f"plan must return [{{'prior_share': s}}] with s from 0 to {MOST_SHOWN}, got "
            f"{str(plan)[:80]}."
        )
    return int(share * facts["n_samples"])


def ask(exam: Exam, artifact: Arrays, predict: Any) -> Arrays:
    """Answer nothing: the networks are the artifact, and `score` runs them."""
    return {}


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Certify every cell; the largest sample of each data set counts."""
    del outputs
    counting: list[dict[str, float]] = []
    sizes, parts, points = [], [], []
    last = {_data_set(cell): cell for cell in cells(exam)}
    for index, cell in enumerate(cells(exam)):
        name, own = _data_set(cell), named.part(artifact, cell)
        sample, n_prior = _of(named.part(exam.train, cell), name), int(own["n_prior"])
        counted = sample._replace(X=sample.X[n_prior:], y=sample.y[n_prior:])
        unseen = _of(named.part(exam.truth, name), name)
        rng = np.random.default_rng([int(exam.truth["seed"]), 1000, index])
        found = bounds.certify(
            named.part(own, "prior"), named.part(own, "posterior"), counted, unseen, rng
        )
        guess = 1 - 1 / sample.n_classes
        sizes.append(
            {"data": name, "n": len(sample.y), "bound": found.bound, "risk": found.risk}
            | {"guess": guess}
        )
        if cell != last[name]:
            continue
        counting.append(_numbers(found) | {"n_prior": float(n_prior), "guess": guess})
        complexity = found.bound - found.empirical - found.monte_carlo
        for part, value in (
            ("empirical error", found.empirical),
            ("drawn networks", found.monte_carlo),
            ("complexity", complexity),
            ("bound", found.bound),
            ("true risk", found.risk),
        ):
            parts.append({"data": name, "part": part, "value": value})
        points.append(
            {"data": name, "bits": counting[-1]["bits"], "risk": found.risk, "bound": found.bound}
            | {"diagonal": found.risk, "mean_error": found.mean_error}
        )
    mean = {key: float(np.mean([row[key] for row in counting])) for key in counting[0]}
    series = {"sizes": sizes, "parts": parts, "points": points}
    return Scores(
        visible=mean.pop("empirical"),
        heldout=mean.pop("risk"),
        quality=mean["bound"],
        extra=mean,
        series={key: columns(rows) for key, rows in series.items()},
    )


def _numbers(found: Certificate) -> dict[str, float]:
    bits = found.kl / math.log(2)
    return {
        "empirical": found.empirical,
        "risk": found.risk,
        "bound": found.bound,
        "of_100": found.of_100,
        "slack": found.bound - found.risk,
        "slack_ratio": found.bound / max(found.risk, 1e-9),
        "monte_carlo": found.monte_carlo,
        "kl": found.kl,
        "bits": bits,
        "bits_per_weight": bits / found.n_parameters,
        "posterior_bytes": float(found.n_bytes),
        "mean_error": found.mean_error,
        "violated": float(found.risk > found.bound),
        "heldout_stderr": found.stderr,
        "parameters": float(found.n_parameters),
    }


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say what is missing: a bound below guessing, and one that keeps up with the baseline's."""
    most = baseline["bound"] + (0 if baseline["n_prior"] else MARGIN)
    lacking = []
    if not mine["bound"] < mine["guess"]:
        lacking.append(f"bound: {mine['bound']:.3f}, guessing errs by {mine['guess']:.3f}")
    if not mine["bound"] <= most + 1e-9:
        rival = "the hold-out's" if baseline["n_prior"] else f"{MARGIN} above the baseline's"
        lacking.append(f"bound: {mine['bound']:.4f}, wanted at most {most:.4f}, {rival}")
    return "; ".join(lacking)


TASK = Task(
    name="certificate",
    title="How small a bound on the risk of a simple deep network can its training set alone "
    "prove?",
    idea=21,
    metric=Metric(
        name="bound on the risk",
        unit="",
        resolution=0.01,
        target=(
            "below the risk of guessing, and at most 0.01 above the baseline's; in the division "
            "open at most the hold-out's"
        ),
        shortfall=shortfall,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="fit",
    divisions={"train_set": "baseline", "open": "baseline_open", "line": None},
    axes=("compression", "speed"),
    counts="bound",
    claims=(
        Claim(
            "A PAC-Bayes bound of a data-free prior is below guessing: below that of the prior "
            "itself, which guesses, by more than its own slack.",
            Contrast("baseline", "idle", "quality", margin=-0.1),
        ),
        Claim(
            "It is below a norm bound, even one that leaves out what is hard.",
            Contrast("baseline", "norm", "quality"),
        ),
        Claim(
            "A code of a hundred numbers in a random subspace is tighter than PAC-Bayes with the "
            "bounded cross-entropy.",
            Contrast("occam", "baseline", "quality"),
        ),
        Claim(
            "The plain cross-entropy gives a tighter PAC-Bayes bound than the bounded one.",
            Contrast("plain", "baseline", "quality"),
        ),
        Claim(
            "A prior of sigma 0.3 gives a tighter bound than one of 0.1.",
            Contrast("baseline", "sigma_01", "quality"),
        ),
        Claim(
            "A prior learned from half of the sample is tighter than any data-free one here.",
            Contrast("learned_prior", "plain", "quality"),
        ),
        Claim(
            "A hold-out is tighter than a learned prior.",
            Contrast("baseline_open", "learned_prior", "quality"),
        ),
        Claim(
            "The bounded cross-entropy, next to which KL weighs more, leaves less slack.",
            Contrast("baseline", "plain", "slack"),
        ),
    ),
    charts=(
        Chart("What the bound is made of, and the true risk", "parts", "part", "value", "bar",
              "data"),
        Chart("Bound by sample size; dashed: guessing", "sizes", "n", "bound", "line", "data",
              log_x=True, guide="guess"),
        Chart("Bound and information in bits", "points", "bits", "bound", "point", "data"),
        Chart("Bound and true risk; dashed: the diagonal", "points", "risk", "bound", "point",
              "data", guide="diagonal"),
    ),
    seconds={"smoke": 60.0, "standard": 300.0, "full": 7200.0},
)  # fmt: skip
