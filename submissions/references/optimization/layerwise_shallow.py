"""Naive: the first layer alone, trained like the baseline with three times the epochs."""

from submissions.baselines.optimization.layerwise import SETTINGS, fit

__all__ = ["fit", "plan"]


def plan(facts):
    """Propose one layer."""
    settings = SETTINGS[facts["data"]]
    hyper = settings | {"epochs": 3 * settings["epochs"]}
    return [{"widths": facts["caps"][:1], "hyper": hyper}]
