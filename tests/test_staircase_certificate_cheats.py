"""What is no counterexample, or no composition at all; see `cheats/staircase_certificate/`."""

from __future__ import annotations

import pytest

from harness.sandbox import Nursery
from tasks.optimization.staircase_certificate import TASK
from tests import zoo

CHEATS = zoo.cheats("staircase_certificate")


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, nursery: Nursery) -> None:
    wanted = zoo.deserves(CHEATS[name])
    result = zoo.examiner(TASK, nursery)(CHEATS[name])
    zoo.assert_ends_as_deserved(result, wanted)
    assert wanted.board == ("below target" if result.status == "ok" else "")
    if wanted.board:
        assert "is a staircase" in TASK.metric.shortfall({"quality": result.quality}, {})
