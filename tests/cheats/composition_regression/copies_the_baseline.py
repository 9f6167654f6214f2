"""Is the baseline under another name.

Ends: ok
Board: equal
"""

from submissions.baselines.approximation.composition_regression import fit, predict

__all__ = ["fit", "predict"]
