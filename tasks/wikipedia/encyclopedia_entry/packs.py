"""A topic's pack: what its folder in `topics/` holds, and where an unpublished bank comes from."""

from __future__ import annotations

import functools
import importlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.vocabulary import Refused

from .claims import Oracle

TOPICS = (
    "rademacher_complexity",
    "vc_dimension",
    "algorithmic_stability",
    "kernel_smoother_and_attention",
    "neural_collapse",
)
FOLDER = Path(__file__).parent / "topics"
UNPUBLISHED = "HARNESS_BANK"
"""Names a folder with a `<topic>/concepts.json` for each topic, in the form of ours."""

Concept = Mapping[str, Any]
"""id; what, in words; all_of, patterns that one sentence has to match."""


@dataclass(frozen=True)
class Pack:
    """All that is known of a topic."""

    brief: str
    concepts: Sequence[Concept]
    bibliography: Sequence[Mapping[str, Any]]
    oracles: Mapping[str, Oracle]
    reference: str
    """Wikitext of an entry that may not be copied."""
    reviews: Mapping[str, Mapping[str, int]]
    """SHA-256 of an entry -> what a reader gave it: accuracy and neutrality, 0 to 2 each."""


@functools.cache
def pack(topic: str) -> Pack:
    """Read a topic's folder."""
    folder = FOLDER / topic
    reviews = folder / "reviews.json"
    return Pack(
        brief=(folder / "brief.md").read_text(),
        concepts=json.loads((folder / "concepts.json").read_text()),
        bibliography=json.loads((folder / "bibliography.json").read_text()),
        oracles=importlib.import_module(f"{__package__}.topics.{topic}.oracles").ORACLES,
        reference=(folder / "reference.wikitext").read_text(),
        reviews=json.loads(reviews.read_text()) if reviews.exists() else {},
    )


def unpublished(topic: str) -> Sequence[Concept]:
    """Return the concepts of a course's own bank.

    Raises
    ------
    Refused
        There is none.
    """
    folder = os.environ.get(UNPUBLISHED, "")
    path = Path(folder) / topic / "concepts.json"
    if not folder or not path.is_file():
        raise Refused(
            f"encyclopedia_entry at full asks for concepts that are not published: {UNPUBLISHED} "
            f"must name a folder with {topic}/concepts.json, got {folder or 'nothing'!r}."
        )
    found: Sequence[Concept] = json.loads(path.read_text())
    return found
