"""Ranking: every rule by hand, and what no entry can do to the others."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import rank
from harness.vocabulary import AXES, Axis, Metric, Unknown
from tests import fabricate

nan = math.nan
OPEN: dict[str, str | None] = {"open": "baseline"}
METRIC = Metric(
    name="mse",
    unit="K",
    resolution=0.1,
    target="at most 1.5 times the baseline's mse",
    shortfall=lambda own, base: (
        f"{own['quality']:.3g} K" if own["quality"] > 1.5 * base["quality"] else ""
    ),
)


def trial(submission: str, seed: int = 0, **changes: object) -> dict[str, object]:
    """Return a good trial: gap 0.4, 1000 bytes, as fast as its pacer."""
    return {
        "round": "r1",
        "submission": submission,
        "source": f"source of {submission}",
        "division": "open",
        "status": "ok",
        "reason": "",
        "isolation": "process, landlock",
        "seed": seed,
        "artifact_bytes": 1000,
        "embedded_bytes": 0,
        "finished": 0.0,
        "visible": 1.0,
        "heldout": 1.4,
        "quality": 1.4,
        "timed_seconds": 2.0,
        "pacer_seconds": 2.0,
        **changes,
    }


def missing(submission: str, seed: int, **changes: object) -> dict[str, object]:
    numbers = dict.fromkeys(["visible", "heldout", "quality", "timed_seconds"], nan)
    gone: dict[str, object] = {"status": "missing", "artifact_bytes": 0, "finished": nan}
    return trial(submission, seed, **(numbers | gone | changes))


def board(
    *trials: Mapping[str, object],
    divisions: Mapping[str, str | None] = OPEN,
    axes: tuple[Axis, ...] = AXES,
    metric: Metric = METRIC,
    needs: tuple[str, ...] = (),
    counts: str = "",
) -> pd.DataFrame:
    table = rank.standings(pd.DataFrame(list(trials)), metric, divisions, axes, needs, counts)
    return table.set_index("submission", drop=False)


# ---------------------------------------------------------------------------------------------
# One submission


def test_each_number_is_what_its_formula_says() -> None:
    student = {"heldout": 1.15, "artifact_bytes": 300, "embedded_bytes": 200, "timed_seconds": 1.6}
    found = board(trial("baseline"), trial("student", **student)).loc["student"]
    assert found["gap"] == pytest.approx(0.15)
    assert found["gap_difference"] == pytest.approx(-0.25)
    assert found["compression"] == pytest.approx(2.0)
    assert found["speed"] == pytest.approx(1.25)
    gain = (0.4 + 0.1) / (0.15 + 0.1)  # 2
    assert found["score"] == pytest.approx((gain * 2.0 * 1.25) ** (1 / 3))
    assert (found["visible"], found["heldout"], found["n_trials"]) == (1.0, 1.15, 1)
    intervals = [c for c in found.index if str(c).endswith(("_low", "_high"))]
    assert len(intervals) == 12
    assert found[intervals].isna().all()  # one exam has no interval


def test_means_and_intervals_pair_each_exam_with_the_baseline_of_the_same_exam() -> None:
    # The exams differ by a factor of ten; the ratios of the pairs are 2 and 8, whose mean is 4.
    exams = [
        trial("baseline", 0, artifact_bytes=1000),
        trial("baseline", 1, artifact_bytes=80_000),
        trial("student", 0, artifact_bytes=500),
        trial("student", 1, artifact_bytes=10_000),
    ]
    found = board(*exams).loc["student"]
    assert found["compression"] == pytest.approx(4.0)
    # On the log scale the values are log 4 -+ log 2, their standard error is log 2.
    half = 12.706204736432095 * math.log(2)  # t(0.975, 1)
    assert found["compression_low"] == pytest.approx(4 * math.exp(-half))
    assert found["compression_high"] == pytest.approx(4 * math.exp(half))


def test_the_interval_of_a_difference_is_linear() -> None:
    gaps = [(0, 0.3, 0.2), (1, 0.5, 0.2), (2, 0.7, 0.2)]  # seed, baseline, student
    exams = [
        trial(name, seed, visible=1.0, heldout=1.0 + gap)
        for seed, *both in gaps
        for name, gap in zip(("baseline", "student"), both, strict=True)
    ]
    found = board(*exams).loc["student"]
    half = 4.302652729911275 * 0.2 / math.sqrt(3)
    assert found["gap_difference"] == pytest.approx(-0.3)
    assert found["gap_difference_low"] == pytest.approx(-0.3 - half)
    assert found["gap_difference_high"] == pytest.approx(-0.3 + half)
    assert (found["gap_low"], found["gap_high"]) == (pytest.approx(0.2), pytest.approx(0.2))


def test_erring_more_on_seen_cases_than_on_unseen_ones_is_no_gain() -> None:
    found = board(trial("baseline"), trial("a", heldout=1.0), trial("b", visible=1.3, heldout=1.0))
    assert found.loc["a", "gap"] == found.loc["b", "gap"] == 0.0
    assert found.loc["a", "score"] == found.loc["b", "score"]


def test_nothing_weighs_less_than_256_bytes() -> None:
    found = board(trial("baseline", artifact_bytes=512), trial("student", artifact_bytes=10))
    assert found.loc["student", "compression"] == pytest.approx(2.0)


def test_compression_is_of_the_number_that_a_task_counts() -> None:
    trials = [
        trial("baseline", 0, extra={"weights": 100.0}),
        trial("baseline", 1, extra={"weights": 400.0}),
        trial("student", 0, artifact_bytes=9000, extra={"weights": 50.0}),
        trial("student", 1, artifact_bytes=9000, extra={"weights": 50.0}),
    ]
    found = board(*trials, axes=("compression",), counts="weights").loc["student"]
    assert found["compression"] == found["score"] == pytest.approx(4.0)  # of 2 and 8
    assert board(*trials, axes=("compression",)).loc["student", "compression"] < 1

    frame = pd.DataFrame(trials)
    line = rank.compare(frame, "student", "baseline", METRIC, OPEN, "weights").set_index("number")
    assert line.loc["compression", ["a", "b", "effect"]].tolist() == pytest.approx([50, 200, 4])

    without = board(trial("baseline"), trial("student"), counts="weights").loc["student"]
    assert (without["status"], without["reason"]) == (
        "incomplete",
        "1 of 1 trials have no compression",
    )


def test_the_baseline_is_exactly_one_whatever_its_clock_said() -> None:
    clocks = [(0, 1.9, 2.1), (1, 2.2, nan)]
    found = board(
        *(trial("baseline", s, timed_seconds=t, pacer_seconds=p) for s, t, p in clocks)
    ).loc["baseline"]
    for name in ("compression", "speed", "score"):
        assert (found[name], found[f"{name}_low"], found[f"{name}_high"]) == (1.0, 1.0, 1.0)
    assert found["gap_difference"] == 0.0
    assert (found["status"], found["rank"]) == ("ranked", 1)


def test_axes_that_are_not_ranked_are_shown_and_do_not_count() -> None:
    student = trial("student", artifact_bytes=500, timed_seconds=nan)
    found = board(trial("baseline"), student, axes=("gap", "compression")).loc["student"]
    assert found["score"] == pytest.approx(math.sqrt(2))
    assert found["compression"] == pytest.approx(2.0)
    assert (found["status"], math.isnan(found["speed"])) == ("ranked", True)


def test_only_the_latest_source_of_a_name_is_shown_with_all_its_rounds() -> None:
    def at(time: float, source: str, round: str, n_bytes: int) -> dict[str, object]:
        return trial("s", 0, round=round, source=source, finished=time, artifact_bytes=n_bytes)

    found = board(
        *(trial("baseline", round=f"r{k}") for k in range(4)),
        at(1.0, "first", "r0", 10),
        at(2.0, "second", "r1", 500),
        at(3.0, "first", "r2", 10),  # the old one again makes it no newer
        at(4.0, "second", "r3", 2000),
        missing("s", 0, round="r4", source="third"),  # has not begun yet
    ).loc["s"]
    assert (found["source"], found["n_trials"]) == ("second", 2)
    assert found["compression"] == pytest.approx(1.0)  # of 2 and 1/2


def test_isolation_is_what_held_in_every_trial() -> None:
    found = board(
        trial("baseline", 0),
        trial("baseline", 1, isolation="process, seccomp, landlock"),
        trial("a", 0),
        trial("a", 1, isolation=""),
        missing("b", 1, isolation=""),
        trial("b", 0, isolation="process"),
    )
    assert found["isolation"].to_dict() == {
        "baseline": "process, landlock",
        "a": "",
        "b": "process",
    }


def test_a_layer_of_two_versions_held_in_both() -> None:
    found = board(
        trial("baseline", 0, isolation="process forked, landlock 7, seccomp 341"),
        trial("baseline", 1, isolation="process fresh, landlock 4, seccomp 341"),
    )
    assert found.loc["baseline", "isolation"] == "process, landlock, seccomp 341"


def test_the_level_is_the_lowest_of_all_trials() -> None:
    full = ", ".join(fabricate.ISOLATION)
    confined = full.replace("namespaces, ", "")
    found = board(
        trial("baseline", 0, isolation=full),
        trial("baseline", 1, isolation=full.replace("landlock 4", "landlock 7")),
        trial("a", 0, isolation=confined),
        trial("a", 1, isolation=full),
        trial("b", 0, isolation=confined),
        trial("b", 1, isolation="process"),
        trial("crashed", 0, isolation=full),
        trial("crashed", 1, status="failed", isolation="process"),
    )
    assert found["level"].to_dict() == {
        "baseline": "full",
        "a": "confined",
        "b": "process",
        "crashed": "process",
    }


# ---------------------------------------------------------------------------------------------
# The gate


def test_a_trial_without_a_needed_layer_is_shown_and_not_ranked() -> None:
    held = "process, landlock 7, masked data"
    found = board(
        *(trial("baseline", k, isolation=held) for k in range(2)),
        *(trial("good", k, isolation=held) for k in range(2)),
        trial("s", 0, isolation=held, artifact_bytes=500),
        trial("s", 1, isolation="process, landlock 7", artifact_bytes=500),
        needs=("landlock", "masked data"),
    )
    assert found["status"].to_dict() == {
        "baseline": "ranked",
        "good": "ranked",
        "s": "not isolated",
    }
    assert found.loc["s", "reason"] == (
        "without masked data in 1 of 2 trials, such as seed 1 of round r1"
    )
    assert pd.isna(found.loc["s", "rank"]) and not found.loc["s", "pareto"]
    assert found.loc["s", "compression"] == pytest.approx(2.0)  # shown all the same


def test_a_comparison_with_a_baseline_that_lacked_a_needed_layer_does_not_rank() -> None:
    held = "process, masked data"
    exams = [trial("s", k, isolation=held) for k in range(2)]
    exams += [trial("baseline", 0, isolation=held), trial("baseline", 1, isolation="process")]
    found = board(*exams, needs=("masked data",))
    assert found.loc["baseline", "status"] == found.loc["s", "status"] == "not isolated"
    assert found.loc["s", "reason"] == (
        "without masked data in 1 of 2 trials of 'baseline' beside it, such as seed 1 of round r1"
    )


def test_a_trial_that_is_set_aside_needs_no_layer() -> None:
    held = "process, masked data"
    found = board(
        trial("baseline", 0, isolation=held),
        trial("baseline", 1, isolation=held, status="failed"),
        trial("s", 0, isolation=held),
        trial("s", 1, isolation="process"),
        needs=("masked data",),
    )
    assert (found.loc["s", "status"], found.loc["s", "n_trials"]) == ("ranked", 1)


def test_a_failure_and_a_line_come_before_a_missing_layer() -> None:
    found = board(
        trial("baseline"),
        trial("broken", status="failed", reason="x"),
        trial("sky", division="line"),
        divisions={"open": "baseline", "line": None},
        needs=("seccomp",),
    )
    assert found["status"].to_dict() == {
        "baseline": "not isolated",
        "broken": "failed",
        "sky": "line",
    }


def test_a_missing_layer_comes_before_a_missed_target() -> None:
    bad = trial("s", heldout=2.4, quality=9.0)
    assert board(trial("baseline"), bad, needs=("seccomp",)).loc["s", "status"] == "not isolated"


def test_no_column_is_lost_on_a_board_without_trials_and_with_needs() -> None:
    empty = pd.DataFrame([trial("baseline")]).iloc[:0]
    assert "level" in rank.standings(empty, METRIC, OPEN, AXES, ("masked data",))


def test_a_failed_trial_is_shown_with_its_seed_and_message() -> None:
    bad = trial("s", 1, status="killed", reason="over 300 s", heldout=nan)
    found = board(*(trial("baseline", k) for k in range(2)), trial("s", 0), bad).loc["s"]
    assert (found["status"], pd.isna(found["rank"])) == ("failed", True)
    assert found["reason"] == (
        "1 of 2 trials ended badly, such as seed 1 of round r1, killed: over 300 s"
    )
    assert found[["score", "gap", "heldout", "quality_low"]].isna().all()


def test_a_submission_without_a_complete_round_names_its_missing_seeds() -> None:
    exams = [trial(name, 0) for name in ("baseline", "s")]
    exams += [trial("baseline", 1), missing("s", 1), trial("baseline", 2), missing("s", 2)]
    found = board(*exams).loc["s"]
    assert (found["status"], pd.isna(found["rank"])) == ("incomplete", True)
    assert found["reason"] == "2 of 3 trials of round r1 are missing: seed 1, 2"
    whole = [trial(name, 0, round="r2") for name in ("baseline", "s")]
    again = board(*exams, *whole).loc["s"]
    assert (again["status"], again["n_trials"]) == ("ranked", 2)


def test_a_missed_target_is_shown_with_its_numbers() -> None:
    bad = [trial("s", k, heldout=2.4, quality=q) for k, q in enumerate((2.0, 2.8))]
    found = board(*(trial("baseline", k) for k in range(2)), *bad).loc["s"]
    assert (found["status"], pd.isna(found["rank"])) == ("below target", True)
    assert found["reason"] == "2.4 K"
    assert found["score"] > 0


def test_the_target_sees_mean_numbers_and_extras_of_the_same_exams() -> None:
    seen: list[tuple[dict[str, float], dict[str, float]]] = []

    def shortfall(own: Mapping[str, float], base: Mapping[str, float]) -> str:
        seen.append((dict(own), dict(base)))
        return "never enough"

    metric = Metric("mse", "", 0.1, "never", shortfall)
    exams = [trial("baseline", k, **{"extra.rank": 10.0 * k}) for k in range(3)]
    exams += [trial("s", k, quality=k, **{"extra.rank": 1.0 + k}) for k in (1, 2)]
    assert board(*exams, metric=metric)["status"].tolist() == ["below target"] * 2
    own, base = next(pair for pair in seen if pair[0]["quality"] == 1.5)
    assert (own["rank"], base["rank"]) == (2.5, 15.0)
    assert own["visible"] == 1.0 and own["heldout"] == 1.4 and base["quality"] == 1.4


def test_exams_without_a_good_baseline_are_set_aside_and_counted() -> None:
    exams = [
        trial("baseline", 0),
        trial("baseline", 1, status="failed", reason="x", artifact_bytes=0),
        trial("s", 0, artifact_bytes=500),
        trial("s", 1, artifact_bytes=1),
        trial("alone", 1),
    ]
    found = board(*exams)
    assert found.loc["baseline", "status"] == "failed"
    assert (found.loc["s", "status"], found.loc["s", "n_trials"]) == ("ranked", 1)
    assert found.loc["s", "compression"] == pytest.approx(2.0)
    assert found.loc["s", "reason"].startswith("1 of 2 trials set aside: no good trial of 'basel")
    assert found.loc["alone", "status"] == "no baseline"
    assert found.loc["alone", "reason"] == (
        "0 of 1 trials have a good trial of 'baseline' beside them"
    )
    assert found.loc["alone", "heldout"] == 1.4
    assert math.isnan(found.loc["alone", "score"])


def test_a_number_that_an_axis_lacks_is_never_averaged_away() -> None:
    exams = [trial(name, k) for name in ("baseline", "s") for k in range(3)]
    exams[4]["timed_seconds"] = nan
    found = board(*exams).loc["s"]
    assert (found["status"], found["reason"]) == ("incomplete", "1 of 3 trials have no speed")


def test_lines_are_drawn_and_never_ranked() -> None:
    divisions = {"open": "baseline", "line": None}
    found = board(trial("baseline"), trial("sky", division="line"), divisions=divisions).loc["sky"]
    assert (found["status"], pd.isna(found["rank"]), found["heldout"]) == ("line", True, 1.4)
    assert math.isnan(found["score"])


def test_divisions_have_their_own_baselines_and_ranks() -> None:
    divisions = {"certified": "baseline", "open": "open_baseline"}
    found = board(
        trial("baseline", division="certified"),
        trial("careful", division="certified", artifact_bytes=500),
        trial("open_baseline", artifact_bytes=4000),
        trial("free", artifact_bytes=1000),
        trial("lost", division="nowhere"),
        divisions=divisions,
        axes=("compression",),
    )
    assert found["division"].tolist() == ["certified"] * 2 + ["open"] * 2 + ["nowhere"]
    assert found.loc["careful", "score"] == pytest.approx(2.0)
    assert found.loc["free", "score"] == pytest.approx(4.0)
    assert found.loc["free", "rank"] == 1
    assert found.loc["lost", "status"] == "no baseline"
    assert found.loc["lost", "reason"] == (
        "the task has no division 'nowhere', it has 'certified', 'open'"
    )


# ---------------------------------------------------------------------------------------------
# Many submissions


def paced(name: str, speeds: list[float], round: str = "r1") -> list[dict[str, object]]:
    return [
        trial(name, k, pacer_seconds=speed, timed_seconds=1.0, round=round)
        for k, speed in enumerate(speeds)
    ]


def test_neighbours_share_a_rank_where_pairs_cannot_tell_them_apart() -> None:
    found = board(
        *paced("baseline", [1.0] * 3),
        *paced("first", [4.0, 4.0, 4.0]),
        *paced("second", [4.0, 3.8, 4.1]),
        *paced("third", [2.0, 2.0, 2.0]),
    )
    assert found["submission"].tolist() == ["first", "second", "third", "baseline"]
    assert found["rank"].tolist() == [1, 1, 3, 4]


def test_entries_are_compared_with_the_best_of_their_group() -> None:
    # Each is like its neighbour, but the third is not like the first.
    found = board(
        *paced("baseline", [1.0] * 4),
        *paced("a", [4.0, 4.01, 4.02, 4.0]),
        *paced("b", [3.9, 4.1, 3.8, 4.1]),
        *paced("c", [3.80, 3.82, 3.81, 3.79]),
    )
    assert found["rank"].tolist() == [1, 1, 3, 4]


def test_entries_of_different_rounds_are_compared_by_welch() -> None:
    def ranks(later: list[float]) -> list[int]:
        found = board(
            *paced("baseline", [1.0] * 3),
            *paced("baseline", [1.0] * 3, "r2"),
            *paced("a", [4.0, 4.1, 4.2]),
            *paced("b", later, "r2"),
        )
        return list(found["rank"])

    assert ranks([3.9, 4.0, 4.3]) == [1, 1, 3]
    assert ranks([3.0, 3.1, 3.2]) == [1, 2, 3]


def test_one_exam_tells_nobody_apart() -> None:
    found = board(trial("baseline"), trial("a", artifact_bytes=300))
    assert found["rank"].tolist() == [1, 1]
    assert found["submission"].tolist() == ["a", "baseline"]


def test_equal_entries_come_in_the_order_of_their_names() -> None:
    found = board(*(trial(name, k) for name in ("c", "baseline", "a") for k in range(3)))
    assert found["submission"].tolist() == ["a", "baseline", "c"]
    assert found["rank"].tolist() == [1, 1, 1]


def test_unranked_entries_come_last_in_their_division() -> None:
    found = board(
        *paced("baseline", [1.0] * 2),
        *paced("a", [0.5] * 2),
        *(row | {"quality": 9.0} for row in paced("bad", [9.0] * 2)),
        trial("broken", 0, status="failed"),
    )
    assert found["submission"].tolist() == ["baseline", "a", "bad", "broken"]


def test_the_front_holds_what_no_ranked_entry_beats_on_all_axes() -> None:
    found = board(
        trial("baseline"),
        trial("small", artifact_bytes=500, timed_seconds=4.0),
        trial("fast", timed_seconds=1.0),
        trial("dominated", timed_seconds=1.5),
        trial("twin", timed_seconds=1.0),
        trial("bad", artifact_bytes=256, timed_seconds=0.1, quality=9.0),
    )
    assert set(found.index[found["pareto"]]) == {"small", "fast", "twin"}
    only = board(trial("baseline"), trial("small", artifact_bytes=500), axes=("gap",))
    assert only["pareto"].all()  # compression is no axis here


def test_a_frame_of_categories_with_unused_ones_gives_the_same_table() -> None:
    frame = pd.DataFrame(paced("baseline", [1.0, 1.1]) + paced("a", [2.0, 2.1]))
    more = pd.concat([frame, pd.DataFrame(paced("gone", [1.0]))])
    names = ["round", "submission", "source", "division", "status", "reason", "isolation"]
    categories = more.astype(dict.fromkeys(names, "category")).iloc[: len(frame)]
    pd.testing.assert_frame_equal(
        rank.standings(categories, METRIC, OPEN, AXES), rank.standings(frame, METRIC, OPEN, AXES)
    )


def test_no_trials_give_an_empty_table() -> None:
    empty = pd.DataFrame([trial("baseline")]).iloc[:0]
    found = rank.standings(empty, METRIC, OPEN, AXES)
    assert found.empty
    assert {"rank", "score_low", "pareto", "isolation"} <= set(found)


speeds = st.lists(st.floats(0.2, 5.0), min_size=3, max_size=3)


@settings(deadline=None, max_examples=60)
@given(others=st.lists(speeds, min_size=1, max_size=5), added=speeds)
def test_adding_an_entry_changes_no_score_and_no_order(
    others: list[list[float]], added: list[float]
) -> None:
    rows = paced("baseline", [1.0] * 3)
    for k, each in enumerate(others):
        rows += paced(f"s{k}", each)
    before = board(*rows)
    after = board(*rows, *paced("added", added)).drop("added")
    names = before["submission"].tolist()
    assert after["submission"].tolist() == names
    numbers = [c for c in before if before[c].dtype == np.float64]
    pd.testing.assert_frame_equal(before[numbers], after[numbers], check_exact=True)
    assert after["rank"].is_monotonic_increasing and before["rank"].is_monotonic_increasing


# ---------------------------------------------------------------------------------------------
# Noise


@pytest.mark.parametrize("noise", [0.003, 0.026])
def test_intervals_of_copies_of_the_baseline_hold_one_as_often_as_they_say(noise: float) -> None:
    generator = np.random.default_rng(1)
    rows = paced("baseline", [1.0] * 5)
    for k in range(2000):
        rows += paced(f"copy{k}", list(np.exp(noise * generator.standard_normal(5))))
    found = rank.standings(pd.DataFrame(rows), METRIC, OPEN, AXES).query("submission != 'baseline'")
    holds = (found["score_low"] <= 1.0) & (found["score_high"] >= 1.0)
    assert holds.mean() == pytest.approx(0.95, abs=0.015)  # three standard errors


def test_a_copy_of_the_baseline_shares_its_rank() -> None:
    generator = np.random.default_rng(2)
    apart = 0
    for _ in range(100):
        copy = paced("copy", list(np.exp(0.026 * generator.standard_normal(5))))
        apart += board(*paced("baseline", [1.0] * 5), *copy)["rank"].nunique() > 1
    assert apart <= 12  # 5 are expected, and 7 are three standard errors


def test_a_quarter_faster_is_told_apart_at_four_percent_noise() -> None:
    generator = np.random.default_rng(3)
    told = 0
    for _ in range(100):
        faster = paced("faster", list(1.25 * np.exp(0.04 * generator.standard_normal(5))))
        told += board(*paced("baseline", [1.0] * 5), *faster)["rank"].tolist() == [1, 2]
    assert told >= 95


# ---------------------------------------------------------------------------------------------
# Over tasks, and two by two


def test_overall_is_the_geometric_mean_over_ranked_tasks_with_coverage() -> None:
    def table(**scores: float) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "submission": list(scores),
                "score": list(scores.values()),
                "status": ["below target" if name == "bad" else "ranked" for name in scores],
            }
        )

    found = rank.overall(
        {"t1": table(a=2.0, b=9.0, bad=5.0), "t2": table(a=8.0), "t3": table(baseline=1.0)}
    )
    assert found["submission"].tolist() == ["a", "b", "baseline"]
    assert found["score"].tolist() == pytest.approx([4.0, 9.0, 1.0])
    assert found["n_tasks"].tolist() == [2, 1, 1]
    assert found["coverage"].tolist() == pytest.approx([2 / 3, 1 / 3, 1 / 3])
    assert rank.overall({}).empty


def test_two_submissions_are_compared_exam_by_exam() -> None:
    frame = pd.DataFrame(
        paced("baseline", [1.0] * 3)
        + [row | {"heldout": 1.3 + 0.1 * k} for k, row in enumerate(paced("a", [2.6, 2.62, 2.64]))]
        + [row | {"heldout": 1.5 + 0.1 * k} for k, row in enumerate(paced("b", [2.0, 2.01, 2.0]))]
    )
    found = rank.compare(frame, "a", "b", METRIC, OPEN).set_index("number")
    speed = found.loc["speed"]
    logs = np.log([1.3, 2.62 / 2.01, 1.32])
    half = 4.302652729911275 * logs.std(ddof=1) / math.sqrt(3)
    assert speed["effect"] == pytest.approx(math.exp(logs.mean()))
    assert speed["low"] == pytest.approx(math.exp(logs.mean() - half))
    assert speed["high"] == pytest.approx(math.exp(logs.mean() + half))
    assert speed["verdict"] == "a is 1.31 times as fast as b (95 % 1.28 to 1.33)"
    heldout = found.loc["heldout"]
    assert (heldout["a"], heldout["b"], heldout["effect"]) == pytest.approx((1.4, 1.6, -0.2))
    assert heldout["verdict"] == ("a has a held-out error 0.2 K lower than b (95 % 0.2 to 0.2)")
    compression = found.loc["compression"]
    assert (compression["a"], compression["effect"], compression["p"]) == pytest.approx(
        (1000, 1, 1)
    )
    assert compression["verdict"].startswith("as small: a and b cannot be told apart (1.00, 95 %")
    assert found["n"].tolist() == [3] * 6 and found["paired"].all()


def test_a_comparison_says_how_each_was_walled_off() -> None:
    full = ", ".join(fabricate.ISOLATION)
    frame = pd.DataFrame(
        [trial(name, k, isolation=full) for name in ("baseline", "a") for k in range(2)]
        + [trial("b", 0, isolation=full), trial("b", 1)]
    )
    found = rank.compare(frame, "a", "b", METRIC, OPEN)
    assert set(found["a_level"]) == {"full"} and set(found["b_level"]) == {"process"}


def test_submissions_that_never_met_are_compared_by_welch() -> None:
    frame = pd.DataFrame(paced("a", [1.0, 2.0, 4.0]) + paced("b", [8.0, 16.0], "r2"))
    found = rank.compare(frame, "a", "b", METRIC, OPEN).set_index("number").loc["speed"]
    assert (found["paired"], found["n"]) == (False, 2)
    assert found["effect"] == pytest.approx(2 / math.sqrt(128))
    # Logs to base 2: variances 1 and 1/2, so u = 1/3, v = 1/4 and Welch's degrees of freedom are
    # (7/12)^2 / (1/18 + 1/16) = 2.882...; the statistic is -2.5 / sqrt(7/12) = -3.273.
    assert found["p"] == pytest.approx(welch(3.2732683535398857, (7 / 12) ** 2 / (17 / 144)))


def welch(t: float, freedom: float) -> float:
    """Return the two-sided p value by integrating Student's density on a fine grid."""
    log_norm = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    x = np.linspace(0, t, 200_001)
    density = (
        math.exp(log_norm)
        / math.sqrt(freedom * math.pi)
        * (1 + x**2 / freedom) ** (-(freedom + 1) / 2)
    )
    return 1 - 2 * float(np.trapezoid(density, x))


