"""Claims: every verdict by hand, and what counts towards it."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from harness.claims import Verdict, verdict
from harness.vocabulary import Claim, Contrast, Refused


def trials(
    a: list[float], b: list[float], column: str = "heldout", **changes: object
) -> pd.DataFrame:
    """Return good trials of 'a' and 'b' with the seeds 0, 1, ..., and these values."""
    rows = [
        {
            "round": "r1",
            "submission": name,
            "source": name * 64,
            "seed": seed,
            "status": "ok",
            "isolation": "process forked, masked data",
            "visible": 0.0,
            "heldout": 0.0,
            "quality": 0.0,
            "finished": float(seed),
            column: value,
            **changes,
        }
        for name, values in (("a", a), ("b", b))
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def judge(frame: pd.DataFrame, number: str = "heldout", margin: float = 0.0) -> Verdict:
    contrast = Contrast("a", "b", number, margin)
    return verdict(frame, Claim("a errs less than b", contrast))


def test_an_interval_wholly_below_the_margin_supports_the_claim() -> None:
    # differences -1, -2, -3: mean -2, standard error 1/sqrt(3), t(0.975, 2) = 4.302653
    found = judge(trials([1.0, 1.0, 1.0], [2.0, 3.0, 4.0]), margin=0.5)
    half = 4.302652729911275 / math.sqrt(3)
    assert found.verdict == "supported"
    assert (found.effect, found.n, found.n_for, found.n_against) == (-2.0, 3, 3, 0)
    assert (found.low, found.high) == pytest.approx((-2 - half, -2 + half))
    # t = -2.5 sqrt(3) with 2 degrees of freedom: p = 1 - |t| / sqrt(t^2 + 2)
    t = 2.5 * math.sqrt(3)
    assert found.p == pytest.approx(1 - t / math.sqrt(t**2 + 2))
    assert found.sentence == (
        "supported: heldout of a minus that of b is -2 (95 % -4.48 to +0.484), claimed to be "
        "below 0.5; 3 of 3 exams for it, 0 against"
    )


def test_an_interval_that_holds_the_margin_decides_nothing() -> None:
    found = judge(trials([1.0, 1.0, 1.0], [2.0, 3.0, 4.0]), margin=0.4)
    assert found.verdict == "undecided"
    assert found.n_for == 3


def test_an_interval_at_or_above_the_margin_refutes_the_claim() -> None:
    assert judge(trials([2.0, 2.1, 2.2], [1.0, 1.0, 1.0])).verdict == "refuted"
    equal = judge(trials([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]))
    assert (equal.verdict, equal.n_for, equal.n_against) == ("refuted", 0, 3)
    assert (equal.low, equal.high, equal.p) == (0.0, 0.0, 1.0)


def test_two_shared_exams_decide_nothing_however_clear() -> None:
    found = judge(trials([0.0, 0.001], [9.0, 9.0]))
    assert (found.verdict, found.n) == ("undecided", 2)
    assert found.sentence == "undecided: a and b share 2 good exams, 3 are needed"


def test_without_any_shared_exam_the_verdict_is_undecided() -> None:
    for frame in (trials([1.0] * 4, []), trials([1.0], [1.0]).iloc[:0]):
        found = judge(frame)
        assert (found.verdict, found.n, found.n_for, found.p) == ("undecided", 0, 0, 1.0)
        assert math.isnan(found.effect)


def test_only_good_trials_with_the_number_count() -> None:
    frame = trials([1.0, 1.0, 1.0, 1.0, math.nan], [2.0, 2.5, 3.0, 90.0, 90.0])
    frame.loc[3, "status"] = "failed"
    found = judge(frame)
    assert (found.n, found.effect) == (3, -1.5)


@pytest.mark.parametrize("as_stored", [False, True], ids=["measured", "stored"])
def test_only_trials_behind_the_layers_that_the_task_needs_count(as_stored: bool) -> None:
    frame = trials([1.0, 1.0, 1.0, 1.0], [2.0, 2.5, 3.0, 90.0])
    frame.loc[7, "isolation"] = "process forked, landlock 7"
    if as_stored:
        frame["isolation"] = [tuple(held.split(", ")) for held in frame["isolation"]]
    claim = Claim("a errs less than b", Contrast("a", "b"))
    assert verdict(frame, claim).n == 4
    assert verdict(frame, claim, ("masked data",)).n == 3


def test_only_exams_of_the_same_round_are_paired() -> None:
    frame = pd.concat([trials([1.0] * 3, [2.0] * 3), trials([5.0] * 3, []).assign(round="r2")])
    assert judge(frame).n == 3


def test_only_the_current_source_counts() -> None:
    old = trials([9.0] * 3, [2.0] * 3)
    new = trials([1.0] * 3, [2.0] * 3).assign(round="r2", finished=100.0)
    new.loc[new["submission"] == "a", "source"] = "edited"
    found = judge(pd.concat([old, new], ignore_index=True))
    assert (found.n, found.effect) == (3, -1.0)


def test_a_claim_may_speak_of_the_gap_and_of_extras() -> None:
    gaps = trials([3.0, 4.0, 5.0], [1.0, 1.0, 1.0], column="heldout", visible=2.0)
    assert judge(gaps, "gap").effect == 2.0  # b's gap of -1 counts as 0
    packed = trials([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], column="extra.rank")
    assert judge(packed, "rank").effect == 2.0
    raw = packed.assign(extra=[{"rank": value} for value in packed["extra.rank"]])
    raw = raw.drop(columns="extra.rank").assign(finished="2026-03-01T12:00:00+00:00")
    assert judge(raw, "rank") == judge(packed, "rank")
    with pytest.raises(Refused, match="speaks of 'depth', the trials have visible, .*, rank"):
        judge(packed, "depth")
