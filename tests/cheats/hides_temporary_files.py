r"""Fills the disk with files that never had a name.

Ends: killed
Reason: wrote \d+ MiB in \d+ files; 24 MiB
"""

import os
import time


def fit(train, context):
    kept = []
    while True:
        kept.append(os.open(".", os.O_TMPFILE | os.O_RDWR))
        os.write(kept[-1], bytes(4 << 20))
        time.sleep(0.02)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
