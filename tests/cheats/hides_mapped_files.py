r"""Fills the disk with files of which nothing but a mapping is left.

Ends: killed
Reason: wrote \d+ MiB in \d+ files; 24 MiB
"""

import mmap
import os
import time


def fit(train, context):
    kept = []
    while True:
        with open("file", "wb+") as file:
            file.write(bytes(4 << 20))
            file.flush()
            kept.append(mmap.mmap(file.fileno(), 4096))
        os.unlink("file")
        time.sleep(0.02)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
