"""How sparse, or how low in rank, are a transformer's W_Q and W_K?

Idea: 23, transformers sparsity. "What about W_K and W_Q?" Scores depend on the two through M = W_Q'
    W_K alone: for invertible R, (R' W_Q, R^-1 W_K) is the same model. So how many of their entries
    are near zero means nothing, and the question is how many bytes a pair of the two needs before
    predictions change: sparse, of low rank, turned or rounded.

Papers: Kobayashi, Akyurek, von Oswald, Weight Decay Induces Low-Rank Attention Layers, NeurIPS
    2024, arXiv 2410.23819. Bhojanapalli et al., Low-Rank Bottleneck in Multi-head Attention Models,
    ICML 2020. None was checked against its text.

Question: How few bytes do W_Q and W_K need, and is it rank, basis or precision that they are spent
    on?

fit: called once for each model and budget, `budget` of `context.facts`, a share of 1/4, 1/8 or 1/16
    of `whole_bytes`, what all W_Q and W_K take in single precision; `most_bytes` is that many. For
    each layer l `q{l}`, `k{l}`, float32 (H, d_h, d), `bq{l}`, `bk{l}` (H, d_h), so that queries are
    x q' + bq, and `x{l}`, float32 (n, L, d), what they are projected from on 64 sequences (16 at
    smoke). Scores are q . k / sqrt(d_h). Facts: `model`, `layers`, `heads`, `head_size`, `width`.
    The model: GPT-2 of two layers, four heads and width 64 that learned sequences of triggers; at
    smoke a smaller one; at full GPT-2 itself from the hub, where no figure was measured.

predict: called for each model and budget with `shape`, int64 (4,): layers, heads, d_h and d. It
    returns `q{l}`, `k{l}`, `bq{l}`, `bk{l}`, float, of the shapes that `fit` got, or of fewer rows
    in place of d_h, the same in all four of a layer. They take the place of the model's own, and
    nothing else changes. An artifact of more than `most_bytes`, compressed, is scored as if all
    were zero, so that attention is uniform.

visible: divergence of predictions from the dense model's at 1/8 of the bytes, KL in nats a token,
    on the sequences that were shown; geometric mean over models.

held-out: the same on as many sequences that were not.

quality: the held-out divergence. Ranked are those of at most 9/4 of the baseline's, on both: a
    prototype's target, 0.3 where its baseline had 0.132, carried over as a ratio, because what a
    byte is worth depends on the draw of the model. Compression compares the bytes at a divergence
    of 0.02, between budgets by interpolation of logarithms (`bytes_needed`; all bytes lose 1e-6
    nats there). Clock: `predict`, what it takes to load the model. The gap is a few hundredths of
    a nat at most.

baseline: the leading singular vectors of each head's M, half precision. Stronger: those that
    matter for what is projected (`activation`), and these with a byte a number (`rounded`). Naive:
    the largest entries of W_Q and W_K, the rest zero (`magnitude`); both zero (`zero`).

claim: Rank is the better currency: at equal bytes singular vectors of M lose at least 0.1 nats
    less than the largest entries of W_Q and W_K. Inputs matter: weighing by what is projected loses
    less than not. Precision is dearer than rank: a byte a number loses less than two.

extra: `bytes_needed`; `overspent`, how many budgets were; `off`, |M' - M| over |M|, and `off_seen`,
    the same as seen by what is projected, means over heads at 1/8. Facts of the models, whoever is
    examined, means over layers and heads: `rank_` (stable rank of M), `participation_`,
    `antisymmetric_` and `negative_` (shares of its square), `gini_` (of the entries of W_Q and W_K;
    0.414 for a Gaussian matrix), `head_size_`. Series: divergence by bytes, singular values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import GPT2LMHeadModel

from harness import arrays as named
from harness.kernels import bilinear_form, sparsity
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
from tasks._data import decoders, fidelity
from tasks._data.decoders import Seen
from tasks._data.dense import SCALES, draw, restored
from tasks._data.series import columns

BUDGETS = {"quarter": 1 / 4, "eighth": 1 / 8, "sixteenth": 1 / 16}
RANKED = "eighth"
EPSILON = 0.02
"""Nats at which bytes are counted."""
WITHIN = 9 / 4
"""What divergences may be, relative to the baseline's."""
MODELS = ("induction", "gpt2")
"""Of those there are: cosine attention is no function of M."""


