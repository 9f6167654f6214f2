"""How complex are networks whose layers have small norm and rank?

Idea: 18, rank-constrained networks. Bounds on the Rademacher complexity of networks with capped
    norms pay for depth and width; does a cap on the ranks of the layers make them smaller, and does
    rank matter at all?

Papers: Golowich, Rakhlin, Shamir, Size-Independent Sample Complexity of Neural Networks, COLT 2018,
    arXiv 1712.06541. Neyshabur, Tomioka, Srebro, Norm-Based Capacity Control in Neural Networks,
    COLT 2015. Pinto, Rangamani, Poggio, On Generalization Bounds for Neural Networks with Low Rank
    Layers, ALT 2025, arXiv 2411.13733. None was checked against its text.

Question: For networks f with ||W_l|| <= s_l, spectral or Frobenius, and rank W_l <= r_l, how large
    is (1 / n) E sup_f sum_ij sigma_ij f_j(x_i), sigma_ij independent signs? Nobody has the right
    constants. A bound survives if no network is found that exceeds it.

fit: called once, to tune what can be tuned, with questions of four kinds of samples (Gaussian,
    duplicated, spiked, in a cone) of 64 or 96 in 12 dimensions, 2 for some, layers being 8 wide, as
    below, and for each `estimate` (m,), the complexity or less, measured, and `limit` (m,), what no
    valid bound is below. It returns `proof`, uint8 (b,): UTF-8 of 40 to 4000 bytes that proves the
    bound or says where a proof stands, shown with every trial; and whatever else. At full all of
    these are twice as many; no figure was measured there.

predict: called once with m questions: `L` (m,), at most 3; `widths` (m, 4), d, m_1, ..., m_L, the
    last the number of outputs, above 1 only for linear networks; `norm` (m,), 0 spectral, 1
    Frobenius; `s` and `r` (m, 3); `act` (m,), 0 linear, 1 ReLU; and statistics of the sample, never
    the sample: `n` (m,), `sv` (m, d), the singular values of X (n, d), `row` (m, n), sorted norms
    of its rows. Beyond L `s`, `r` and `widths` are 1, beyond n and d `row` and `sv` are 0. It
    returns `bound`, float64 (m,). Asked are new samples of those four kinds and of three more
    (orthogonal, heavy-tailed, planted patterns), the questions of `fit`, and altered ones: each is
    to be answered alone, a bound is to scale with caps and sample, to depend on caps by their
    product, and not to fall as rank or width grows, all of it exactly. 2 ms of processor time a
    question: a formula needs no simulation, which could pass for a bound and prove nothing.

visible: mean log of bound over estimate, on the questions of `fit`.

held-out: the same on new samples. So the gap is by how much constants were tuned to what was shown.

quality: bound over estimate, geometric mean over the held-out questions; standard error over kinds
    of samples. The estimate is a mean over 2000 draws of signs of the sup itself (one layer, linear
    networks; 48000 for one hidden layer in the plane) or of what an ascent has found (1000 for
    three layers); a quarter of that for what `fit` is shown. Below estimate less t the bound is
    refuted, and t (`classes`) is such that a valid one is with probability 1e-4 at most, all
    questions together. Not ranked is who is refuted or looser than the baseline, on either side;
    the prototype's target. Sampling can refute a bound and never prove it: the status of all others
    is not refuted, and the proof is the author's. What is simulated and stretched far enough
    survives, too: read the proof. Ranked is the ratio itself, in place of bytes, which say nothing.
    The gap is shown and not ranked: whoever knows a question again can err on it on purpose. Speed
    neither, a formula takes no time beside a process's start.

baseline: Golowich, Rakhlin, Shamir with ||W||_F <= sqrt(r) ||W||: prod_l s_l sqrt(r_l) (sqrt(2 L
    ln 2) + 1) sqrt(k) ||X||_F / n. References: `best_of`, the least of several; `peeling`,
    2^(L - 1) in place of the root of depth. Naive: `range`, the largest outputs; `covering`,
    counting parameters. Wrong: `rank_blind`, the baseline without its root of rank, which may be
    refuted. `every_rank` pays that root for Frobenius caps, too.

claim: Rank matters under spectral caps: along rank, at depth 2, the slope of the log of what
    complexity was found is above 0.05. Under Frobenius caps it does not: at depth 3 the slope is
    below 0.05. Either may come out otherwise. The root of rank is closer to the first slope than no
    rank at all. A bound without rank is refuted, and its refutations are under spectral caps alone.

extra: ratio, and by family, ratio_one_layer to ratio_three_layers, and of the new kinds,
    ratio_new_kinds; refuted, of how many, and refuted_spectral; least, the smallest bound over
    limit; spectral_slope, frobenius_slope, of the estimate, and spectral_off, frobenius_off, how
    far the bound's are from them; per_layer, what a third layer multiplies the ratio by under
    Frobenius caps; proof_bytes. Series: bound and estimate by rank, ratios by depth and by family
    and kind, the proof.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from harness import arrays as named
from harness.trial import ask_again
from harness.vocabulary import (
    Arrays,
    Chart,
    Claim,
    Contrast,
    Exam,
    Fit,
    Metric,
    Predict,
    Refused,
    Scores,
    Size,
    Task,
)
from tasks._data.runs import runs
from tasks._data.series import columns

from . import classes as of
from .classes import FAMILIES, KINDS, SCALES, SHOWN, Class
from .questions import altered, hold_to_rules, product, rows

CHANCE = 1e-4
"""That any valid bound of an exam is refuted."""
N_ALTERED = 30
"""Questions that are asked again in other words."""
MILLISECONDS = 2.0
"""A question may take."""
PROOF = (40, 4000)
"""Bytes."""
LINE = 100
"""Letters of a line of the proof."""
FARTHEST = 1e6
"""No ratio of a bound counts as farther from 1."""
CURVES = {"spectral": ("two_layers", 0), "frobenius": ("three_layers", 1)}
"""Norm -> where the slope along rank is taken."""


def make(seed: int, size: Size) -> Exam:
    """Draw samples, ask about all classes on each, and have their complexities measured."""
    rng, scale = np.random.default_rng(seed), SCALES[size]
    asked = of.classes(scale)
    drawn = [(kind, 4) for kind in SHOWN] + [(kind, 1) for kind in KINDS]
    recipes = [
        {
            "seed": int(rng.integers(2**62)),
            "kind": kind,
            "n": int(rng.choice(scale.n)),
            "d": scale.d,
            "m": scale.m,
            "n_draws": scale.n_draws // fewer,
            "n_steps": scale.n_steps,
        }
        for kind, fewer in drawn
    ]
    measured = runs(recipes, of.complexities)
    classes, samples, estimate, t = [], [], [], []
    chance = CHANCE / (len(recipes) * len(asked))
    for k, recipe in enumerate(recipes):
        pair = of.samples(*(recipe[name] for name in ("seed", "kind", "n", "d")))
        spectra = [np.linalg.svd(X, compute_uv=False) for X in pair]
        for j, c in enumerate(asked):
            flat = c.family == "circle"
            n_draws = int(measured["drawn"][k, j])
            classes.append(c)
            samples.append(pair[flat])
            estimate.append(measured["mean"][k, j])
            t.append(of.deviation(c, spectra[flat], recipe["n"], n_draws, chance))
    s = np.exp(rng.uniform(-1, 1, (len(classes), of.DEEPEST)))
    questions = rows(classes, s, samples, (max(scale.n), scale.d))
    m, n_shown = len(classes), len(SHOWN) * len(asked)
    truth: Arrays = {
        "unit": product(questions) * np.sqrt((questions["sv"] ** 2).sum(1)) / questions["n"],
        "estimate": product(questions) * np.array(estimate),
        "limit": product(questions) * np.maximum(0, np.array(estimate) - np.array(t)),
        "class": np.tile(np.arange(len(asked)), len(recipes)),
        "kind": np.repeat([KINDS.index(kind) for kind, _ in drawn], len(asked)),
    }
    which = n_shown + rng.permutation(m - n_shown)[:N_ALTERED]
    others, about = altered(questions, which, rng)
    order = rng.permutation(m + len(about["of"]))
    shown = rng.permutation(n_shown)
    train = {name: array[shown] for name, array in questions.items()}
    return Exam(
        train=train | {name: truth[name][shown] for name in ("estimate", "limit")},
        inputs={name: np.concatenate([questions[name], others[name]])[order] for name in questions},
        truth=truth
        | {f"altered/{name}": array for name, array in about.items()}
        | {"order": order, "again": rng.integers(2**32, size=4)},
        facts={"n_questions": len(order), "n_shown": n_shown, "size": size},
    )


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Call `fit` once; refuse a bound without a proof that can be read."""
    learned = fit(exam.train)
    read(learned)
    return learned


