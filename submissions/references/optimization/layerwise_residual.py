"""The baseline, then a second network of the same kind on what the first leaves over."""

from submissions.baselines.optimization.layerwise import SETTINGS, fit

__all__ = ["fit", "plan"]


def plan(facts):
    """Propose two stages."""
    return [{"stages": 2, "hyper": SETTINGS[facts["data"]]}]
