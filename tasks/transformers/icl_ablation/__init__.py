"""Can in-context learning be removed by changing the normalization alone?

Idea: 26, transformers and in-context learning. "Remove in-context learning by changing the
    normalization." If the normalizer is what makes it possible, then changing it, with W_Q, W_K,
    W_V and the kernel exp(q . k) as they are, should take away what a transformer learns from its
    context and leave what is in its weights. What is the smallest such change?

Papers: Olsson et al., In-context Learning and Induction Heads, arXiv 2209.11895. Crosbie, Shutova,
    Induction Heads as an Essential Mechanism for Pattern Matching in In-context Learning, arXiv
    2407.07011. Reddy, The mechanistic basis of data dependence and abrupt learning in an in-context
    classification task, arXiv 2312.03002. They take away heads, this task the normalizer. None was
    checked against its text.

Question: Which change of the normalizer removes learning in context, and how much of the attention
    does it move?

fit: called once with 64 sequences (32 at smoke) and the model that reads them. `tokens`, int64
    (n, L); `in_context` and `in_weights`, bool (n, L): where what follows is told by the sequence
    alone, where its law is known; `law`, float32 (n, L, V), that law. For each layer l `s{l}`,
    float32 (n, H, L, L), its scores q . k / sqrt(d_h), -inf for what comes later, and `kn{l}`
    (n, H, L), lengths of keys. `model/...`: the weights of GPT-2 by their names in `transformers`.
    `context.facts` has `layers`, `heads`, `length`, `tokens`, `triggers` and `path`. The model has
    two layers, four heads and width 64 and learned sequences of triggers; at smoke it is smaller.
    At full there are more sequences, and a second model of another seed, which `fit` never sees.

predict: called in one process, layer by layer and for each t of `path` at which a layer is given
    something new, with two kinds of questions, of shown and unseen sequences mixed and shuffled, a
    row each. Rows: `scores`, float32 (m, L), a row's scores in decreasing order, to 1/64, then
    -inf; `n`, how many there are; `layer` and `head`, int64 (m,). It returns `log_divisor`, float
    (m,): the logarithm of what the softmax of the row is divided by. Keys: `norm`, float32 (m,),
    `layer` and `head`; it returns `log_weight`, which must rise or fall with the norm in each head,
    so that nothing is looked up by it. {} to all questions of a kind stands for zeros. Softmax
    times exp(t (log_weight of the key - log_divisor of the row)), scaled by one constant a head, so
    that over shown sequences the mean row sums to 1, is the layer's attention, and the next layer
    reads what comes of it. Nothing but the row is told, its query's length neither: with it a token
    could be looked up. Some questions are asked again in another process, in other company, and
    must be answered alike.

visible: 1 - S at t*, on the sequences that were shown. S = w (1 - a): a is the share that is left
    of learning in context, by the negative logarithm of the answer's probability, from chance (0)
    to the model as it was (1); w the share that is left of what is in the weights, by the
    divergence from the law, from one law for all places (0) to the model as it was (1). t* is the
    smallest t of `path` at which S on shown sequences is at least 0.8; without one, that of the
    largest S there.

held-out: the same on as many sequences that were not shown.

quality: the held-out value. Ranked are edits that have a t* in each exam and S of at least 0.7 on
    unseen sequences. Compression compares not the artifact but the size of the edit at t* (`edit`):
    half of the absolute change of the weights, mean over layers, heads and rows of unseen
    sequences, against the softmax of the same scores. Clock: `predict`; it is shown and not ranked,
    as an edit is one function of a row, and what it is asked depends on what it did before.

baseline: keys weigh exp(-|k|^2 / sqrt(d_h)) in the second layer; at t = 1/2 the kernel is the
    Gaussian one. Stronger: Z becomes Z^1.5 there (`power`), or Z (Z / n)^0.5 (`density`). Naive: no
    edit (`none`); the number of keys in place of Z (`count`), the largest weight (`largest`) or the
    root of the sum of squares (`euclidean`), in all layers.

claim: Normalization alone can remove in-context learning and leave the weights' skill: S of `power`
    is above that of no edit by more than 0.7. Its mere absence does not: S of `count` is below that
    of `power` by more than 0.1. Rows, not keys: `power` moves less than the baseline.

extra: `edit`; `t_star`; `found`, 1 where there is a t*; `selectivity`, `in_context` (a) and
    `in_weights` (w) on unseen sequences; `best`, the largest S there on the path; `touched`, how
    many heads are moved at all; `accuracy` of the model in context; at full `transfer`, S of the
    same edit at t* on the second model. Series: the path; by head the mean sum of rows in context
    and in weights, and what rows in context put on keys that follow an earlier token like theirs,
    before and after.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch

from harness import arrays as named
from harness.vocabulary import (
    Arrays,
    Chart,
    Claim,
    Contrast,
    Exam,
    Metric,
    Predict,
    Scores,
    Size,
    Task,
)
from tasks._data import decoders
from tasks._data.decoders import Shape
from tasks._data.dense import SMALL, Dense, Scale, draw, restored
from tasks._data.series import columns

from .asking import Asking, replayed
from .edits import Edited, edited
from .skills import Losses, followed, ignorant, left, losses, selectivity

PATH = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5)
"""Shares of the edit that are tried."""
ENOUGH = 0.8
"""Selectivity on shown sequences at which the edit is done."""
LEAST = 0.7
"""Selectivity that is to be left on unseen ones."""
TOUCHED = 0.01
"""Of a head's weights, moved: more is touched."""
SCALES: dict[Size, Scale] = {
    "smoke": Scale({"induction": SMALL}, (20, 3, 2), 64),
    "standard": Scale({"induction": Shape()}),
    "full": Scale({"induction": Shape(), "other": Shape()}, n_sequences=512),
}


