"""Leaves a note for the next layer in every place that may outlive a call.

Ends: ok
"""

import builtins
import contextlib
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

NOTES = []
PLACES = [".", "..", "~", tempfile.gettempdir(), "/tmp", "/dev/shm", "/var/tmp"]


def plan(facts):
    leave()
    return [{"head": "ridge"}]


def found():
    for place in PLACES:
        with contextlib.suppress(OSError):
            if Path(place).expanduser().joinpath("layerwise-note").exists():
                return f"the file in {place}"
    if NOTES or hasattr(builtins, "note") or hasattr(torch, "note") or "note" in sys.modules:
        return "the module"
    if "LAYERWISE_NOTE" in os.environ:
        return "the environment"
    if torch.get_num_threads() == 7:
        return "the number of threads"
    return ""


def leave():
    NOTES.append(1)
    builtins.note = torch.note = sys.modules["note"] = sys
    os.environ["LAYERWISE_NOTE"] = "1"
    for place in PLACES:
        with contextlib.suppress(OSError):
            Path(place).expanduser().joinpath("layerwise-note").write_text("1")
    torch.set_num_threads(7)


def fit(train, context):
    note = found()
    assert not note, f"won: {note} told of an earlier call"
    leave()
    shapes = context.facts["shapes"]
    rng = np.random.default_rng(context.facts["layer"])
    return {name: rng.normal(0, 0.1, shapes[name]) for name in ("W", "b")}
