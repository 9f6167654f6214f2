"""What a submission may choose about its network, and how a choice is read from `plan(facts)`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from harness.vocabulary import Refused

MAX_CANDIDATES = 8
MAX_SWEEPS = 3
MAX_STAGES = 2
HEADS = ("learned", "ridge", "etf")
LOSSES = ("mse", "ce")
FINITE = sys.float_info.max


@dataclass(frozen=True)
class Conv:
    """One layer of a trunk: the harness fixes its shape, the submission its width."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    cap: int
    """The largest width."""


@dataclass(frozen=True)
class Plan:
    """One candidate: how wide, how often, with which head and loss."""

    widths: tuple[int, ...]
    """Channels of each layer; fewer numbers than the trunk has layers leave the rest out."""
    sweeps: int = 0
    """How often every layer is optimized again with all others frozen (option a)."""
    stages: int = 1
    """2 adds a second network on what the first leaves over (option b)."""
    head: str = "learned"
    loss: str = "mse"
    hyper: Mapping[str, float] = field(default_factory=dict)
    """The submission's own settings, handed back to it in `context.facts`."""

    def facts(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return asdict(self) | {"widths": list(self.widths), "hyper": dict(self.hyper)}


def read(candidate: Mapping[str, Any], trunk: tuple[Conv, ...]) -> Plan:
    """Read one dict that `plan(facts)` returned; what it leaves out is the default.

    Raises
    ------
    Refused
        An unknown key or a value out of range.
    """
    known = Plan.__dataclass_fields__
    for key in candidate:
        if key not in known:
            raise Refused(f"plan: unknown key {key!r}; known are {', '.join(known)}.")
    widths = candidate.get("widths", [conv.cap for conv in trunk])
    if not isinstance(widths, list) or not 1 <= len(widths) <= len(trunk):
        raise Refused(f"plan: widths must be a list of 1 to {len(trunk)} numbers, got {widths!r}.")
    for width, conv in zip(widths, trunk, strict=False):
        _whole("widths", width, 1, conv.cap)
    sweeps = _whole("sweeps", candidate.get("sweeps", 0), 0, MAX_SWEEPS)
    stages = _whole("stages", candidate.get("stages", 1), 1, MAX_STAGES)
    head = _one_of("head", candidate.get("head", "learned"), HEADS)
    loss = _one_of("loss", candidate.get("loss", "mse"), LOSSES)
    if head == "ridge" and (loss != "mse" or sweeps):
        raise Refused("plan: head 'ridge' is the least-squares head; it goes with 'mse' alone.")
    hyper = candidate.get("hyper", {})
    if not isinstance(hyper, dict) or not all(
        isinstance(value, int | float) and abs(value) <= FINITE for value in hyper.values()
    ):
        raise Refused(f"plan: hyper must be a dict of finite numbers, got {hyper!r}.")
    return Plan(tuple(widths), sweeps, stages, head, loss, hyper)


def _whole(key: str, value: Any, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Refused(f"plan: {key} must be whole numbers from {low} to {high}, got {value!r}.")
    return value


def _one_of(key: str, value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise Refused(f"plan: {key} must be one of {', '.join(known)}, got {value!r}.")
    return str(value)
