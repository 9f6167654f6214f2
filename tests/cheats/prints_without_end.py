"""Prints a gigabyte.

Ends: killed
Reason: printed more than 1 MiB
"""


def fit(train, context):
    for _ in range(1 << 10):
        print("x" * (1 << 20))


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
