"""Dishonest update rules end as they deserve; see their folder in `cheats/`.

A docstring says in `Board:` what is to become of a rule that ends well.
"""

from __future__ import annotations

import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.optimization.full_batch_collapse import TASK
from tests import zoo

CHEATS = zoo.cheats("full_batch_collapse")


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> zoo.Examined:
    return zoo.examiner(TASK, nursery)


@pytest.fixture(scope="module")
def baseline(examined: zoo.Examined) -> Trial:
    """Examine the baseline on the same exam."""
    return examined("baseline")


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, examined: zoo.Examined, baseline: Trial) -> None:
    wanted = zoo.deserves(CHEATS[name])
    result = examined(CHEATS[name])
    zoo.assert_ends_as_deserved(result, wanted)
    if wanted.board == "below target":
        # At smoke the baseline's own error is above 1 %; what counts here is the collapse.
        lack = TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
        assert "log10 NC1 on them" in lack
    elif wanted.board == "as the baseline":
        assert result.quality == pytest.approx(baseline.quality, abs=1e-6)
        assert result.extra["stored"] == baseline.extra["stored"]
    elif wanted.board:
        assert wanted.board == "stores no less than half"
        assert result.extra["stored"] > baseline.extra["stored"] / 2


def test_a_network_that_was_left_is_better_than_the_end_that_is_measured(
    examined: zoo.Examined,
) -> None:
    left = CHEATS["returns_a_network_that_it_left"]
    result = examined(left)
    returned = result.series["layers_on_the_way"]["collapse"]
    track = result.series["layers_on_the_way"]["track"]
    last = [v for v, t in zip(returned, track, strict=True) if t == "updates"][-4:]
    assert sum(last) / 4 < result.quality - 0.2
