"""Is self-attention a normalized HyperBF?

Idea: 24, self-attention and normalized HyperBF. Are the two equivalent? Attention weighs values by
    exp(q_i . k_j / c), c = sqrt(d_h), over their sum. As q . k = (|q|^2 + |k|^2 - |q - k|^2) / 2
    and |q| is the same for all keys, it is a normalized Gaussian network with centers k_j and
    amplitudes exp(|k_j|^2 / 2c): a normalized HyperBF where the keys of a context are equally
    long, whatever queries are. That alone says nothing: s q and k / s have the same products, and
    for large s no key has a length. So the task fixes the scale of every dimension. The basis of a
    head is left free: `basis` shows what that is worth.

Papers: Poggio and Girosi, A Theory of Networks for Approximation and Learning, AI Memo 1140, 1989.
    Tsai et al., Transformer Dissection, EMNLP 2019. Henry et al., Query-Key Normalization for
    Transformers, 2020. Bricken and Pehlevan, Attention Approximates Sparse Distributed Memory,
    NeurIPS 2021. None was checked against its text.

Question: How far are the heads of a trained transformer from normalized HyperBF networks once the
    scale is fixed, and can they be moved there, with two maps for queries and centers or with one?

fit: called once. For each layer l `q{l}`, `k{l}`, float32 (H, d_h, d), `bq{l}`, `bk{l}` (H, d_h),
    so that queries are x q' + bq, and `x{l}`, float32 (n, L, d), what they are projected from on 64
    sequences (16 at smoke). The model's weights follow: causal softmax of q . k / sqrt(d_h). Facts:
    `model`, `layers`, `heads`, `head_size`, `width`. It returns, float, for each layer `A{l}`
    (H, r, d) and `ua{l}` (H, r), and `B{l}`, `ub{l}` of the same shapes, r at most d_h and no
    number above 10^4. Queries are A x + ua and centers B x + ub. Without `B{l}` centers are A x,
    one metric for both as in HyperBF strictly, moved by `ub{l}`, or by `ua{l}` where that is not
    given either. The model: GPT-2 of two layers, four heads and width 64 that learned sequences of
    triggers; at smoke a smaller one; at full GPT-2 itself from the hub, where no figure was
    measured.

predict: never called. The task owns the operator: in each dimension of a head queries are
    multiplied by t and centers divided by it, so that their median absolute deviations within the
    shown sequences are equal (`balanced_gauge`), and values are weighed by
    exp(-|query - center|^2 / 2) over its sum, in all heads at once. Nothing else changes.

visible: D / D_uniform on the sequences that were shown: D is the divergence of predictions from the
    model's, KL in nats a token, D_uniform that of uniform attention in all heads.

held-out: the same on as many sequences that were not.

quality: closure, 1 - D / D_uniform on the unseen. Ranked are those of at least 0.7, on both: a
    prototype's target, and no ratio, as closure is relative to its exam. Compression compares
    `open`, what is left to 1: the idea asks how equal two things are; bytes are shown. Speed, the
    clock of `fit`, is shown and not ranked: the baseline copies, and who learns is never as fast.

baseline: the model's own W_Q and W_K. References: both moved by Adam to the model's attention, by
    cross entropy through the balanced kernel (`distilled`), and through equal standard deviations
    in place of the task's medians (`deviation`); the model's own products in another basis of each
    head (`basis`); centers seen from the middle of a sphere (`sphere`); one map, in closed form
    (`tied`), moved by Adam (`tied_distilled`), with a distance (`tied_offset`); `uniform`.

claim: Almost equivalent once the scale is fixed: distilled maps leave at most 0.05 of what uniform
    attention leaves. Products need not change for it: nor does another basis. Keys lie about a
    sphere: seen from its middle they leave less. HyperBF in the strict sense is another thing: the
    best single map leaves at least half of D_uniform more than the model's own two.

extra: `open`; `nats` and `uniform_nats`, D and D_uniform on the unseen; `raw`, closure of what was
    returned without balance; `by_deviation`, the same balanced by standard deviations; `tied`, the
    share of layers with one map; `norms`, the standard deviation of |center|^2 / 2 in a context,
    nats, mean over heads. Facts of the model, whoever is examined: `own_norms_` by layer, of its
    |k|^2 / 2c, and `antisymmetric`, that share of the square of M = W_Q' W_K, means over heads. At
    standard the instrument, on a model that learned with keys of length 1 and so is a normalized
    HyperBF network: D of the kernel in place of its softmax (`control`), and after balance
    (`control_balanced`): what fixing the scale costs where nothing is to be lost. Series: D by
    scale without balance, heads swapped alone, lengths of centers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from transformers import GPT2LMHeadModel

from harness import arrays as named
from harness.kernels import balanced_gauge, bilinear_form
from harness.kernels.kernel_smoother import smooth
from harness.vocabulary import (
    Arrays,
    Chart,
    Claim,
    Contrast,
    Exam,
    Metric,
    Refused,
    Scores,
    Size,
    Task,
)
from tasks._data import decoders, fidelity
from tasks._data.decoders import Seen
from tasks._data.dense import SCALES, SMALL, Dense, Scale, draw, restored
from tasks._data.series import columns

TARGET = 0.7
LARGEST = 1e4
"""What numbers may be, so that squared lengths are finite."""
CONTROL: dict[Size, Scale] = {
    "standard": Scale({"cosine": replace(SMALL, cosine=True)}, (20, 3, 2), 32)
}
"""The model whose keys have length 1; small, as an identity holds at every size."""
GAUGES = (1 / 4, 1 / 2, 1, 2, 4, 8, 16)
QUANTILES = [share / 20 for share in range(1, 20)]
N_ALONE = 16
"""Unseen sequences on which heads are swapped alone."""


class Maps(NamedTuple):
    """Of one layer: queries are A x + ua, centers B x + ub."""

    A: Tensor
    """(H, r, d)."""
    ua: Tensor
    """(H, r)."""
    B: Tensor
    ub: Tensor

    def queries(self, x: Tensor) -> Tensor:
        """Return (n, H, L, r) of x (n, L, d)."""
        return torch.einsum("nld,hrd->nhlr", x, self.A) + self.ua[:, None]

    def centers(self, x: Tensor) -> Tensor:
        """Return (n, H, L, r)."""
        return torch.einsum("nld,hrd->nhlr", x, self.B) + self.ub[:, None]

    def scaled(self, t: Tensor, back: Tensor) -> Maps:
        """Return maps of t times the queries and `back` times the centers, both (H, r)."""
        t, back = t.to(self.A), back.to(self.A)
        return Maps(self.A * t[..., None], self.ua * t, self.B * back[..., None], self.ub * back)


def make(seed: int, size: Size) -> Exam:
    """Train the model and let it read sequences, of which half are to be shown."""
    scale = SCALES[size]
    dense = draw(scale, scale.plain, np.random.default_rng([seed, 0]))
    train = decoders.projections(dense.model)
    _, layers = decoders.recorded(dense.model, dense.tokens)
    heads, head_size, width = train["q0"].shape
    train |= {f"x{seen.layer}": seen.x[: len(dense.tokens) // 2].numpy() for seen in layers}
    truth = dense.arrays()
    if size in CONTROL:
        other = draw(CONTROL[size], "cosine", np.random.default_rng([seed, 1]))
        truth["control"] = np.array(control(other))
    facts = {"layers": len(layers), "heads": heads, "head_size": head_size, "width": width}
    return Exam(train, {}, truth, {"model": scale.plain, **facts})


def control(dense: Dense) -> tuple[float, float]:
    """Return D of the kernel on the model's own queries and keys, as they are and balanced."""
    base, layers = decoders.recorded(dense.model, dense.tokens)
    root = layers[0].query.shape[-1] ** -0.5
    factors = [
        [of.float()[:, None] for of in balanced_gauge.gauge(seen.query * root, seen.key)]
        for seen in layers
    ]

    def plain(seen: Seen) -> Tensor:
        return smooth(seen.query * root, seen.key, seen.value, causal=True)

    def balanced(seen: Seen) -> Tensor:
        t, back = factors[seen.layer]
        return smooth(seen.query * root * t, seen.key * back, seen.value, causal=True)

    found = [decoders.logits(dense.model, dense.tokens, attend) for attend in (plain, balanced)]
    first, second = (float(decoders.divergence(base, logits).mean()) for logits in found)
    return first, second


