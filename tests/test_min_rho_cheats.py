"""Dishonest networks end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked, and in
`Board: as the baseline` that it is measured as the baseline is.
"""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest

from harness.sandbox import Nursery
from harness.vocabulary import Context, Exam, Trial
from submissions.baselines.optimization import min_rho as baseline_module
from tasks.optimization import min_rho
from tasks.optimization.min_rho import TASK
from tests import zoo

CHEATS = zoo.cheats("min_rho")


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
        assert TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
    elif wanted.board:
        assert wanted.board == "as the baseline"
        assert result.quality == pytest.approx(baseline.quality, abs=1e-9)
        assert (result.visible, result.heldout) == (baseline.visible, baseline.heldout)
        assert result.extra["units"] == baseline.extra["units"]


def test_a_barely_positive_margin_costs_what_it_should(examined: zoo.Examined) -> None:
    result = examined(CHEATS["squeezes_its_margin"])
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
    examined: zoo.Examined, baseline: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    assert TASK.metric.shortfall(own, zoo.numbers(baseline)) == ""
    assert scores.heldout < 0.5
    result = examined(file)
    assert result.status == "ok", result.reason
    assert 25 < result.heldout < 75
    lack = TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
    assert "held-out error" in lack
