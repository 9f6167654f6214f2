"""The baseline, then three sweeps that optimize every layer again with all others frozen."""

from submissions.baselines.optimization.layerwise import SETTINGS, fit

__all__ = ["fit", "plan"]


def plan(facts):
    """Propose three sweeps."""
    return [{"sweeps": 3, "hyper": SETTINGS[facts["data"]]}]