def test_failed_trials_and_unknown_names_are_not_compared() -> None:
    frame = pd.DataFrame([trial("student"), trial("other"), trial("other", 1, status="failed")])
    found = rank.compare(frame, "student", "other", METRIC, OPEN).set_index("number")
    assert found["n"].tolist() == [1] * 5  # the quality is the held-out error here
    assert found.loc["gap", "verdict"] == (
        "gap: student and other cannot be told apart by one exam (+0)"
    )
    with pytest.raises(Unknown, match="no submission 'studnet' .* Did you mean 'student'"):
        rank.compare(frame, "studnet", "other", METRIC, OPEN)


def test_speeds_beside_different_pacers_are_not_compared() -> None:
    frame = pd.DataFrame(
        [
            trial(name, k, division=division)
            for name, division in (("p", "x"), ("q", "y"), ("a", "x"), ("b", "y"))
            for k in range(3)
        ]
    )
    found = rank.compare(frame, "a", "b", METRIC, {"x": "p", "y": "q"}).set_index("number")
    assert math.isnan(found.loc["speed", "effect"])
    assert found.loc["speed", "verdict"] == "as fast: a and b have no such number"
    assert found.loc["compression", "effect"] == 1.0


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20), st.floats(0.5, 0.999))
def test_an_interval_holds_its_mean_and_widens_with_the_level(
    values: list[float], level: float
) -> None:
    mean, low, high = rank.interval(np.array(values), level)
    assert low <= mean <= high
    _, lower, higher = rank.interval(np.array(values), (1 + level) / 2)
    assert lower <= low and high <= higher
