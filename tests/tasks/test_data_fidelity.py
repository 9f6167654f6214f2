"""What a changed model loses, and what little loss costs."""

import numpy as np
import pytest

from tasks._data import fidelity


@pytest.mark.parametrize(
    ("shares", "losses", "wanted"),
    [
        ([1 / 16, 1 / 8, 1 / 4], [0.4, 0.08, 0.005], 1 / 8 * 2 ** (1 / 2)),
        ([1 / 16, 1 / 8, 1 / 4], [0.01, 0.005, 1e-4], 1 / 16),
        ([0.04, 1 / 8, 1 / 4], [0.01, 0.005, 0.0], 0.04),
        ([1 / 16, 1 / 8, 1 / 4], [0.01, 0.08, 0.0], 1 / 8 * 2 ** (np.log(4) / np.log(8e4))),
        ([1 / 16, 1 / 8, 0.2], [0.4, 0.08, 0.005], 1 / 8 * 1.6 ** (1 / 2)),
        ([1 / 16, 1 / 8, 0.1], [0.4, 0.08, 0.005], 1 / 8),
        ([1 / 16, 1 / 8, 1 / 4], [0.4, 0.08, 0.03], 1),
        ([0.0, 0.0, 0.0], [1, 1, 1], 1),
    ],
)
def test_the_share_that_is_needed_lies_between_budgets_that_were_tried(shares, losses, wanted):
    found = fidelity.needed([1 / 16, 1 / 8, 1 / 4], shares, losses, 0.02)
    assert found == pytest.approx(wanted)


def test_who_takes_nothing_of_a_small_budget_is_not_thought_to_need_less():
    budgets, losses = [1 / 16, 1 / 8, 1 / 4], [1.3, 0.005, 0.0]
    honest = fidelity.needed(budgets, [1 / 16, 1 / 8, 1 / 4], [0.1, *losses[1:]], 0.02)
    assert fidelity.needed(budgets, [1e-4, 1 / 8, 1 / 4], losses, 0.02) > honest


def test_means_are_geometric_over_models_and_nothing_is_least():
    one, other = np.full(5, 0.04), np.full(5, 0.01)
    assert fidelity.mean_log([one, other]) == pytest.approx(0.02)
    assert fidelity.mean_log([np.zeros(3)]) == pytest.approx(1e-6)
    assert fidelity.stderr([one, other]) == pytest.approx(0, abs=1e-15)


def test_the_standard_error_is_what_means_of_samples_scatter_by():
    rng = np.random.default_rng(0)
    draws = [[rng.exponential(0.1, 60), rng.exponential(0.3, 60)] for _ in range(400)]
    scatter = np.std([fidelity.mean_log(draw) for draw in draws])
    told = np.mean([fidelity.stderr(draw) for draw in draws])
    assert told == pytest.approx(scatter, rel=0.15)


def test_what_lacks_says_which_side():
    own = {"visible": 0.1, "heldout": 0.2}
    assert fidelity.lacking({"visible": 0.15, "heldout": 0.3}, own, 1.5) == ""
    assert "unseen" in fidelity.lacking({"visible": 0.1, "heldout": 0.31}, own, 1.5)
    assert "shown" in fidelity.lacking({"visible": 0.16, "heldout": 0.2}, own, 1.5)
    assert fidelity.lacking({"visible": np.nan, "heldout": 0.2}, own, 1.5)
