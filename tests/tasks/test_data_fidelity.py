"""What a changed model loses, and what little loss costs."""

import numpy as np
import pytest

from tasks._data import fidelity


@pytest.mark.parametrize(
    ("shares", "losses", "wanted"),
    [
        ([0.25, 0.5, 1.0], [0.4, 0.04, 1e-6], 0.5 * 2 ** (np.log(2) / np.log(4e4))),
        ([0.25, 0.5, 1.0], [0.01, 0.005, 1e-6], 0.25),
        ([0.25, 0.5, 1.0], [0.01, 0.04, 1e-6], 0.5 * 2 ** (np.log(2) / np.log(4e4))),
        ([0.25, 1.0], [0.08, 0.005], 0.5),
    ],
)
def test_the_share_that_is_needed_lies_between_those_that_were_tried(shares, losses, wanted):
    found = fidelity.share_needed(np.array(shares), np.array(losses), 0.02)
    assert found == pytest.approx(wanted)


def test_budgets_that_keep_nothing_say_nothing_of_what_is_needed():
    assert fidelity.needed([0.0, 0.0, 0.0, 0.0], [1, 1, 1, 1], 0.02) == 1
    assert fidelity.needed([0.0, 0.25, 0.5], [1, 0.08, 1e-3], 0.02) == fidelity.needed(
        [0.25, 0.5], [0.08, 1e-3], 0.02
    )


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