def make(seed: int, size: Size) -> Exam:
    """Train a model, at full two on the same world, and draw sequences, of which half are shown."""
    scale = SCALES[size]
    rng = np.random.default_rng([seed, 0])
    dense = draw(scale, "induction", rng)
    n = len(dense.tokens) // 2
    tokens, world = dense.tokens[:n], dense.world
    assert world is not None
    _, layers = decoders.recorded(dense.model, tokens)
    train = {
        "tokens": tokens,
        "in_context": world.in_context(tokens),
        "in_weights": world.in_weights(tokens),
        "law": world.law(tokens).astype(np.float32),
    }
    for seen in layers:
        train[f"s{seen.layer}"] = decoders.scores(seen.query, seen.key).numpy()
        train[f"kn{seen.layer}"] = seen.key.norm(dim=-1).numpy()
    weights = dense.model.state_dict().items()
    train |= {f"model/{name}": of.numpy() for name, of in weights}
    truth = {**dense.arrays(), "again": rng.integers(2**32, size=4)}
    if "other" in scale.models:
        other = decoders.trained(rng, world, scale.models["other"]).model
        truth |= {f"other/{name}": of for name, of in decoders.packed(other).items()}
    facts = {
        "layers": len(layers),
        "heads": layers[0].query.shape[1],
        "length": tokens.shape[1],
        "tokens": world.n_tokens,
        "triggers": world.n_triggers,
        "path": list(PATH),
    }
    return Exam(train, {}, truth, facts)


