r"""Hides files in a folder that nobody may list.

Ends: killed
Reason: wrote \d+ MiB in \d+ files
"""

import itertools
import os
import time


def fit(train, context):
    os.mkdir("closed", 0o300)
    for number in itertools.count():
        with open(f"closed/file{number}", "wb") as file:
            file.write(bytes(4 << 20))
        time.sleep(0.02)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
