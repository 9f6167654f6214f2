"""Leaves out the list of references and the categories, and says we.

Ends: ok
Board: below target
Lacks: structure
"""

from submissions.baselines.wikipedia.encyclopedia_entry import written
from submissions.references.wikipedia.encyclopedia_entry_strong import TEXT

EDITS = (
    ("{{reflist}}", ""),
    ("[[Category:Statistical learning theory]]\n[[Category:Probabilistic inequalities]]", ""),
    ("In contrast to the", "We add that, in contrast to the"),
)


def fit(train, context):
    text = TEXT.strip()
    for old, new in EDITS:
        assert old in text
        text = text.replace(old, new)
    return written(text)
