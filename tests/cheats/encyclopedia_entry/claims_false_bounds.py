"""States bounds that are too good: no factor 2, 1/m.

Ends: ok
Board: ranked
Claims: 0
"""

from submissions.baselines.wikipedia.encyclopedia_entry import written
from submissions.references.wikipedia.encyclopedia_entry_strong import TEXT

EDITS = (
    ("r \\, \\frac{\\sqrt{2 \\log N}}{m}", "r \\, \\frac{\\sqrt{\\log N}}{m}"),
    ("\\sqrt{\\frac{B^2 R^2}{m}}", "\\frac{BR}{m}"),
    ("B R \\sqrt{2 \\log(2d) / m}", "B R \\sqrt{\\log(2d)} / m"),
)


def fit(train, context):
    text = TEXT.strip()
    for old, new in EDITS:
        assert old in text
        text = text.replace(old, new)
    return written(text)
