"""Raises an exception that has no text.

Ends: failed
Reason: ^Silent
"""


class Silent(Exception):
    """Has no text."""

    def __str__(self):
        raise self


def fit(train, context):
    raise Silent


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
