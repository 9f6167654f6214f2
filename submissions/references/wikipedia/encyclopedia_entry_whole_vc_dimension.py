"""VC dimension: the baseline's draft with nothing left out."""

from submissions.baselines.wikipedia.encyclopedia_entry import written
from submissions.baselines.wikipedia.encyclopedia_entry_vc_dimension import DRAFT

DIVISION = "vc_dimension"


def fit(train, context):
    """Return the draft."""
    return written(DRAFT.strip())
