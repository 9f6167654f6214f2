"""Returns W_Q and W_K whole, whatever the budget; then they are zero.

Ends: ok
Board: below target
"""


def fit(train, context):
    return {name: of for name, of in train.items() if not name.startswith("x")}


def predict(artifact, inputs):
    return artifact
