"""Enters among the lines, which keep to no budget, and are never ranked.

Ends: ok
Board: line
"""

from submissions.references.generalization.pruning_dense import fit  # noqa: F401

DIVISION = "line"
