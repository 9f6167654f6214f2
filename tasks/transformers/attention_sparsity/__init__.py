"""How sparse are the attention maps of a transformer?

Idea: 23, transformers sparsity. "How sparse are the attention maps in various types of
    transformers?" Softmax gives no exact zero. So sparse is to mean how few pairs of a query and a
    key can be kept, the others set to zero and rows divided by what is left of their sum, before
    predictions change. That number depends on who chooses the pairs.

Papers: Child et al., Generating Long Sequences with Sparse Transformers, arXiv 1904.10509. Clark et
    al., What Does BERT Look At?, 2019. Xiao et al., Efficient Streaming Language Models with
    Attention Sinks, arXiv 2309.17453 (`window`). Zhang et al., H2O, NeurIPS 2023. Singhania et al.,
    Loki, NeurIPS 2024: keys are of low dimension (`projection`). None was checked against its text.

Question: How few pairs suffice, how are they found, and do all heads need their share?

fit: called once for each model with what its attention is given on 64 sequences (16 at smoke), for
    each layer l `q{l}`, `k{l}`, `v{l}`, float32 (n, H, L, d_h): the model's weights are softmax of
    q . k / sqrt(d_h) over the past. `context.facts` has `model`, `layers`, `heads`, `head_size`,
    `length` and `budgets`. Models: GPT-2 of two layers, four heads and width 64 that learned
    sequences of triggers (`induction`), and the same with queries and keys of length 1 but for a
    temperature (`cosine`); at smoke the first alone, smaller; at full GPT-2 itself on WikiText-2
    from the hub, where no figure was measured.

predict: called for every model and budget rho of 1/16, 1/8, 1/4 and 1/2, each time in a process
    that knows no other, with the same arrays of shown and unseen sequences mixed, from the dense
    model, and `rho`, float64 (n,), the same for all. It returns `mask{l}`, uint8 (n, bytes):
    `numpy.packbits` of bool (H, L, L) of each sequence, query before key. The future does not
    count. At most floor(rho H L (L + 1) / 2) pairs of a sequence and layer may be kept, spread over
    heads and rows as one likes; a budget that is overspent anywhere is scored as if nothing were
    kept. Some sequences come again in other company and must be answered alike.

visible: divergence of predictions from the dense model's at rho = 1/8, KL in nats a token, on the
    sequences that were shown; geometric mean over models.

held-out: the same on as many sequences that were not.

quality: the held-out divergence. Ranked are rules whose divergence is at most 7/4 of the
    baseline's, on both: a prototype's target, 0.25 where its baseline had 0.145, carried over as a
    ratio, because what a kept pair is worth depends on the draw of the model. Compression compares
    not the artifact but what is kept in all: its bytes and 4 for each kept pair of the unseen
    sequences at a divergence of 0.02, between budgets by interpolation of logarithms (`kept_bytes`;
    all pairs where 1/2 of them lose more). A budget that loses more counts as spent. Clock:
    `predict`, the choice itself, over all budgets. The gap is a few hundredths of a nat at most.

baseline: the largest weights of every row, in equal shares. References: one threshold over all
    heads, which knows all scores (`threshold`); stronger, as it need not: the same on scores
    through projections of rank 8, half precision (`projection`); naive: random pairs; the first
    token and the last ones (`window`); what each head attends to by distance and to the first
    tokens, in the mean of what was shown (`static`).

claim: Maps are sparse, though not by place: the baseline loses at least half a nat less than
    fixed windows. Heads need unequal shares: a threshold over all of them loses less than the
    baseline.
    Cheap scores do: projections of rank 8 lose at most 0.02 more nats than all scores.

extra: `kept_` by model, the share of pairs at a divergence of 0.02; `recall`, the weight of kept
    pairs at 1/8; `streaming`, 1 where no row of a mask changes when what comes later is cut off;
    `overspent`, how many budgets were. Facts of the models, whoever is examined, means over layers,
    heads and rows of at least 8 keys: `gini_`, `hoyer_`, `entropy_` (over log n), `holding_` (share
    of keys with 90 % of the weight), `sink_` (weight on the first token), and `accuracy_` in
    context. Series: divergence by share kept, statistics by layer and head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

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
from tasks._data import fidelity
from tasks._data.dense import SCALES, draw, restored
from tasks._data.ladder import cells, learn
from tasks._data.series import columns

from .maps import survey
from .masks import divergences, most, recall, unpacked

BUDGETS = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
RANKED = 1 / 8
"""The budget whose divergence ranks."""
EPSILON = 0.02
"""Nats at which kept pairs are counted."""
WITHIN = 7 / 4
"""What divergences may be, relative to the baseline's."""
BYTES = 4
"""Of a kept pair."""
CUTS = (1 / 4, 1 / 2, 3 / 4)
"""Of the length, where what comes later is cut off."""
N_CUT = 8
"""Sequences on which that is tried."""