def read(learned: Arrays) -> str:
    """Return the proof; refuse what is none."""
    proof = learned.get("proof")
    if proof is None or proof.dtype != np.uint8 or proof.ndim != 1:
        got = "nothing" if proof is None else f"{proof.dtype} {proof.shape}"
        raise Refused(
            f"fit['proof'] must be uint8 (b,), the bytes of a text in UTF-8, got {got}. Say why "
            "the bound holds, or where a proof stands."
        )
    if not PROOF[0] <= len(proof) <= PROOF[1]:
        raise Refused(f"fit['proof'] must have {PROOF[0]} to {PROOF[1]} bytes, got {len(proof)}.")
    try:
        text = proof.tobytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"fit['proof'] must be UTF-8: {error}.") from error
    if not all(letter.isprintable() or letter == "\n" for letter in text):
        raise Refused("fit['proof'] must be printable letters and line feeds.")
    return text


def ask(exam: Exam, artifact: Arrays, predict: Predict) -> Arrays:
    """Ask everything in one call; refuse what took too long, has company or breaks a rule."""
    before = predict.seconds
    answers = predict(exam.inputs, "")
    seconds = predict.seconds - before
    m = exam.facts["n_questions"]
    named.require(answers, {"bound": (m,)}, "predict")
    if seconds > MILLISECONDS * m / 1000:
        raise Refused(
            f"predict took {seconds:.3f} s of processor time for {m} questions, wanted is at most "
            f"{MILLISECONDS:g} ms each: a formula needs no simulation."
        )
    if answers["bound"].min() <= 0:
        raise Refused(f"predict['bound'] must be above 0, got {answers['bound'].min():.3g}.")
    rng = np.random.default_rng(exam.truth["again"])
    ask_again(exam.inputs, answers, partial(predict, part=""), rng)
    bound = np.empty(m)
    bound[exam.truth["order"]] = answers["bound"]
    n = len(exam.truth["estimate"])
    hold_to_rules(bound[:n], bound[n:], named.part(exam.truth, "altered"))
    return {"bound": bound[:n]}


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Hold bounds against what was measured."""
    truth, bound = exam.truth, outputs["bound"]
    asked = of.classes(SCALES[exam.facts["size"]])
    what = [asked[k] for k in truth["class"]]
    family = np.array([c.family for c in what])
    spectral = np.array([c.norm == "spectral" for c in what])
    kind = np.array(KINDS)[truth["kind"]]
    hidden = np.arange(len(bound)) >= exam.facts["n_shown"]
    ratio = np.clip(bound / truth["estimate"], 1 / FARTHEST, FARTHEST)
    logs = np.log(ratio)
    refuted = bound < truth["limit"]
    told = truth["limit"] > 0  # few draws limit nothing
    by_kind = np.array([logs[hidden & (kind == name)].mean() for name in KINDS])
    quality = float(np.exp(logs[hidden].mean()))
    extra = {"ratio": quality}
    for name in FAMILIES:
        extra[f"ratio_{name}"] = float(np.exp(logs[hidden & (family == name)].mean()))
    extra |= {
        "ratio_new_kinds": float(np.exp(logs[~np.isin(kind, SHOWN)].mean())),
        "refuted": float(refuted.sum()),
        "refuted_spectral": float((refuted & spectral).sum()),
        "of": float(len(refuted)),
        "least": min(FARTHEST, float((bound[told] / truth["limit"][told]).min())),
    }
    along, slopes = _by_rank(exam, what, hidden, ratio)
    depths = [
        {
            "norm": norm,
            "L": L,
            "ratio": float(
                np.exp(logs[hidden & (family == name) & (spectral == (norm == "spectral"))].mean())
            ),
        }
        for norm in of.NORMS
        for L, name in ((2, "two_layers"), (3, "three_layers"))
    ]
    text = read(artifact)
    lines = [part for line in text.split("\n") for part in textwrap.wrap(line, LINE) or [""]]
    extra |= slopes | {
        "per_layer": depths[-1]["ratio"] / depths[-2]["ratio"],
        "proof_bytes": float(len(text.encode())),
    }
    return Scores(
        visible=float(logs[~hidden].mean()),
        heldout=float(logs[hidden].mean()),
        quality=quality,
        stderr=quality * float(by_kind.std(ddof=1) / np.sqrt(len(by_kind))),
        extra=extra,
        series={
            "ranks": columns(along),
            "depths": columns(depths),
            "ratios": columns(
                [
                    {
                        "family": name,
                        "kind": k,
                        "ratio": float(
                            np.exp(logs[hidden & (family == name) & (kind == k)].mean())
                        ),
                    }
                    for name in FAMILIES
                    for k in KINDS
                ]
            ),
            "proof": {"line": np.arange(1, len(lines) + 1), "text": np.array(lines)},
        },
    )


def _by_rank(
    exam: Exam, what: list[Class], hidden: np.ndarray, ratio: np.ndarray
) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Return rows of bound and estimate along rank, per cap and ||X||_F / n, and their slopes."""
    estimate = exam.truth["estimate"] / exam.truth["unit"]
    found: list[dict[str, Any]] = []
    slopes: dict[str, float] = {}
    for family in FAMILIES:
        for norm in of.NORMS:
            here = np.array([(c.family, c.norm) == (family, norm) for c in what]) & hidden
            ranks = sorted({c.r[0] for c, is_here in zip(what, here, strict=True) if is_here})
            if family == "linear" or len(ranks) < 3:
                continue
            curve = []
            for r in ranks:
                at = here & np.array([c.r[0] == r for c in what])
                curve.append((np.log(estimate[at]).mean(), np.log(ratio[at]).mean()))
                found.append(
                    {
                        "class": f"{family.replace('_', ' ')}, {norm}",
                        "r": r,
                        "bound": float(np.exp(sum(curve[-1]))),
                        "estimate": float(np.exp(curve[-1][0])),
                    }
                )
            if CURVES[norm][0] == family:
                true, off = (
                    np.polyfit(np.log(ranks), part, 1)[0] for part in zip(*curve, strict=True)
                )
                slopes |= {f"{norm}_slope": float(true), f"{norm}_off": abs(float(off))}
    return found, slopes


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say that a bound is refuted or looser than the baseline's."""
    if mine["refuted"] > 0:
        return (
            f"refuted: {mine['refuted']:.3g} of {mine['of']:.0f} bounds are below what complexity "
            f"was found, the worst {mine['least']:.3f} of its limit"
        )
    for name, where in (("heldout", "new samples"), ("visible", "samples that were shown")):
        if mine[name] > baseline[name] + 1e-9:
            return (
                f"bound over estimate {np.exp(mine[name]):.3f} on {where}, wanted at most the "
                f"baseline's {np.exp(baseline[name]):.3f}"
            )
    return ""


