r"""Touches one page in each 2 MiB of an endless mapping: it holds tables of pages and no pages.

Ends: killed
Reason: fit held \d+ MiB of memory
"""

import mmap
import time

STRIDE = 2 << 20


def fit(train, context):
    kept = []
    while True:
        size = 64 << 30
        kept.append(mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ))
        kept[-1].madvise(mmap.MADV_NOHUGEPAGE)
        for start in range(0, size, STRIDE):
            kept[-1][start]
        if len(kept) > 20:
            time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