def ask(exam: Exam, artifact: Arrays, predict: Any) -> Arrays:
    """Answer nothing: the maps are the artifact, and `score` uses them."""
    return {}


def read(artifact: Arrays, facts: Mapping[str, Any]) -> tuple[list[Maps], float]:
    """Return the maps of every layer and the share of layers that have one alone.

    Raises
    ------
    Refused
        A map is missing, of another shape or too large.
    """
    heads, width, size = facts["heads"], facts["width"], facts["head_size"]
    shapes: dict[str, tuple[int | None, ...]] = {}
    for layer in range(facts["layers"]):
        for letter in ("A", "B") if f"B{layer}" in artifact else ("A",):
            shapes[f"{letter}{layer}"] = (heads, None, width)
        # Who has two maps has two offsets, who has one may have.
        for letter in "ab" if {f"B{layer}", f"ub{layer}"} & artifact.keys() else "a":
            shapes[f"u{letter}{layer}"] = (heads, None)
    named.require(artifact, shapes, "fit")
    large = [
        name for name, of in artifact.items() if np.abs(of, dtype=float).max(initial=0) > LARGEST
    ]
    if large:
        raise Refused(f"fit[{large[0]!r}] must have no number above {LARGEST:g} in size.")
    found = []
    for layer in range(facts["layers"]):
        own = {
            key: torch.from_numpy(artifact[f"{key}{layer}"].astype(np.float32))
            for key in Maps._fields
            if f"{key}{layer}" in artifact
        }
        rows = {key: of.shape[1] for key, of in own.items()}
        if len(set(rows.values())) > 1 or not 1 <= rows["A"] <= size:
            raise Refused(
                f"fit must return as many rows, 1 to {size}, of all maps of layer {layer}, "
                f"got {rows}."
            )
        A, ua = own["A"], own["ua"]
        found.append(Maps(A, ua, own.get("B", A), own.get("ub", ua)))
    tied = np.mean([f"B{layer}" not in artifact for layer in range(facts["layers"])])
    return found, float(tied)


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Put the kernel into the model and see what its predictions lose.

    Raises
    ------
    Refused
        As in `read`, or what the model predicts is not finite.
    """
    returned, tied = read(artifact, exam.facts)
    dense = restored(exam.truth)
    n = len(dense.tokens) // 2
    shown = [torch.from_numpy(exam.train[f"x{layer}"]) for layer in range(len(returned))]
    base = decoders.logits(dense.model, dense.tokens)

    def lost(layers: Sequence[Maps]) -> np.ndarray:
        return divergences(dense.model, base, dense.tokens, layers)

    maps = [of.scaled(*gauge(of, x)) for of, x in zip(returned, shown, strict=True)]
    nats, uniform = lost(maps), lost([_uniform(of) for of in returned])
    if not np.isfinite(nats).all():
        raise Refused("fit: the model's predictions are not finite: return smaller maps.")
    floor = fidelity.NOTHING
    visible, heldout = (
        max(float(nats[part].mean()), floor) / float(uniform[part].mean())
        for part in (slice(n), slice(n, None))
    )
    other = [of.scaled(*_by_deviation(of, x)) for of, x in zip(returned, shown, strict=True)]
    norms = [_norms(of.centers(x)) for of, x in zip(maps, shown, strict=True)]
    own = _own(exam)
    facts = {
        f"own_norms_{layer}": float(_norms(of.centers(x)).std(-1).mean())
        for layer, (of, x) in enumerate(zip(own, shown, strict=True))
    }
    M = [bilinear_form.antisymmetric(of.A, of.B) for of in own]
    instrument = dict(
        zip(("control", "control_balanced"), exam.truth.get("control", np.empty(0)), strict=False)
    )
    U = float(uniform[n:].mean())
    return Scores(
        visible=visible,
        heldout=heldout,
        quality=1 - heldout,
        stderr=float(np.std(nats[n:] - heldout * uniform[n:], ddof=1) / n**0.5 / U),
        extra={
            "open": heldout,
            "nats": float(nats[n:].mean()),
            "uniform_nats": U,
            "raw": 1 - float(lost(returned)[n:].mean()) / U,
            "by_deviation": 1 - float(lost(other)[n:].mean()) / U,
            "tied": tied,
            "norms": float(np.mean([of.std(-1).mean() for of in norms])),
            "antisymmetric": float(torch.cat(M).mean()),
            **facts,
            **{key: float(of) for key, of in instrument.items()},
        },
        series={
            "gauge": columns(
                _by_gauge(lambda layers: float(lost(layers)[n:].mean()), returned, own)
            ),
            "heads": columns(_alone(dense, base, maps, norms)),
            "norms": columns(_quantiles(norms)),
        },
    )


def divergences(
    model: GPT2LMHeadModel, base: Tensor, tokens: np.ndarray, layers: Sequence[Maps]
) -> np.ndarray:
    """Return every sequence's mean divergence from the model's logits, in nats a token, (n,)."""

    def attend(seen: Seen) -> Tensor:
        return kernel(layers[seen.layer], seen)

    found: np.ndarray = (
        decoders.divergence(base, decoders.logits(model, tokens, attend)).mean(1).numpy()
    )
    return found


def kernel(maps: Maps, seen: Seen) -> Tensor:
    """Return what heads give, (n, H, L, d_h)."""
    return smooth(maps.queries(seen.x), maps.centers(seen.x), seen.value, causal=True)


def gauge(maps: Maps, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the factors of queries and of centers, each (H, r)."""
    return balanced_gauge.gauge(maps.queries(x), maps.centers(x))


