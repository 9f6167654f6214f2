"""Two networks, the second on what the first leaves over, that weigh together as much as one.

45 channels of the 64 that the strings' trunk allows: a layer's weights go with the square.
"""

from submissions.baselines.optimization.layerwise import SETTINGS, fit

__all__ = ["fit", "plan"]


def plan(facts):
    """Propose two stages of narrow networks."""
    widths = [cap * 45 // 64 for cap in facts["caps"]]
    return [{"stages": 2, "widths": widths, "hyper": SETTINGS[facts["data"]]}]
