r"""Starts threads with small stacks as often as it can.

Ends: killed
Reason: ran \d+ threads; 256 are allowed
"""

import threading
import time


def fit(train, context):
    threading.stack_size(32768)
    for _ in range(20_000):
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    time.sleep(1000)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
