"""States infinity, a number without letters, and a letter that the claim does not have.

Ends: ok
Board: ranked
Claims: 0
"""

from submissions.baselines.wikipedia.encyclopedia_entry import written
from submissions.references.wikipedia.encyclopedia_entry_strong import TEXT

EDITS = (
    ("r \\, \\frac{\\sqrt{2 \\log N}}{m}", "\\frac{r N}{m - m}"),
    ("\\sqrt{\\frac{B^2 R^2}{m}}", "1000000"),
    ("B R \\sqrt{2 \\log(2d) / m}", "B R x"),
)


def fit(train, context):
    text = TEXT.strip()
    for old, new in EDITS:
        assert old in text
        text = text.replace(old, new)
    return written(text)
