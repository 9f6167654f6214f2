"""Does what the baseline does.

Ends: ok
Board: as the baseline
"""

from submissions.baselines.generalization.pruning import fit  # noqa: F401
