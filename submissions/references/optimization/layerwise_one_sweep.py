"""The baseline, then one sweep that optimizes every layer again with all others frozen."""

from submissions.baselines.optimization.layerwise import SETTINGS, fit

__all__ = ["fit", "plan"]


def plan(facts):
    """Propose one sweep."""
    return [{"sweeps": 1, "hyper": SETTINGS[facts["data"]]}]
