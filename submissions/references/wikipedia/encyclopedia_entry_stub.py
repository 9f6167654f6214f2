"""Rademacher complexity in two sentences: what stands where nobody has written."""

from submissions.baselines.wikipedia.encyclopedia_entry import written

DIVISION = "rademacher_complexity"

TEXT = """'''Rademacher complexity''' is a measure of [[statistical learning theory]] for how well a class of
functions can fit random noise. It is used to bound the generalization error."""


def fit(train, context):
    """Return the stub."""
    return written(TEXT)
