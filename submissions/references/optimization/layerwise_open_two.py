"""AdamW on an auxiliary problem of depth 2: this layer and the next together, the next dropped.

The depth k of Belilovsky, Eickenberg and Oyallon, ICML 2019, arXiv 1812.11446.
"""

from submissions.baselines.optimization.layerwise_open import descend
from submissions.references.optimization.layerwise_adam import plan
from submissions.references.optimization.layerwise_open_adam import adamw

__all__ = ["fit", "plan"]

DIVISION = "open"


def fit(train, context):
    """Train two layers and return the first."""
    return descend(train, context, adamw, depth=2)