def make(seed: int, size: Size) -> Exam:
    """Train the models and let each read sequences, of which half are to be shown."""
    scale = SCALES[size]
    train: Arrays = {}
    inputs: Arrays = {}
    truth: Arrays = {}
    for index, name in enumerate(scale.models):
        rng = np.random.default_rng([seed, index])
        dense = draw(scale, name, rng)
        given = dense.attention()
        n = len(dense.tokens)
        order = rng.permutation(n)  # the first half of `tokens` is shown
        train |= {f"{name}/{key}": of[: n // 2] for key, of in given.items()}
        inputs |= {f"{name}/{key}": of[order] for key, of in given.items()}
        truth |= {f"{name}/{key}": of for key, of in dense.arrays().items()}
        truth |= {f"{name}/order": order}
    truth["again"] = np.random.default_rng([seed, len(scale.models)]).integers(2**32, size=4)
    return Exam(train, inputs, truth, {"budgets": list(BUDGETS)})


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Call `fit` once a model."""
    return learn(exam, fit, {name: told(exam, name) for name in cells(exam)})


def told(exam: Exam, name: str) -> dict[str, str | int]:
    """Return what everybody knows of a model."""
    given = named.part(exam.train, name)
    _, heads, length, size = given["q0"].shape
    return {
        "model": name,
        "layers": len(given) // 3,
        "heads": heads,
        "length": length,
        "head_size": size,
    }


def ask(exam: Exam, artifact: Arrays, predict: Predict) -> Arrays:
    """Ask for the masks of every model and budget, of some sequences again, of some cut off.

    Raises
    ------
    Refused
        An answer is not {'mask0': uint8 (n, bytes), ...}, or depends on its company.
    """
    rng = np.random.default_rng(exam.truth["again"])
    outputs: Arrays = {}
    for name in cells(exam):
        given = named.part(exam.inputs, name)
        n = len(given["q0"])
        for number, rho in enumerate(BUDGETS):
            inputs = {**given, "rho": np.full(n, rho)}
            answers = _masks(inputs, partial(predict, part=name))
            outputs |= {f"{name}/{number}/{key}": mask for key, mask in answers.items()}
            if rho == RANKED:
                ask_again(inputs, answers, partial(predict, part=name), rng)
        few = {key: of[:N_CUT] for key, of in given.items()}
        for number, share in enumerate(CUTS):
            end = int(share * given["q0"].shape[2])
            inputs = {key: of[:, :, :end] for key, of in few.items()}
            inputs["rho"] = np.full(len(few["q0"]), RANKED)
            answers = _masks(inputs, partial(predict, part=name))
            outputs |= {f"{name}/cut{number}/{key}": mask for key, mask in answers.items()}
    return outputs


def _masks(inputs: Arrays, predict: Callable[[Arrays], Arrays]) -> Arrays:
    n, heads, length, _ = inputs["q0"].shape
    answers = predict(inputs)
    row = -(-heads * length * length // 8)
    shapes = {f"mask{layer}": (n, row) for layer in range(len(inputs) // 3)}
    named.require(answers, shapes, "predict", kinds="u")
    for name, mask in answers.items():
        if mask.dtype != np.uint8:
            raise Refused(f"predict[{name!r}] must be uint8, got {mask.dtype}.")
    return answers


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Thin the models' attention and see what their predictions lose."""
    extra: dict[str, float] = {}
    curves: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    found = []
    for name in cells(exam):
        one = _examined(exam, named.part(outputs, name), name)
        found.append(one)
        extra |= {f"kept_{name}": one.share} | {f"accuracy_{name}": one.accuracy}
        curves += one.curve
        maps = _survey(exam, name)
        heads += maps
        for key in ("gini", "hoyer", "entropy", "holding", "sink"):
            extra[f"{key}_{name}"] = float(np.mean([row[key] for row in maps]))
    shown, unseen = ([one.losses[part] for one in found] for part in ("visible", "heldout"))
    extra |= {
        "kept_bytes": max(named.FLOOR, named.weigh(artifact) + sum(one.n_bytes for one in found)),
        "recall": float(np.mean([one.recall for one in found])),
        "streaming": float(min(one.streaming for one in found)),
        "overspent": float(sum(one.overspent for one in found)),
    }
    return Scores(
        visible=fidelity.mean_log(shown),
        heldout=fidelity.mean_log(unseen),
        quality=fidelity.mean_log(unseen),
        stderr=fidelity.stderr(unseen),
        extra=extra,
        series={"curves": columns(curves), "heads": columns(heads)},
    )


@dataclass(frozen=True)
class Examined:
    """What one model lost."""

    losses: dict[str, np.ndarray]
    """'visible' and 'heldout' -> nats a token at the ranked budget, one a sequence."""
    share: float
    n_bytes: float
    recall: float
    streaming: float
    overspent: int
    accuracy: float
    curve: list[dict[str, Any]]


def _examined(exam: Exam, answers: Arrays, name: str) -> Examined:
    dense = restored(named.part(exam.truth, name))
    given, order = named.part(exam.inputs, name), exam.truth[f"{name}/order"]
    tokens = dense.tokens[order]
    shown = order < len(order) // 2
    _, heads, length, _ = given["q0"].shape
    layers = len(given) // 3
    shares, losses, curve, overspent = [], [], [], 0
    for number, rho in enumerate(BUDGETS):
        masks = [
            unpacked(answers[f"{number}/mask{layer}"], heads, length) for layer in range(layers)
        ]
        if any((mask.sum((1, 2, 3)) > most(rho, heads, length)).any() for mask in masks):
            overspent += 1
            masks = [np.zeros_like(mask) for mask in masks]
        lost = divergences(dense.model, tokens, masks)
        pairs = sum(int(mask[~shown].sum()) for mask in masks)
        every = (~shown).sum() * layers * heads * length * (length + 1) // 2
        shares.append(pairs / every)
        losses.append(float(lost[~shown].mean()))
        curve.append({"model": name, "kept": shares[-1], "nats": max(losses[-1], fidelity.NOTHING)})
        if rho == RANKED:
            ranked = {"visible": lost[shown], "heldout": lost[~shown]}
            weight = [
                recall(given[f"q{layer}"][~shown], given[f"k{layer}"][~shown], mask[~shown])
                for layer, mask in enumerate(masks)
            ]
            whole = masks
    share = fidelity.needed(BUDGETS, shares, losses, EPSILON)
    return Examined(
        losses=ranked,
        share=share,
        n_bytes=BYTES * share * float(every),
        recall=float(np.mean(weight)),
        streaming=_streaming(answers, whole, heads, length),
        overspent=overspent,
        accuracy=dense.accuracy,
        curve=curve,
    )


def _streaming(answers: Arrays, whole: list[np.ndarray], heads: int, length: int) -> float:
    """Return 1 where masks of what was cut off are the beginning of masks of the whole."""
    for number, share in enumerate(CUTS):
        end = int(share * length)
        for layer, mask in enumerate(whole):
            cut = unpacked(answers[f"cut{number}/mask{layer}"], heads, end)
            if (cut != mask[: len(cut), :, :end, :end]).any():
                return 0.0
    return 1.0


def _survey(exam: Exam, name: str) -> list[dict[str, Any]]:
    """Return a row a layer and head of what the maps of unseen sequences look like."""
    given, order = named.part(exam.inputs, name), exam.truth[f"{name}/order"]
    unseen = order >= len(order) // 2
    rows = []
    for layer in range(len(given) // 3):
        query, key = (torch.from_numpy(given[f"{letter}{layer}"][unseen]) for letter in "qk")
        found = survey(query, key)
        for head in range(query.shape[1]):
            numbers = {key: float(of[head]) for key, of in found.items()}
            rows.append({"model": name, "head": f"{layer}.{head}", **numbers})
    return rows


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say by how much more is lost than may be, on unseen and on shown sequences."""
    return fidelity.lacking(mine, baseline, WITHIN)


TASK = Task(
    name="attention_sparsity",
    title="How sparse are the attention maps of a transformer?",
    idea=23,
    metric=Metric(
        name="divergence at 1/8 of the pairs",
        unit="nats",
        resolution=0.02,
        target="divergence on unseen and on shown sequences at most 7/4 of the baseline's",
        shortfall=shortfall,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="predict",
    counts="kept_bytes",
    claims=(
        Claim(
            "Maps are sparse, though not by place: at 1/8 of the pairs the largest weights of "
            "every row lose at least half a nat less than the first token and the last ones.",
            Contrast("baseline", "window", "heldout", -0.5),
        ),
        Claim(
            "Heads need unequal shares: one threshold over all heads loses less than the largest "
            "weights of every row.",
            Contrast("threshold", "baseline", "heldout"),
        ),
        Claim(
            "Cheap scores do: through projections of rank 8 at most 0.02 nats more are lost than "
            "with all scores.",
            Contrast("projection", "threshold", "heldout", 0.02),
        ),
    ),
    charts=(
        Chart("Divergence by share of pairs kept", "curves", "kept", "nats", "line", "model",
              log_x=True, log_y=True),
        Chart("Keys that hold 90 % of the weight, by layer and head", "heads", "head", "holding",
              "bar", "model"),
        Chart("Gini index of the maps, by layer and head", "heads", "head", "gini", "bar", "model"),
        Chart("Weight on the first token, by layer and head", "heads", "head", "sink", "bar",
              "model"),
    ),
    seconds={"smoke": 30.0, "standard": 60.0, "full": 600.0},
)  # fmt: skip
