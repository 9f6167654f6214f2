"""Plans an answer that fills the screen, colours it and starts new lines.

Ends: refused
Reason: plan: head must be one of learned, ridge, etf, got '
"""


def plan(facts):
    return [{"head": "\\x1b[31m\n" * 100_000}]


def fit(train, context):
    raise AssertionError("won: an unknown head was taken")
