"""Writes one file without end.

Ends: failed
Reason: File too large
"""


def fit(train, context):
    with open("huge", "wb") as file:
        while True:
            file.write(bytes(1 << 20))


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
