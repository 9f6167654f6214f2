r"""Raises a text that would take over the reader's terminal.

Ends: failed
Reason: ^ValueError: [\x20-\x7e\ufffd]*$
"""


def fit(train, context):
    raise ValueError("\x1b]0;owned\x07 \x1b[2J \ud800 \u202e")


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
