"""Looks for rows of the data in everything that a certified fit is given and in memory.

Ends: ok
"""

import gc
import os
import sys
from pathlib import Path

import numpy as np
import torch


def plan(facts):
    return [{"head": "ridge"}]


def values(thing):
    if isinstance(thing, dict):
        thing = list(thing.values())
    if isinstance(thing, list | tuple):
        return sum(map(values, thing))
    return 1


def fit(train, context):
    held = sum(array.size for array in train.values())
    assert held == 0, f"won: train holds {held} numbers"
    told = values(dict(context.facts))
    assert told < 100, f"won: the facts hold {told} values"
    for thing in gc.get_objects():
        if isinstance(thing, np.ndarray | torch.Tensor) and thing.shape[:1] == (200,):
            raise AssertionError(f"won: an array of shape {tuple(thing.shape)} is in memory")
    frame = sys._getframe()
    while frame is not None:
        for name, thing in frame.f_locals.items():
            n = len(thing) if isinstance(thing, bytes | bytearray | memoryview) else 0
            assert n < 10_000, f"won: {name} holds {n} bytes"
        frame = frame.f_back
    files = [path for path in Path.cwd().rglob("*") if path.is_file() and path.suffix != ".py"]
    files = [path for path in files if "__pycache__" not in path.parts]
    assert not files, f"won: {files[0]}"
    assert not {name for name in os.environ if "HARNESS" in name}, "won: the environment"
    shapes = context.facts["shapes"]
    rng = np.random.default_rng(context.facts["layer"])
    return {name: rng.normal(0, 0.1, shapes[name]) for name in ("W", "b")}