TASK = Task(
    name="rademacher",
    title="How complex are networks whose layers have small norm and rank?",
    idea=18,
    metric=Metric(
        name="bound over estimate",
        unit="",
        resolution=0.05,
        target="no bound refuted, and on both sides no looser than the baseline",
        shortfall=shortfall,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="predict",
    axes=("compression",),
    counts="ratio",
    claims=(
        Claim(
            "Rank matters under spectral caps: along it, the log of what complexity is found has a "
            "slope above 0.05.",
            Contrast("every_rank", "rank_blind", "spectral_off", margin=0.4),
        ),
        Claim(
            "Rank does not matter under Frobenius caps: the slope is below 0.05.",
            Contrast("rank_blind", "every_rank", "frobenius_off", margin=-0.9),
        ),
        Claim(
            "Under spectral caps the root of rank is closer to what is found than no rank at all.",
            Contrast("every_rank", "rank_blind", "spectral_off"),
        ),
        Claim(
            "A bound that pays for no rank is refuted.",
            Contrast("baseline", "rank_blind", "refuted", margin=-0.5),
        ),
        Claim(
            "The root of depth is looser than a factor a layer, as long as layers are three.",
            Contrast("peeling", "baseline", "quality"),
        ),
    ),
    charts=(
        Chart(
            "Bound and, dashed, what complexity was found, by rank",
            "ranks", "r", "bound", "line", "class", log_x=True, log_y=True, guide="estimate",
        ),
        Chart("Bound over estimate by kind of sample", "ratios", "kind", "ratio", "bar", "family"),
        Chart("Bound over estimate by depth, with ReLUs", "depths", "L", "ratio", "line", "norm"),
    ),
    words="proof",
    seconds={"smoke": 30.0, "standard": 60.0, "full": 600.0},
)  # fmt: skip
