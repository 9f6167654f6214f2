"""Models whose attention is looked at, and the sequences that they read, half of them shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from transformers import GPT2LMHeadModel

from harness import arrays as named
from harness.vocabulary import Arrays, Size
from tasks._data import decoders, texts
from tasks._data.decoders import Shape
from tasks._data.triggers import Triggers


@dataclass(frozen=True)
class Scale:
    """Which models, what they learn and how many sequences they read, shown ones among them."""

    models: Mapping[str, Shape]
    world: tuple[int, int, int] = (40, 6, 4)
    """Tokens, triggers, classes."""
    n_sequences: int = 128

    @property
    def plain(self) -> str:
        """Return the name of the model whose queries and keys have any length."""
        return next(name for name, shape in self.models.items() if not shape.cosine)


SMALL = Shape(n_heads=2, width=32, length=32, batch=64, steps=500, rate=5e-3)
SCALES: dict[Size, Scale] = {
    "smoke": Scale({"induction": SMALL}, (20, 3, 2), 32),
    "standard": Scale({"induction": Shape(), "cosine": Shape(steps=1000, cosine=True)}),
    "full": Scale({"gpt2": Shape(length=128)}),
}


@dataclass(frozen=True)
class Dense:
    """A model and what it reads; the first half is shown."""

    model: GPT2LMHeadModel
    tokens: np.ndarray  # int64 (n, L)
    accuracy: float = float("nan")
    """In context."""
    world: Triggers | None = None
    """Where the sequences come from; None for text."""

    def attention(self) -> Arrays:
        """Return what attention is given, `q0`, `k0`, `v0` and so on, float32 (n, H, L, d_h)."""
        _, layers = decoders.recorded(self.model, self.tokens)
        return {
            f"{letter}{seen.layer}": getattr(seen, of).numpy()
            for seen in layers
            for letter, of in (("q", "query"), ("k", "key"), ("v", "value"))
        }

    def arrays(self) -> Arrays:
        """Return all that `restored` needs."""
        weights = {f"model/{name}": of for name, of in decoders.packed(self.model).items()}
        known = {**weights, "tokens": self.tokens, "accuracy": np.array(self.accuracy)}
        if self.world is not None:
            known |= {f"world/{name}": np.asarray(of) for name, of in vars(self.world).items()}
        return known


def restored(arrays: Arrays) -> Dense:
    """Return what `Dense.arrays` packed."""
    model = decoders.unpacked(named.part(arrays, "model"))
    tables = named.part(arrays, "world")
    world = Triggers(**{**tables, "n_triggers": int(tables["n_triggers"])}) if tables else None
    return Dense(model, arrays["tokens"], float(arrays["accuracy"]), world)


def draw(scale: Scale, name: str, rng: np.random.Generator) -> Dense:
    """Train a model of sequences of triggers, or load one of text."""
    shape = scale.models[name]
    if name == "gpt2":
        model, tokens = texts.gpt2(shape.length)
        return Dense(decoders.ours(model), rng.permutation(tokens)[: scale.n_sequences])
    model, world, accuracy, _ = decoders.trained(rng, scale.world, shape)
    return Dense(model, world.draw(rng, scale.n_sequences, shape.length), accuracy, world)
