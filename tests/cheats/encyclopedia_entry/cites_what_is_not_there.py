"""Cites a known number with a wrong title, and another with a wrong year.

Ends: ok
Board: below target
Lacks: sources are other works
"""

from submissions.baselines.wikipedia.encyclopedia_entry import written
from submissions.references.wikipedia.encyclopedia_entry_strong import TEXT

EDITS = (
    ("title=Local Rademacher complexities", "title=A theory of everything"),
    (
        "penalties and structural risk minimization |year=2001",
        "penalties and structural risk minimization |year=1987",
    ),
)


def fit(train, context):
    text = TEXT.strip()
    for old, new in EDITS:
        assert old in text
        text = text.replace(old, new)
    return written(text)
