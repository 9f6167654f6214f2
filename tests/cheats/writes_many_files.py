r"""Fills the disk with files of allowed size.

Ends: killed
Reason: wrote \d+ MiB in \d+ files; 24 MiB in 500 files are allowed
"""

import itertools
import time


def fit(train, context):
    for number in itertools.count():
        with open(f"file{number}", "wb") as file:
            file.write(bytes(4 << 20))
        time.sleep(0.01)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
