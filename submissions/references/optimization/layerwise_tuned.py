"""The baseline at a third of its step, at its step and at three times it, by cross-validation."""

from submissions.baselines.optimization.layerwise import SETTINGS, fit

__all__ = ["fit", "plan"]


def plan(facts):
    """Propose three steps."""
    settings = SETTINGS[facts["data"]]
    return [{"hyper": settings | {"rate": factor * settings["rate"]}} for factor in (1 / 3, 1, 3)]
