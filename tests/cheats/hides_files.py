r"""Fills the disk with files that have no name any more.

Ends: killed
Reason: wrote \d+ MiB in \d+ files; 24 MiB
"""

import contextlib
import itertools
import os
import time


def fit(train, context):
    kept = []
    for number in itertools.count():
        file = open(f"file{number}", "wb", buffering=0)  # noqa: SIM115  it stays open
        file.write(bytes(4 << 20))
        with contextlib.suppress(OSError):
            os.unlink(file.name)
        kept.append(file)
        time.sleep(0.02)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
