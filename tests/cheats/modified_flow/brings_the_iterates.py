"""Adds the iterates of descent to the equation.

Ends: refused
Reason: 'x' is no array of this equation
"""

from submissions.baselines.optimization import modified_flow


def fit(train, context):
    return modified_flow.fit(train, context) | {"x": train["lin/x"]}
