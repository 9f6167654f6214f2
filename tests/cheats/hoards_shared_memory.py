"""Holds shared memory that is in no count of its resident memory.

Ends: ok
Needs: seccomp
"""

import mmap

import numpy as np

SIZE = 64 << 20


def attack(world):
    before = available()
    kept = []
    for _ in range(8):
        memory = mmap.mmap(-1, SIZE)
        memory.write(bytes(SIZE))
        memory.madvise(mmap.MADV_DONTNEED)
        kept.append(memory)
    return before - available() > 4 * SIZE


def available():
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("MemAvail"))


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
