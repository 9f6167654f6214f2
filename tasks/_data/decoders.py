"""A small GPT-2 that learned sequences of triggers, and its attention in someone else's hands.

The network is the class of `transformers`, trained here and kept as named arrays. What it does with
queries, keys and values can be replaced, for all heads at once, by a function: the class is told of
an attention of our own, which asks the function that its module carries. Masks are ours, too:
an attention that is registered without a mask of the same name gets none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AttentionInterface, GPT2Config, GPT2LMHeadModel
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from harness.vocabulary import Arrays
from tasks._data import runs
from tasks._data.triggers import Triggers, triggers

OURS = "examined"
ATTEND = "attend"
"""The attribute of an attention module that holds the function which stands for it."""
TEMPERATURE = 10.0
"""Of cosine attention at the start of training."""
MOST_TRIES = 8
"""Networks, one after another, until one has learned."""


class Seen(NamedTuple):
    """What a layer's attention is given; scores are products of queries and keys over root d_h."""

    layer: int
    x: Tensor
    """(n, L, d): what queries, keys and values are projected from."""
    query: Tensor
    """(n, H, L, d_h), as the keys and values."""
    key: Tensor
    value: Tensor


Attend = Callable[[Seen], Tensor]
"""What heads give, (n, H, L, d_h)."""


@dataclass(frozen=True)
class Shape:
    """Of a network and of its training."""

    n_layers: int = 2
    n_heads: int = 4
    width: int = 64
    length: int = 64
    batch: int = 32
    steps: int = 1500
    rate: float = 3e-3
    cosine: bool = False
    """Whether queries and keys have length 1, but for a temperature that each head learns."""
    learned: float = 0.9
    """Accuracy in context of a network that has learned."""


class Trained(NamedTuple):
    """A network, what it has learned, and how well."""

    model: GPT2LMHeadModel
    world: Triggers
    accuracy: float
    """In context, on new sequences."""
    divergence: float
    """From the known law elsewhere, in nats."""


def trained(rng: np.random.Generator, of: tuple[int, int, int] | Triggers, shape: Shape) -> Trained:
    """Train a network of sequences, or of some that are drawn: so many tokens, triggers, classes.

    Kept on disk. Where it has not learned in context, it and what is drawn are drawn again: some
    sequences are not learned from any start within so few steps.

    Raises
    ------
    RuntimeError
        None of `MOST_TRIES` has.
    """
    for _ in range(MOST_TRIES):
        world = of if isinstance(of, Triggers) else triggers(rng, *of)
        recipe = {
            **asdict(shape),
            "classes": world.classes.tolist(),
            "table": world.table.tolist(),
            "n_triggers": world.n_triggers,
            "seed": int(rng.integers(2**31)),
        }
        found = {name: values[0] for name, values in runs.runs([recipe], learn).items()}
        accuracy, divergence = (float(found.pop(name)) for name in ("accuracy", "divergence"))
        if accuracy >= shape.learned:
            return Trained(unpacked(found), world, accuracy, divergence)
    raise RuntimeError(f"No network learned in context in {MOST_TRIES} tries: {accuracy:.2f}.")


def packed(model: GPT2LMHeadModel) -> Arrays:
    """Return all that `unpacked` needs: weights by name, and `config`, JSON in UTF-8."""
    weights = {name: values.detach().numpy() for name, values in model.state_dict().items()}
    config = model.config.to_json_string(use_diff=False).encode()
    return {**weights, "config": np.frombuffer(config, np.uint8)}


def unpacked(arrays: Mapping[str, np.ndarray]) -> GPT2LMHeadModel:
    """Return the network, for evaluation."""
    config = GPT2Config.from_dict(json.loads(arrays["config"].tobytes()))
    weights = {name: torch.tensor(of) for name, of in arrays.items() if name != "config"}
    model = ours(GPT2LMHeadModel(config), any("temperature" in name for name in weights))
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False)


def ours(model: GPT2LMHeadModel, cosine: bool = False) -> GPT2LMHeadModel:
    """Take the attention of all layers into our hands."""
    model.set_attn_implementation(OURS)
    for block in model.transformer.h:
        setattr(block.attn, ATTEND, own)
        block.attn.c_attn.register_forward_pre_hook(_keep)
        if cosine:
            start = torch.full((model.config.n_head, 1, 1), TEMPERATURE)
            block.attn.temperature = nn.Parameter(start)
    return model