def ask(exam: Exam, artifact: Arrays, predict: Predict) -> Arrays:
    """Run the model at every t and ask for each layer's edit; the same of a second model.

    Raises
    ------
    Refused
        An answer is of another name, form or kind, is no function of a norm that rises or falls,
        or depends on its company.
    """
    dense = restored(exam.truth)
    models = {"": dense.model}
    if other := named.part(exam.truth, "other"):
        models["other/"] = decoders.unpacked(other)
    rng = np.random.default_rng(exam.truth["again"])
    asking = Asking(predict, rng)
    outputs: Arrays = {}
    for prefix, model in models.items():
        for number, t in enumerate(PATH):
            edited(model, dense.tokens, len(dense.tokens) // 2, t, asking.edit)
            answers = asking.answers.items()
            outputs |= {f"{prefix}{number}/{name}": of for name, of in answers}
    asking.ask_again(partial(predict, part=""))
    return outputs


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Play the edits back and see which of the two skills they leave."""
    dense = restored(exam.truth)
    n = len(dense.tokens) // 2
    shown, unseen = slice(None, n), slice(n, None)
    run = partial(_at, dense, outputs, "")
    plain = run(None)
    before = _losses(dense, plain)
    none = ignorant(_world(dense), dense.tokens)
    path: list[dict[str, Any]] = []
    lost: list[Losses] = []
    seen = []
    for number, t in enumerate(PATH):
        now = run(number)
        lost.append(_losses(dense, now))
        seen.append(float(selectivity(_shares(lost[-1], before, none, shown))))
        shares = _shares(lost[-1], before, none, unseen)
        row = {"t": t, "edit": float(now.moved()[unseen].mean()), "S": float(selectivity(shares))}
        path.append({**row, "a": float(shares[0]), "w": float(shares[1])})
    enough = np.flatnonzero(np.array(seen) >= ENOUGH)
    star = int(enough[0]) if len(enough) else int(np.argmax(seen))
    at = path[star]
    heads, touched = _heads(dense, plain, run(star))
    extra = {
        "edit": max(at["edit"], 1e-6),
        "t_star": at["t"],
        "found": float(len(enough) > 0),
        "selectivity": at["S"],
        "in_context": at["a"],
        "in_weights": at["w"],
        "best": max(row["S"] for row in path),
        "touched": touched,
        "accuracy": dense.accuracy,
    }
    if other := named.part(exam.truth, "other"):
        second = Dense(decoders.unpacked(other), dense.tokens, world=dense.world)
        run = partial(_at, second, outputs, "other/")
        shares = _shares(_losses(second, run(star)), _losses(second, run(None)), none, unseen)
        extra["transfer"] = float(selectivity(shares))
    rows = [
        {"t": row["t"], "edit": row["edit"], "skill": name, "share": row[letter]}
        for row in path
        for name, letter in (("S", "S"), ("in context", "a"), ("in weights", "w"))
    ]
    return Scores(
        visible=1 - seen[star],
        heldout=1 - at["S"],
        quality=1 - at["S"],
        stderr=_stderr(lost[star], before, none, np.arange(n, 2 * n)),
        extra=extra,
        series={"path": columns(rows), "heads": columns(heads)},
    )


def _at(dense: Dense, outputs: Arrays, prefix: str, number: int | None) -> Edited:
    """Play back what was answered at one t; at none for the model as it was."""
    n, t = len(dense.tokens) // 2, 0.0 if number is None else PATH[number]
    answers = named.part(outputs, f"{prefix}{number}")
    return edited(dense.model, dense.tokens, n, t, replayed(answers))


def _losses(dense: Dense, now: Edited) -> Losses:
    return losses(_world(dense), dense.tokens, now.logits)


def _world(dense: Dense) -> Any:
    assert dense.world is not None
    return dense.world


def _shares(lost: Losses, before: Losses, none: np.ndarray, rows: Any) -> np.ndarray:
    return left(lost.means(rows), before.means(rows), none)


def _stderr(lost: Losses, before: Losses, none: np.ndarray, unseen: np.ndarray) -> float:
    """Return the standard error of S by bootstrap over sequences."""
    rng = np.random.default_rng(0)
    draws = [rng.choice(unseen, len(unseen)) for _ in range(200)]
    return float(np.std([selectivity(_shares(lost, before, none, rows)) for rows in draws]))


def _heads(dense: Dense, plain: Edited, now: Edited) -> tuple[list[dict[str, Any]], float]:
    """Return rows of what heads do on unseen sequences, and how many are touched."""
    n = len(dense.tokens) // 2
    tokens, world = dense.tokens[n:], _world(dense)
    follows = followed(tokens)
    where = {"in context": world.in_context(tokens), "in weights": world.in_weights(tokens)}
    rows, touched = [], 0
    for layer, (old, new) in enumerate(zip(plain.maps, now.maps, strict=True)):
        change = (new - now.plain[layer])[n:].abs().sum(-1).mean((0, 2)) / 2
        touched += int((change > TOUCHED).sum())
        for head in range(old.shape[1]):
            for when, A in (("before", old[n:, head]), ("after", new[n:, head])):
                for places, mask in where.items():
                    at = torch.from_numpy(mask)
                    row = {"head": f"{layer}.{head}", "when": f"{places}, {when}"}
                    total, told = (of.sum(-1)[at].mean() for of in (A, A * follows))
                    rows.append({**row, "sum": float(total), "told": float(told)})
    return rows, float(touched)


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say in how many exams there is no t*, and what S lacks on unseen sequences."""
    lacks = []
    if not mine["found"] >= 1:
        lacks.append(
            f"in {1 - mine['found']:.0%} of the exams no t brings S to {ENOUGH} on shown sequences"
        )
    if not 1 - mine["heldout"] >= LEAST:
        lacks.append(f"S {1 - mine['heldout']:.2f} on unseen sequences, wanted at least {LEAST}")
    return "; ".join(lacks)


TASK = Task(
    name="icl_ablation",
    title="Can in-context learning be removed by changing the normalization alone?",
    idea=26,
    metric=Metric(
        name="selectivity missed",
        unit="of 1",
        resolution=0.02,
        target="a t with S of at least 0.8 on shown sequences in each exam, at least 0.7 on unseen",
        shortfall=shortfall,
    ),
    make=make,
    score=score,
    ask=ask,
    timed="predict",
    axes=("gap", "compression"),
    counts="edit",
    claims=(
        Claim(
            "Normalization alone can remove in-context learning and leave the weights' skill: "
            "S of Z^1.5 in the second layer is above that of no edit by more than 0.7.",
            Contrast("power", "none", "heldout", -0.7),
        ),
        Claim(
            "The mere absence of a normalizer is not enough: S with the number of keys in its "
            "place is below that of Z^1.5 by more than 0.1.",
            Contrast("power", "count", "heldout", -0.1),
        ),
        Claim(
            "Rows, not keys: Z^1.5 moves less of the attention than weights of keys by length.",
            Contrast("power", "baseline", "edit"),
        ),
    ),
    charts=(
        Chart("What is left of both skills, by share of the edit", "path", "t", "share", "line",
              "skill"),
        Chart("Selectivity and skills by size of the edit", "path", "edit", "share", "line",
              "skill"),
        Chart("Mean sum of rows by layer and head, before and after", "heads", "head", "sum",
              "point", "when"),
        Chart("Weight on keys that follow a token like the row's own", "heads", "head", "told",
              "bar", "when"),
    ),
    seconds={"smoke": 30.0, "standard": 120.0, "full": 600.0},
)  # fmt: skip
