"""Looks into the page cache, where what one phase has read stays for the next.

Ends: ok
Needs: seccomp
"""

import ctypes
import mmap

import numpy as np


def attack(world):
    with open(np.__file__, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as pages:
        start = np.frombuffer(pages, np.uint8).ctypes.data
        found = ctypes.create_string_buffer(1 + len(pages) // mmap.PAGESIZE)
        known = ctypes.CDLL(None).mincore(
            ctypes.c_void_p(start), ctypes.c_size_t(mmap.PAGESIZE), found
        )
        return known == 0


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