def learn(
    *, n_triggers: int, classes: list[int], table: list[Any], seed: int, **shape: Any
) -> Arrays:
    """Train a network on fresh sequences; return its weights, 'accuracy' and 'divergence'."""
    world = Triggers(np.array(classes), np.array(table), n_triggers)
    of = Shape(**shape)
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _fresh(of, world.n_tokens)
    optimizer = torch.optim.AdamW(model.parameters(), of.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, of.rate, of.steps)
    for _ in range(of.steps):
        tokens = world.draw(rng, of.batch, of.length)
        told = world.in_context(tokens) | world.in_weights(tokens)
        told_next = model(torch.from_numpy(tokens)).logits[:, :-1]
        losses = nn.functional.cross_entropy(
            told_next.flatten(0, 1), torch.from_numpy(tokens[:, 1:]).flatten(), reduction="none"
        )
        where = torch.from_numpy(told[:, :-1]).flatten()
        optimizer.zero_grad()
        (losses * where).sum().div(where.sum()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return {**packed(model.eval()), **report(model, world, world.draw(rng, 256, of.length))}


def report(model: GPT2LMHeadModel, world: Triggers, tokens: np.ndarray) -> dict[str, float]:
    """Return the accuracy in context, and the divergence from the known law elsewhere, in nats."""
    logs = logits(model, tokens).double().log_softmax(-1).numpy()
    seen, free = world.in_context(tokens), world.in_weights(tokens)
    right = logs[:, :-1].argmax(-1) == tokens[:, 1:]
    law = world.law(tokens)[free]
    divergence = (law * (np.log(law) - logs[free])).sum(-1)
    return {
        "accuracy": float(right[seen[:, :-1]].mean()),
        "divergence": float(divergence.mean()),
    }


# ---------------------------------------------------------------------------------------------


@contextmanager
def attending(model: GPT2LMHeadModel, attend: Attend) -> Iterator[GPT2LMHeadModel]:
    """Let `attend` stand for the attention of all layers."""
    layers = [block.attn for block in model.transformer.h]
    for layer in layers:
        setattr(layer, ATTEND, attend)
    try:
        yield model
    finally:
        for layer in layers:
            setattr(layer, ATTEND, own)


def own(seen: Seen) -> Tensor:
    """Return the network's own attention: causal softmax."""
    attention = nn.functional.scaled_dot_product_attention
    return attention(seen.query, seen.key, seen.value, is_causal=True)


def scores(query: Tensor, key: Tensor) -> Tensor:
    """Return what softmax is taken of, (n, H, L, L): -inf for what comes later."""
    every = query @ key.mT / query.shape[-1] ** 0.5
    future = torch.ones(every.shape[-2:], dtype=torch.bool).triu(1)
    return every.masked_fill(future, -torch.inf)


def maps(query: Tensor, key: Tensor) -> Tensor:
    """Return the network's own weights, (n, H, L, L)."""
    return scores(query, key).softmax(-1)


def recorded(model: GPT2LMHeadModel, tokens: np.ndarray) -> tuple[Tensor, list[Seen]]:
    """Return logits (n, L, V), and what the attention of every layer was given."""
    layers: list[Seen] = []

    def attend(seen: Seen) -> Tensor:
        layers.append(seen)
        return own(seen)

    return logits(model, tokens, attend), layers


def logits(model: GPT2LMHeadModel, tokens: np.ndarray, attend: Attend = own) -> Tensor:
    """Return logits (n, L, V) where `attend` stands for the attention of all layers."""
    with attending(model, attend), torch.no_grad():
        found: Tensor = model(torch.from_numpy(tokens)).logits
    return found


def projections(model: GPT2LMHeadModel) -> Arrays:
    """Return W_Q, W_K and biases by layer: `q0` (H, d_h, d), `bq0` (H, d_h), `k0` and so on."""
    found: Arrays = {}
    heads, d = model.config.n_head, model.config.n_embd
    for layer, block in enumerate(model.transformer.h):
        weight, bias = block.attn.c_attn.weight.detach(), block.attn.c_attn.bias.detach()
        for number, letter in enumerate("qk"):
            part = slice(number * d, (number + 1) * d)
            found[f"{letter}{layer}"] = weight[:, part].T.reshape(heads, -1, d).numpy().copy()
            found[f"b{letter}{layer}"] = bias[part].reshape(heads, -1).numpy().copy()
    return found


def divergence(dense: Tensor, changed: Tensor) -> Tensor:
    """Return what the changed logits lose against the dense ones, in nats, (n, L)."""
    p, q = dense.double().log_softmax(-1), changed.double().log_softmax(-1)
    return (p.exp() * (p - q)).sum(-1)


def _fresh(shape: Shape, n_tokens: int) -> GPT2LMHeadModel:
    config = GPT2Config(
        vocab_size=n_tokens,
        n_positions=shape.length,
        n_embd=shape.width,
        n_layer=shape.n_layers,
        n_head=shape.n_heads,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=0,
        eos_token_id=0,
        use_cache=False,
    )
    return ours(GPT2LMHeadModel(config), shape.cosine)


def _keep(projection: nn.Module, given: tuple[Tensor, ...]) -> None:
    """Keep what a layer's attention is projected from: an attention itself is not told."""
    projection.given = given[0]


def _ours(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **_: Any
) -> tuple[Tensor, None]:
    assert mask is None, "whole sequences, and causal: there is nothing to mask"
    if hasattr(module, "temperature"):
        query, key = (nn.functional.normalize(of, dim=-1) for of in (query, key))
        query = query * module.temperature * query.shape[-1] ** 0.5
    attend: Attend = getattr(module, ATTEND)
    heads = attend(Seen(module.layer_idx, module.c_attn.given, query, key, value))
    return heads.transpose(1, 2), None


AttentionInterface.register(OURS, _ours)
AttentionMaskInterface.register(OURS, sdpa_mask)
