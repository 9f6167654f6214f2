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

fit: called once for each budget, `budget` of `context.facts`, a share of 1/4, 1/8 or 1/16 of
    `whole_bytes`, what all W_Q and W_K take in single precision; `most_bytes` is that many. For
    each layer l `q{l}`, `k{l}`, float32 (H, d_h, d), `bq{l}`, `bk{l}` (H, d_h), so that queries are
    x q' + bq, and `x{l}`, float32 (n, L, d), what they are projected from on 64 sequences (16 at
    smoke). Scores are q . k / sqrt(d_h). Facts: `model`, `layers`, `heads`, `head_size`, `width`.
    The model: GPT-2 of two layers, four heads and width 64 that learned sequences of triggers; at
    smoke a smaller one; at full GPT-2 itself from the hub, where no figure was measured.

predict: called for each budget with `shape`, int64 (4,): layers, heads, d_h and d. It
    returns `q{l}`, `k{l}`, `bq{l}`, `bk{l}`, float, of the shapes that `fit` got, or of fewer rows
    in place of d_h, the same in all four of a layer. They take the place of the model's own, and
    nothing else changes. An artifact of more than `most_bytes`, compressed, is scored as if all
    were zero, so that attention is uniform.

visible: divergence of predictions from the dense model's at 1/8 of the bytes, KL in nats a token,
    on the sequences that were shown.

held-out: the same on as many sequences that were not.

quality: the held-out divergence. Ranked are those of at most 9/4 of the baseline's, on both: a
    prototype's target, 0.3 where its baseline had 0.132, carried over as a ratio, because what a
    byte is worth depends on the draw of the model. Compression compares the bytes at a divergence
    of 0.02, between budgets by interpolation of logarithms (`bytes_needed`; all bytes where 1/4 of
    them loses more). A budget that loses more counts as spent. Clock: `predict`, what it takes to
    load the model. The gap is a few hundredths of a nat at most.

baseline: the leading singular vectors of each head's M, half precision. Stronger: those that
    matter for what is projected (`activation`), and these with a byte a number (`rounded`). Naive:
    the largest entries of W_Q and W_K, the rest zero (`magnitude`); both zero (`zero`).

claim: Rank is the better currency: at equal bytes singular vectors of M lose at least 0.1 nats
    less than the largest entries of W_Q and W_K. Inputs matter: weighing by what is projected loses
    less than not. Precision is dearer than rank: a byte a number loses less than two.

extra: `bytes_needed`; `overspent`, how many budgets were; `off`, |M' - M| over |M|, and `off_seen`,
    the same as seen by what is projected, means over heads at 1/8. Facts of the model, whoever is
    examined, means over layers and heads: `rank` (stable rank of M), `participation`,
    `antisymmetric` and `negative` (shares of its square), `gini` (of the entries of W_Q and W_K;
    0.414 for a Gaussian matrix). Series: divergence by bytes, singular values.
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

BUDGETS = {"sixteenth": 1 / 16, "eighth": 1 / 8, "quarter": 1 / 4}
RANKED = "eighth"
EPSILON = 0.02
"""Nats at which bytes are counted."""
WITHIN = 9 / 4
"""What divergences may be, relative to the baseline's."""


def make(seed: int, size: Size) -> Exam:
    """Train the model and let it read sequences, of which half are to be shown."""
    scale = SCALES[size]
    dense = draw(scale, scale.plain, np.random.default_rng(seed))
    own = decoders.projections(dense.model)
    _, layers = decoders.recorded(dense.model, dense.tokens)
    n = len(dense.tokens)
    inputs = {f"x{seen.layer}": seen.x[: n // 2].numpy() for seen in layers}
    shape = np.array([len(layers), *own["q0"].shape])
    facts = {
        "model": scale.plain,
        **dict(zip(("layers", "heads", "head_size", "width"), shape.tolist(), strict=True)),
        "whole_bytes": 2 * 4 * int(shape.prod()),
    }
    return Exam({**own, **inputs}, {"shape": shape}, dense.arrays(), facts)


def most_bytes(exam: Exam, budget: str) -> int:
    """Return what an artifact may have."""
    return int(BUDGETS[budget] * exam.facts["whole_bytes"])


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Call `fit` once a budget."""
    artifact: Arrays = {}
    for budget, share in BUDGETS.items():
        found = fit(exam.train, {"budget": share, "most_bytes": most_bytes(exam, budget)})
        artifact |= {f"{budget}/{key}": of for key, of in found.items()}
    return artifact


def ask(exam: Exam, artifact: Arrays, predict: Predict) -> Arrays:
    """Have every artifact decoded in a process that knows no other.

    Raises
    ------
    Refused
        What is returned is not W_Q, W_K and biases of every layer.
    """
    outputs: Arrays = {}
    for budget in BUDGETS:
        found = whole(predict(exam.inputs, budget), exam.inputs["shape"])
        outputs |= {f"{budget}/{key}": of for key, of in found.items()}
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
    """Put what was decoded into the model and see what its predictions lose."""
    dense = restored(exam.truth)
    n = len(dense.tokens) // 2
    all_bytes = exam.facts["whole_bytes"]
    used, losses, counted, overspent = [], {}, {}, 0
    for budget in BUDGETS:
        taken, n_bytes = named.part(outputs, budget), named.weigh(named.part(artifact, budget))
        if n_bytes > most_bytes(exam, budget):
            overspent += 1
            taken = {key: np.zeros_like(of) for key, of in taken.items()}
        used.append(n_bytes)
        counted[budget] = taken
        losses[budget] = divergences(dense.model, dense.tokens, taken)
    lost = [float(of[n:].mean()) for of in losses.values()]
    shares = [n_bytes / all_bytes for n_bytes in used]
    share = fidelity.needed(list(BUDGETS.values()), shares, lost, EPSILON)
    off, off_seen = distances(exam.train, counted[RANKED])
    facts, singular = _survey(exam.train)
    ranked = losses[RANKED]
    curve = {"bytes": np.array(used), "nats": np.maximum(lost, fidelity.NOTHING)}
    return Scores(
        visible=fidelity.mean_log([ranked[:n]]),
        heldout=fidelity.mean_log([ranked[n:]]),
        quality=fidelity.mean_log([ranked[n:]]),
        stderr=fidelity.stderr([ranked[n:]]),
        extra={
            "bytes_needed": max(named.FLOOR, all_bytes * share),
            "overspent": float(overspent),
            "off": off,
            "off_seen": off_seen,
            **facts,
        },
        series={"curve": curve, "values": columns(singular)},
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
    return means, rows


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
        Chart("Divergence by bytes", "curve", "bytes", "nats", "line",
              log_x=True, log_y=True),
        Chart("Singular values of M over the largest, by layer and head", "values", "number",
              "value", "line", "head"),
    ),
    seconds={"smoke": 30.0, "standard": 60.0, "full": 600.0},
)  # fmt: skip
