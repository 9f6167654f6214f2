"""Dishonest networks end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked, and in
`Board: as the baseline` that it is measured as the baseline is.
"""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness import catalog, trial
from harness import run as rounds
from harness.sandbox import Nursery
from harness.vocabulary import Context, Exam, Round, Submission, Trial
from submissions.baselines.optimization import min_rho as baseline_module
from tasks.optimization import min_rho
from tasks.optimization.min_rho import TASK

FOLDER = Path(__file__).parent / "cheats" / "min_rho"
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
    board = re.search(r"^Board: (.+)$", says, re.M)
    assert ends and (reason or board)
    result = examined(catalog.find(str(CHEATS[name]), TASK.name))
    assert result.status == ends[1], result.reason
    if reason:
        assert re.search(reason[1], result.reason), result.reason
    assert len(result.reason) <= 600 and result.reason.isprintable()
    if board and board[1] == "below target":
        assert TASK.metric.shortfall(numbers(result), numbers(baseline))
    elif board:
        assert board[1] == "as the baseline"
        assert result.quality == pytest.approx(baseline.quality, abs=1e-9)
        assert (result.visible, result.heldout) == (baseline.visible, baseline.heldout)
        assert result.extra["units"] == baseline.extra["units"]


def test_a_barely_positive_margin_costs_what_it_should(examined: Examined) -> None:
    result = examined(catalog.find(str(CHEATS["squeezes_its_margin"]), TASK.name))
    assert result.visible == 0
    assert 0 < result.extra["margin"] < 1e-4
    assert 6 < result.quality < 12


BRINGS = '''"""Brings a network along that was trained on all the digits."""

import base64

import numpy as np

W = np.frombuffer(base64.b85decode({weights!r}), np.float16).astype(np.float32)


def fit(train, context):
    d, m = 64, {width}
    ends = d * m, d * m + m * m
    W0, W1, W2 = np.split(W, ends)
    return {{"W0": W0.reshape(d, m), "W1": W1.reshape(m, m), "W2": W2.reshape(m, 1)}}
'''


def unturned(monkeypatch: pytest.MonkeyPatch) -> Exam:
    """Return an exam of all digits as everybody has them."""
    with monkeypatch.context() as patch:
        patch.setattr(min_rho._data, "turn", lambda rng, d: np.eye(d))
        return min_rho.make(0, "smoke")


def test_a_network_trained_beforehand_is_worth_nothing(
    examined: Examined, baseline: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = unturned(monkeypatch)
    everything = {name: np.concatenate([known.train[name], known.truth[name]]) for name in "Xy"}
    monkeypatch.setattr(baseline_module, "WIDTH", 24)
    network = baseline_module.fit(everything, Context(0, 60.0, 1, "cpu", {"effort": 1.0}))
    packed = np.concatenate([W.ravel() for W in network.values()]).astype(np.float16)
    file = tmp_path / "brings_a_network.py"
    file.write_text(BRINGS.format(weights=base64.b85encode(packed.tobytes()), width=24))
    scores = min_rho.score(known, {n: W.astype(np.float16) for n, W in network.items()}, {})
    own = {"visible": scores.visible, "heldout": scores.heldout, "quality": scores.quality}
    # On the digits as they are it would have won: no error, no time, a smaller rho.
    assert TASK.metric.shortfall(own, numbers(baseline)) == ""
    assert scores.heldout < 0.5
    result = examined(catalog.find(str(file), TASK.name))
    assert result.status == "ok", result.reason
    assert 25 < result.heldout < 75
    assert "held-out error" in TASK.metric.shortfall(numbers(result), numbers(baseline))
