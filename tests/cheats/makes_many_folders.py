r"""Makes folders without end.

Ends: killed
Reason: wrote \d+ MiB in \d+ files
"""

import itertools
import os


def fit(train, context):
    for number in itertools.count():
        os.mkdir(str(number))


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
