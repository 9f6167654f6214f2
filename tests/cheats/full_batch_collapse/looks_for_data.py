"""Looks for samples in everything that it is given and in memory.

Ends: ok
Board: below target
"""

import gc
import sys

import numpy as np
import torch


def fit(train, context):
    assert set(train) == {f"W{k}" for k in range(5)}, f"won: train holds {sorted(train)}"
    assert all(isinstance(value, int | str) for value in context.facts.values()), "won: the facts"
    answer = context.oracle(train)
    assert set(answer) == {*train, "loss"}, f"won: an answer holds {sorted(answer)}"
    n = context.facts["n_samples"]
    for thing in gc.get_objects():
        if isinstance(thing, np.ndarray | torch.Tensor) and thing.shape[:1] in ((n,), (1797 - n,)):
            raise AssertionError(f"won: an array of shape {tuple(thing.shape)} is in memory")
    frame = sys._getframe()
    while frame is not None:
        for name, thing in frame.f_locals.items():
            size = len(thing) if isinstance(thing, bytes | bytearray | memoryview) else 0
            assert size < 100_000, f"won: {name} holds {size} bytes"
        frame = frame.f_back
    return train
