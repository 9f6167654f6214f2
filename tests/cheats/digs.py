r"""Makes folders deeper than any path can name and fills the deepest.

Ends: killed
Reason: wrote \d+ MiB in \d+ files
"""

import itertools
import os
import time


def fit(train, context):
    for _ in range(1200):
        os.mkdir("deeper")
        os.chdir("deeper")
    for number in itertools.count():
        with open(f"file{number}", "wb") as file:
            file.write(bytes(4 << 20))
        time.sleep(0.02)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
