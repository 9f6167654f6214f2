"""Neural collapse: the baseline's draft with nothing left out."""

from submissions.baselines.wikipedia.encyclopedia_entry import written
from submissions.baselines.wikipedia.encyclopedia_entry_neural_collapse import DRAFT

DIVISION = "neural_collapse"


def fit(train, context):
    """Return the draft."""
    return written(DRAFT.strip())
