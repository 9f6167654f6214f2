"""Dishonest submissions of critical points end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import catalog, trial
from harness import run as rounds
from harness.sandbox import Nursery
from harness.vocabulary import Round, Submission, Trial
from tasks.optimization.morse_bott import TASK

FOLDER = Path(__file__).parent / "cheats" / "morse_bott"
CHEATS = {path.stem: path for path in sorted(FOLDER.glob("*.py"))}
SECRET = "0" * 32
Examined = Callable[[Submission], Trial]


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> Examined:
    """Return what becomes of a submission on one exam at smoke."""

    def by(found: Submission) -> Trial:
        entry = rounds.entered(TASK, found)
        sources = {entry.name: entry.source}
        name, started = TASK.name, "2026-01-01T00:00:00"
        round = Round("r", name, TASK.version, "smoke", (0,), sources, SECRET, {}, started)
        return trial.examine(trial.Item(round, entry, None, 0), nursery)

    return by


@pytest.fixture(scope="module")
def baseline(examined: Examined) -> Trial:
    """Examine the baseline on the same exam."""
    return examined(catalog.find("baseline", TASK.name))


def numbers(of: Trial) -> dict[str, float]:
    errors = {"visible": of.visible, "heldout": of.heldout, "quality": of.quality}
    return errors | dict(of.extra)


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, examined: Examined, baseline: Trial) -> None:
    says = ast.get_docstring(ast.parse(CHEATS[name].read_text())) or ""
    ends = re.search(r"^Ends: (\w+)$", says, re.M)
    reason = re.search(r"^Reason: (.+)$", says, re.M)
    assert ends and (ends[1] == "ok" or reason)
    result = examined(catalog.find(str(CHEATS[name]), TASK.name))
    assert result.status == ends[1], result.reason
    if reason:
        assert re.search(reason[1], result.reason), result.reason
    assert len(result.reason) <= 600 and result.reason.isprintable()
    if "Board: below target" in says:
        assert "of the orbits of" in TASK.metric.shortfall(numbers(result), numbers(baseline))


def test_duplicates_cost_bytes_and_count_once(examined: Examined, baseline: Trial) -> None:
    result = examined(catalog.find(str(CHEATS["sends_one_orbit_many_times"]), TASK.name))
    assert result.extra["orbits_linear_additive"] == 5  # one a problem, one visible and four not
    assert result.extra["bytes_per_orbit"] > 20 * baseline.extra["bytes_per_orbit"]


def test_looking_up_shows_in_the_gap(examined: Examined) -> None:
    result = examined(catalog.find(str(CHEATS["looks_up_what_is_handed_out"]), TASK.name))
    assert result.visible == 0 and result.heldout > 0.5