def _by_deviation(maps: Maps, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the factors at which standard deviations are equal; one that is 0 stays so."""
    query, center = (
        (z - z.mean(-2, keepdim=True)).double().square().mean((0, -2)).sqrt().clamp_min(1e-12)
        for z in (maps.queries(x), maps.centers(x))
    )
    return (center / query).sqrt(), (query / center).sqrt()


def _uniform(maps: Maps) -> Maps:
    return Maps(*(torch.zeros_like(of) for of in maps))


def _own(exam: Exam) -> list[Maps]:
    """Return the model's weights as maps."""
    root = exam.facts["head_size"] ** -0.25
    return [
        Maps(
            *(
                torch.from_numpy(exam.train[f"{key}{layer}"]) * root
                for key in ("q", "bq", "k", "bk")
            )
        )
        for layer in range(exam.facts["layers"])
    ]


def _norms(centers: Tensor) -> np.ndarray:
    """Return |center|^2 / 2 less its mean in the context, (n, H, L)."""
    half = centers.double().square().sum(-1) / 2
    found: np.ndarray = (half - half.mean(-1, keepdim=True)).numpy()
    return found


def _by_gauge(
    lost: Callable[[Sequence[Maps]], float], returned: Sequence[Maps], own: Sequence[Maps]
) -> list[dict[str, Any]]:
    """Return a row a scale: what maps lose without balance, and what the model's own do."""
    rows = []
    for s in GAUGES:
        t = torch.tensor(s)
        nats, guide = (lost([of.scaled(t, 1 / t) for of in layers]) for layers in (returned, own))
        rows.append({"scale": s, "nats": nats, "own": guide})
    return rows


def _alone(
    dense: Dense, base: Tensor, layers: Sequence[Maps], norms: Sequence[np.ndarray]
) -> list[dict[str, Any]]:
    """Return a row a head: what is lost where it alone is a kernel, and its centers' lengths."""
    n = len(dense.tokens) // 2
    part = slice(n, n + N_ALONE)
    rows = []
    for layer, maps in enumerate(layers):
        for head in range(len(maps.A)):

            def attend(seen: Seen, layer: int = layer, head: int = head) -> Tensor:
                heads = decoders.own(seen)
                if seen.layer == layer:
                    heads[:, head] = kernel(layers[layer], seen)[:, head]
                return heads

            changed = decoders.logits(dense.model, dense.tokens[part], attend)
            nats = float(decoders.divergence(base[part], changed).mean())
            rows.append(
                {
                    "layer": layer,
                    "norms": float(norms[layer][:, head].std(-1).mean()),
                    "alone": max(nats, fidelity.NOTHING),
                }
            )
    return rows


def _quantiles(norms: Sequence[np.ndarray]) -> list[dict[str, Any]]:
    return [
        {"head": f"{layer}.{head}", "share": share, "value": float(np.quantile(of[:, head], share))}
        for layer, of in enumerate(norms)
        for head in range(of.shape[1])
        for share in QUANTILES
    ]


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say what is lacking of a closure of 0.7, on unseen and on shown sequences."""
    return "; ".join(
        f"closure {1 - mine[name]:.3g} on {words} sequences, wanted at least {TARGET}"
        for name, words in (("heldout", "unseen"), ("visible", "shown"))
        if not 1 - mine[name] >= TARGET
    )


TASK = Task(
    name="hyperbf_attention",
    title="Is self-attention a normalized HyperBF?",
    idea=24,
    metric=Metric(
        name="closure",
        unit="share",
        resolution=0.01,
        target="closure on unseen and on shown sequences at least 0.7",
        shortfall=shortfall,
        lower_is_better=False,
    ),
    make=make,
    score=score,
    ask=ask,
    timed="fit",
    axes=("gap", "compression"),
    counts="open",
    claims=(
        Claim(
            "Almost equivalent once the scale is fixed: distilled maps leave at most 0.05 of what "
            "uniform attention leaves.",
            Contrast("distilled", "uniform", "heldout", -0.95),
        ),
        Claim(
            "Products need not change for that: the model's own, in another basis of each head, "
            "leave at most 0.05 of it, too.",
            Contrast("basis", "uniform", "heldout", -0.95),
        ),
        Claim(
            "Keys lie about a sphere: seen from its middle, they leave less than they do.",
            Contrast("sphere", "baseline", "heldout"),
        ),
        Claim(
            "HyperBF in the strict sense is another thing: one map for queries and centers, moved "
            "by Adam, leaves at least 0.5 more than the model's own two.",
            Contrast("baseline", "tied_distilled", "heldout", -0.5),
        ),
    ),
    charts=(
        Chart("Divergence by scale, unbalanced; dashed: the model's own weights", "gauge", "scale",
              "nats", "line", log_x=True, log_y=True, guide="own"),
        Chart("Heads swapped alone, by spread of squared lengths of centers", "heads", "norms",
              "alone", "point", "layer", log_y=True),
        Chart("Quantiles of half squared lengths of centers in a context", "norms", "share",
              "value", "line", "head"),
    ),
    seconds={"smoke": 30.0, "standard": 120.0, "full": 3600.0},
)  # fmt: skip