def make(seed: int, size: Size) -> Exam:
    """Train the models and let each read sequences, of which half are to be shown."""
    train: Arrays = {}
    inputs: Arrays = {}
    truth: Arrays = {}
    for index, name in enumerate(model for model in MODELS if model in SCALES[size].models):
        dense = draw(SCALES[size], name, np.random.default_rng([seed, index]))
        own = decoders.projections(dense.model)
        _, layers = decoders.recorded(dense.model, dense.tokens)
        n = len(dense.tokens)
        train |= {f"{name}/{key}": of for key, of in own.items()}
        train |= {f"{name}/x{seen.layer}": seen.x[: n // 2].numpy() for seen in layers}
        inputs[f"{name}/shape"] = np.array([len(layers), *own["q0"].shape])
        truth |= {f"{name}/{key}": of for key, of in dense.arrays().items()}
    return Exam(train, inputs, truth, {"budgets": BUDGETS})


def models(exam: Exam) -> list[str]:
    """Return the names of an exam's models."""
    return [name.partition("/")[0] for name in exam.inputs]


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Call `fit` once a model and budget."""
    artifact: Arrays = {}
    for name in models(exam):
        layers, heads, size, width = exam.inputs[f"{name}/shape"].tolist()
        whole = 2 * 4 * layers * heads * size * width
        facts = {
            "model": name,
            "layers": layers,
            "heads": heads,
            "head_size": size,
            "width": width,
            "whole_bytes": whole,
        }
        for budget, share in BUDGETS.items():
            told = {**facts, "budget": share, "most_bytes": int(share * whole)}
            found = fit(named.part(exam.train, name), told)
            artifact |= {f"{name}/{budget}/{key}": of for key, of in found.items()}
    return artifact


def ask(exam: Exam, artifact: Arrays, predict: Predict) -> Arrays:
    """Have every artifact decoded in a process that knows no other.

    Raises
    ------
    Refused
        What is returned is not W_Q, W_K and biases of every layer.
    """
    outputs: Arrays = {}
    for name in models(exam):
        shape = exam.inputs[f"{name}/shape"]
        for budget in BUDGETS:
            found = predict({"shape": shape}, f"{name}/{budget}")
            outputs |= {f"{name}/{budget}/{key}": of for key, of in whole(found, shape).items()}
    return outputs


def whole(found: Arrays, shape: np.ndarray) -> Arrays:
    """Return what was decoded as float32, with rows of zeros up to d_h."""
    layers, heads, size, width = shape.tolist()
    shapes: dict[str, tuple[int | None, ...]] = {}
    for layer in range(layers):
        for letter in "qk":
            shapes[f"{letter}{layer}"] = (heads, None, width)
            shapes[f"b{letter}{layer}"] = (heads, None)
    named.require(found, shapes, "predict")
    complete = {}
    for layer in range(layers):
        rows = {key: found[f"{key}{layer}"].shape[1] for key in ("q", "k", "bq", "bk")}
        if len(set(rows.values())) > 1 or rows["q"] > size:
            raise Refused(
                f"predict must return as many rows, at most {size}, of all four of layer {layer}, "
                f"got {rows}."
            )
        for key, n in rows.items():
            array = found[f"{key}{layer}"].astype(np.float32)
            lacking = [(0, 0), (0, size - n), (0, 0)][: array.ndim]
            complete[f"{key}{layer}"] = np.pad(array, lacking)
    return complete


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Put what was decoded into the models and see what their predictions lose."""
    extra = {"bytes_needed": 0.0, "overspent": 0.0}
    curve: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    shown, unseen, offs = [], [], []
    for name in models(exam):
        dense = restored(named.part(exam.truth, name))
        n = len(dense.tokens) // 2
        own = named.part(exam.train, name)
        whole_bytes = 2 * 4 * int(np.prod(exam.inputs[f"{name}/shape"]))
        used, lost = [], []
        for budget, share in BUDGETS.items():
            taken = named.part(outputs, f"{name}/{budget}")
            n_bytes = named.weigh(named.part(artifact, f"{name}/{budget}"))
            if n_bytes > int(share * whole_bytes):
                extra["overspent"] += 1
                taken = {key: np.zeros_like(of) for key, of in taken.items()}
            losses = divergences(dense.model, dense.tokens, taken)
            used.append(n_bytes / whole_bytes)
            lost.append(float(losses[n:].mean()))
            curve.append({"model": name, "bytes": n_bytes, "nats": max(lost[-1], fidelity.NOTHING)})
            if budget == RANKED:
                shown.append(losses[:n])
                unseen.append(losses[n:])
                offs.append(distances(own, taken))
        extra["bytes_needed"] += whole_bytes * fidelity.needed(used, lost, EPSILON)
        facts, singular = _survey(own)
        extra |= {f"{key}_{name}": number for key, number in facts.items()}
        values += [{"model": name, **row} for row in singular]
    heldout = fidelity.mean_log(unseen)
    off, off_seen = np.mean(offs, 0)
    return Scores(
        visible=fidelity.mean_log(shown),
        heldout=heldout,
        quality=heldout,
        stderr=fidelity.stderr(unseen),
        extra={**extra, "off": float(off), "off_seen": float(off_seen)},
        series={"curve": columns(curve), "values": columns(values)},
    )


def divergences(model: GPT2LMHeadModel, tokens: np.ndarray, taken: Arrays) -> np.ndarray:
    """Return every sequence's mean divergence from the dense model, in nats a token, (n,)."""
    weights = {name: torch.from_numpy(of) for name, of in taken.items()}

    def attend(seen: Seen) -> Tensor:
        query, key = (
            torch.einsum("nld,hrd->nhlr", seen.x, weights[f"{letter}{seen.layer}"])
            + weights[f"b{letter}{seen.layer}"][:, None]
            for letter in "qk"
        )
        return decoders.own(seen._replace(query=query, key=key))

    dense = decoders.logits(model, tokens)
    changed = decoders.logits(model, tokens, attend)
    found: np.ndarray = decoders.divergence(dense, changed).mean(1).numpy()
    return found


def distances(own: Arrays, taken: Arrays) -> tuple[float, float]:
    """Return |M' - M| / |M|, and the same between the inputs' second moments, means over heads."""
    plain, seen = [], []
    for layer in range(len(own) // 5):
        M, other = (np.swapaxes(of[f"q{layer}"], 1, 2) @ of[f"k{layer}"] for of in (own, taken))
        x = own[f"x{layer}"].reshape(-1, M.shape[-1])
        values, V = np.linalg.eigh(x.T @ x / len(x))
        root = V * np.sqrt(np.maximum(values, 0)) @ V.T
        plain += (np.linalg.norm(other - M, axis=(1, 2)) / np.linalg.norm(M, axis=(1, 2))).tolist()
        off, full = root @ (other - M) @ root, root @ M @ root
        seen += (np.linalg.norm(off, axis=(1, 2)) / np.linalg.norm(full, axis=(1, 2))).tolist()
    return float(np.mean(plain)), float(np.mean(seen))


def _survey(own: Arrays) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Return means over layers and heads, and a row a singular value."""
    numbers: dict[str, list[np.ndarray]] = {}
    rows = []
    for layer in range(len(own) // 5):
        Q, K = own[f"q{layer}"], own[f"k{layer}"]
        s = bilinear_form.singular_values(Q, K)
        entries = [np.abs(W).reshape(len(W), -1) for W in (Q, K)]
        for name, of in (
            ("rank", bilinear_form.stable_rank(s)),
            ("participation", bilinear_form.participation(s)),
            ("antisymmetric", bilinear_form.antisymmetric(Q, K)),
            ("negative", bilinear_form.negative(Q, K)),
            ("gini", (sparsity.gini(entries[0]) + sparsity.gini(entries[1])) / 2),
        ):
            numbers.setdefault(name, []).append(of.numpy())
        for head, values in enumerate((s / s[:, :1]).tolist()):
            for number, value in enumerate(values, 1):
                rows.append({"head": f"{layer}.{head}", "number": number, "value": value})
    means = {name: float(np.concatenate(of).mean()) for name, of in numbers.items()}
    return {**means, "head_size": float(own["q0"].shape[1])}, rows


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say by how much more is lost than may be, on unseen and on shown sequences."""
    return fidelity.lacking(mine, baseline, WITHIN)


TASK = Task(
    name="qk_sparsity",
    title="How sparse, or how low in rank, are a transformer's W_Q and W_K?",
    idea=23,
    metric=Metric(
        name="divergence at 1/8 of the bytes",
        unit="nats",
        resolution=0.02,
        target="divergence on unseen and on shown sequences at most 9/4 of the baseline's",
        shortfall=shortfall,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="predict",
    counts="bytes_needed",
    claims=(
        Claim(
            "Rank is the better currency: at equal bytes singular vectors of M lose at least 0.1 "
            "nats less than the largest entries of W_Q and W_K.",
            Contrast("baseline", "magnitude", "heldout", -0.1),
        ),
        Claim(
            "Inputs matter: singular vectors weighed by what is projected lose less than those "
            "of M alone.",
            Contrast("activation", "baseline", "heldout"),
        ),
        Claim(
            "Precision is dearer than rank: with a byte a number, and so twice the rank, less is "
            "lost than with two.",
            Contrast("rounded", "activation", "heldout"),
        ),
    ),
    charts=(
        Chart("Divergence by bytes", "curve", "bytes", "nats", "line", "model",
              log_x=True, log_y=True),
        Chart("Singular values of M over the largest, by layer and head", "values", "number",
              "value", "line", "head"),
    ),
    seconds={"smoke": 30.0, "standard": 60.0, "full": 600.0},
)  # fmt: skip
