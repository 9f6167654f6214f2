"""The leaderboard page, drawn without a browser, over made-up trials."""

from __future__ import annotations

import ast
import dataclasses
import io
import math
import re
import sys
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import leaderboard
from harness import catalog, claims, isolation, rank
from harness.store import open_store
from harness.vocabulary import Chart, Claim, Contrast, Metric, Task, Trial
from leaderboard import plots, tables
from tests import fabricate

HOSTILE = "ValueError: <script>alert(1)</script> ![x](http://example.org/x.png) $x$ idea.py:3"

METRIC = Metric(
    name="held-out error",
    unit="%",
    resolution=0.5,
    target="held-out error at most 1.5 times the baseline's",
    shortfall=lambda own, base: "too many errors" if own["heldout"] > 1.5 * base["heldout"] else "",
)


def _unused(*arguments: object) -> None:
    raise AssertionError("The page makes and scores no exam.")


TASK = Task(
    name="toy",
    title="How does a *toy* behave?",
    idea=1,
    metric=METRIC,
    make=_unused,  # type: ignore[arg-type]
    score=_unused,  # type: ignore[arg-type]
    divisions={"open": "baseline", "line": None},
    charts=(
        Chart("Error by layer", "layers", "layer", "error", facet="data"),
        Chart("Loss by work", "work", "steps", "loss", log_x=True, log_y=True),
        Chart("Error as bars", "layers", "layer", "error", kind="bar", facet="data"),
        Chart("Nothing here", "absent", "x", "y", kind="point"),
    ),
)
SHEET = {"": TASK.title, "Idea": "1", "Question": "What does a toy do?", "extra": "rho_k * 2"}
SERIES = {
    "layers": {"layer": [1, 2, 1, 2], "error": [9.0, 4.0, 3.0, 1.0], "data": ["a", "a", "b", "b"]},
    "work": {"steps": [1, 10, 100], "loss": [1.0, 0.1, 0.0]},
}
SUBMISSIONS = ("baseline", "adam", "slow", "bad", "crashed", "end_to_end")
LEVELS = {
    "adam": fabricate.Level(4.0, 8.0, 40_000, 2.0),
    "slow": fabricate.Level(5.0, 18.0, 90_000, 5.0),
    "bad": fabricate.Level(50.0, 60.0),
    "end_to_end": fabricate.Level(1.0, 2.0),
}


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Make the catalog hold the task alone and return the path of its store."""
    entry = catalog.Entry("toy", "theme", tmp_path / "toy.py", "toy")
    monkeypatch.setattr(catalog, "tasks", lambda: {"toy": entry, "other": entry})
    monkeypatch.setattr(catalog, "sheet", lambda name: SHEET)
    monkeypatch.setattr(catalog, "load", lambda name: dataclasses.replace(TASK, name=name))
    path = tmp_path / "trials.db"
    monkeypatch.setenv("HARNESS_STORE", str(path))
    return path


def _fill(path: Path, *rounds: tuple[fabricate.Round, list[Trial]]) -> None:
    with open_store(str(path)) as store:
        for round, trials in rounds:
            store.begin(round)
            for trial in trials:
                store.append(trial)
            store.finish(round.id)


def _made(number: int = 0, **options: object) -> tuple[fabricate.Round, list[Trial]]:
    round = fabricate.round(SUBMISSIONS, task="toy", number=number)
    settings = {
        "levels": LEVELS,
        "failed": {"crashed": HOSTILE},
        "divisions": {"end_to_end": "line"},
        "series": SERIES,
    }
    return round, fabricate.trials(round, **(settings | options))


def _page(**query: str) -> AppTest:
    app = AppTest.from_file(str(leaderboard.APP), default_timeout=60)
    app.query_params.update(query)
    app.run()
    assert not app.exception, app.exception
    return app


def _texts(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info)
    return "\n".join(element.value for kind in kinds for element in kind)


def _shown(cell: str) -> str:
    """Return what a reader sees of an escaped cell."""
    return re.sub(r"\\(.)", r"\1", cell).replace("\u2060", "").replace("\u00a0", " ")


# ---------------------------------------------------------------------------------------------
# The page


def test_an_empty_store_says_so_with_the_command_to_run(toy: Path) -> None:
    app = _page()
    assert "There are no trials of toy at size standard yet" in app.info[0].value
    assert app.code[0].value == "harness run --task toy --size standard"
    assert not app.table and not app.error
    assert "What does a toy do" in _texts(app)


def test_the_ranking_shows_what_rank_computes(toy: Path) -> None:
    _fill(toy, _made())
    app = _page()
    with open_store(str(toy)) as store:
        measured = store.measurements("toy", "standard", 1)
    expected = rank.standings(measured, METRIC, TASK.divisions, TASK.axes)
    expected = expected[expected["status"] == "ranked"]
    table = app.table[0].value
    assert [_shown(name) for name in table["Submission"]] == list(expected["submission"])
    assert list(table["Rank"]) == [str(place) for place in expected["rank"]]
    assert list(table["Pareto"] == "★") == list(expected["pareto"])
    adam = expected.set_index("submission").loc["adam"]
    cell = _shown(table[table["Submission"] == "adam"]["Score"].item())
    numbers = [float(number) for number in re.findall(r"[\d.]+", cell)]
    assert numbers == pytest.approx([adam.score, adam.score_low, adam.score_high], abs=0.006)
    assert table[table["Submission"] == "baseline"]["Speed"].item() == "1.00"
    assert list(table["Isolation"]) == ["full"] * 3


def test_entries_without_a_rank_stand_apart_with_their_reason_in_full(toy: Path) -> None:
    _fill(toy, _made())
    app = _page()
    others = next(table.value for table in app.table if "Reason" in table.value)
    reasons = {
        _shown(row.Submission): (row.Status, _shown(row.Reason)) for row in others.itertuples()
    }
    assert reasons.keys() == {"bad", "crashed"}
    assert reasons["bad"][0] == "below target"
    assert "too many errors" in reasons["bad"][1]
    assert reasons["crashed"][0] == "failed"
    assert reasons["crashed"][1].endswith(HOSTILE)


def test_a_trial_without_a_needed_layer_stands_among_the_unranked(
    toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = dataclasses.replace(TASK, needs=("masked data",))
    monkeypatch.setattr(catalog, "load", lambda name: task)
    held = tuple(x for x in fabricate.ISOLATION if x not in ("landlock 4", "masked data"))
    missing = ("landlock: *Not* built in", "masked data: /usr/x can be read")
    _fill(toy, _made(isolation={"adam": held}, missing={"adam": missing}))
    app = _page()
    ranked, others = app.table[0].value, next(t.value for t in app.table if "Reason" in t.value)
    assert dict(zip(ranked["Submission"], ranked["Isolation"], strict=True)) == {
        "baseline": "full",
        "slow": "full",
    }
    (adam,) = others[others["Submission"] == "adam"].itertuples()
    assert (adam.Status, adam.Isolation) == ("not isolated", "process")
    assert _shown(adam.Reason).startswith("without masked data in 3 of 3 trials, such as seed 0")
    assert "Ranked only where these layers hold: masked data." in _shown(_texts(app))


def test_each_level_is_told_with_its_layers_and_the_cost_of_its_gaps(toy: Path) -> None:
    held = tuple(x for x in fabricate.ISOLATION if x != "seccomp")
    adam = {"isolation": {"adam": held}, "missing": {"adam": ("seccomp: *no* table",)}}
    _fill(toy, _made(**adam))
    app = _page()
    table = app.table[0].value
    assert dict(zip(table["Submission"], table["Isolation"], strict=True))["adam"] == "process"
    (box,) = app.expander
    assert box.label == "Isolation: full, process"
    full, process = (text.value for text in box.markdown)
    assert _shown(full) == f"**full**, 15 trials: {', '.join(fabricate.ISOLATION)}."
    first, gap = _shown(process).splitlines()
    assert first == f"**process**, 3 trials: {', '.join(held)}."
    layer = isolation.layer("seccomp")
    assert gap.startswith(f"- Without **seccomp** (*no* table): {layer.cost}")
    assert layer.offered_by in gap
    assert r"\*no\*" in process


def test_only_the_walls_of_the_sources_on_the_board_are_told(toy: Path) -> None:
    round, trials = _made()
    newer, again = _made(number=1)
    sources = {**newer.submissions, "adam": fabricate.source("newer")}
    newer = dataclasses.replace(newer, submissions=sources)
    again = [dataclasses.replace(t, source=sources[t.submission]) for t in again]
    weak = [
        dataclasses.replace(t, isolation=("process",)) if t.submission == "adam" else t
        for t in trials
    ]
    _fill(toy, (round, weak), (newer, again))
    app = _page()
    assert app.expander[0].label == "Isolation: full"


def test_a_line_is_drawn_and_has_no_rank(toy: Path) -> None:
    _fill(toy, _made())
    app = _page()
    lines = [t.value for t in app.table if "Rank" not in t.value and "Reason" not in t.value]
    assert [_shown(name) for name in lines[0]["Submission"]] == ["end_to_end"]
    assert "Drawn for comparison, never ranked." in _texts(app)


def test_a_submission_that_no_trial_tells_the_division_of_is_shown(toy: Path) -> None:
    round, trials = _made()
    _fill(toy, (round, [trial for trial in trials if trial.submission != "adam"]))
    app = _page()
    shown = [_shown(name) for table in app.table for name in table.value["Submission"]]
    assert sorted(shown) == sorted(SUBMISSIONS)
    assert "Division: not known yet" in _texts(app)


def test_text_of_a_submission_is_neither_html_nor_markdown(toy: Path) -> None:
    _fill(toy, _made())
    app = _page()
    cells = [str(cell) for table in app.table for cell in table.value.to_numpy().ravel()]
    hostile = [cell for cell in cells if "alert" in cell]
    assert len(hostile) == 1
    assert r"\<script\>" in hostile[0] and r"\!\[x\]\(" in hostile[0] and r"\$x\$" in hostile[0]
    assert "alert" not in _texts(app)
    for file in leaderboard.APP.parent.glob("*.py"):
        calls = [
            node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)
        ]
        used = {keyword.arg for call in calls for keyword in call.keywords}
        assert "unsafe_allow_html" not in used


def test_the_address_chooses_task_and_size_and_follows_the_visitor(toy: Path) -> None:
    app = _page(task="other", size="full")
    assert (app.selectbox("task").value, app.selectbox("size").value) == ("other", "full")
    assert app.code[0].value == "harness run --task other --size full"
    app.selectbox("task").set_value("toy").run()
    app.selectbox("size").set_value("smoke").run()
    assert app.code[0].value == "harness run --task toy --size smoke"
    assert dict(app.query_params) == {"task": "toy", "size": "smoke"}
    assert not app.warning


def test_the_address_is_completed_with_a_task_that_has_trials(toy: Path) -> None:
    round = fabricate.round(task="other")
    _fill(toy, (round, fabricate.trials(round)))
    app = _page()
    assert dict(app.query_params) == {"task": "other", "size": "standard"}


def test_an_unknown_task_in_the_address_offers_the_nearest(toy: Path) -> None:
    app = _page(task="tooy")
    assert "Did you mean 'toy'?" in _shown(app.warning[0].value)
    assert app.selectbox("task").value == "toy"


def test_a_store_that_cannot_be_opened_is_one_line_without_a_traceback(toy: Path) -> None:
    toy.write_bytes(b"this is no database, whatever its name says" * 100)
    app = _page()
    assert len(app.error) == 1
    assert str(toy) in _shown(app.error[0].value)
    assert "\n" not in app.error[0].value
    assert not app.table and not app.title


def test_trials_at_smoke_size_have_no_rank(toy: Path) -> None:
    round = fabricate.round(task="toy", size="smoke")
    _fill(toy, (round, fabricate.trials(round, levels=LEVELS)))
    app = _page(size="smoke")
    assert list(app.table[0].value["Rank"]) == ["–", "–"]
    assert "Their numbers rank nobody." in _texts(app)


def test_new_trials_appear_when_the_page_is_loaded_again(
    toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[pd.DataFrame] = []
    draw = plots.panels

    def watch(frame: pd.DataFrame, chart: Chart, names: list[str]) -> object:
        seen.append(frame)
        return draw(frame, chart, names)

    monkeypatch.setattr(plots, "panels", watch)
    _fill(toy, _made())
    app = _page()
    assert set(app.table[0].value["Trials"]) == {"3"}
    assert set(seen[0]["n"]) == {3}
    _fill(toy, _made(number=1))
    seen.clear()
    app.run()
    assert set(app.table[0].value["Trials"]) == {"6"}
    assert set(seen[0]["n"]) == {6}


def test_the_table_sorts_by_the_chosen_number(toy: Path) -> None:
    _fill(toy, _made())
    app = _page()
    app.selectbox[2].set_value("compression").run()
    table = app.table[0].value
    assert list(table["Submission"]) == ["adam", "baseline", "slow"]
    assert "**Compression**: bytes of the baseline" in _texts(app)
    app.selectbox[2].set_value("quality").run()
    assert list(app.table[0].value["Submission"]) == ["adam", "baseline", "slow"]
    app.toggle[0].set_value(True).run()
    assert {"Status", "Source"} <= set(app.table[0].value.columns)
    assert fabricate.source("adam").startswith(app.table[0].value["Source"][0])


def test_a_note_of_rank_on_a_ranked_entry_is_shown(toy: Path) -> None:
    round, trials = _made()
    lame = [
        dataclasses.replace(t, status="failed", reason="killed")
        if (t.submission, t.seed) == ("baseline", 0)
        else t
        for t in trials
    ]
    _fill(toy, _made(number=1), (round, lame))
    app = _page()
    assert "adam: 1 of 6 trials set aside" in _shown(_texts(app))


def test_every_chart_is_drawn_and_an_absent_series_is_said(toy: Path) -> None:
    _fill(toy, _made())
    app = _page()
    for chart in TASK.charts:
        assert any(tables.plain(chart.title) == text.value for text in app.subheader)
    n_drawn = 1 + 2 + 1 + 2  # the Pareto plot, two panels, one line, two panels of bars
    assert len(app.get("vega_lite_chart")) == n_drawn
    assert "No trial of these submissions has the numbers for this plot." in _texts(app)
    assert "5 points at or below zero are not on the logarithmic axis." in _texts(app)


def test_what_submissions_say_for_themselves_is_plain_text(
    toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(toy, _made(series=SERIES | {"proof": {"line": [1, 2], "text": ["It is.", HOSTILE]}}))
    assert not _page().expander[1:]  # of a task that wants no words
    monkeypatch.setattr(catalog, "load", lambda name: dataclasses.replace(TASK, words="proof"))
    app = _page()
    said = [one for one in app.expander if one.code]
    assert [one.label for one in said] == [
        tables.plain(name) for name in ("adam", "baseline", "slow", "bad", "end_to_end")
    ]
    assert {one.code[0].value for one in said} == {f"It is.\n{HOSTILE}"}
    assert {one.code[0].language for one in said} == {"plaintext"}
    assert "Proof" in _texts(app) and "alert" not in _texts(app)


def test_a_claim_is_shown_with_its_verdict(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = Claim("Adam has *less* error.", Contrast("adam", "baseline"))
    task = dataclasses.replace(TASK, claims=(claim,))
    monkeypatch.setattr(catalog, "load", lambda name: task)
    _fill(toy, _made())
    with open_store(str(toy)) as store:
        expected = claims.verdict(store.measurements("toy", "standard", 1), claim)
    assert expected.verdict == "supported"
    text = _texts(_page())
    assert r"**Adam has \*less\* error\.**" in text
    assert expected.sentence.lower() in _shown(text).lower()


def test_the_sheet_is_shown_with_all_its_keys(toy: Path) -> None:
    text = _texts(_page())
    for key in ("Idea", "Question", "extra"):
        assert f"**{key}**: " in text
    assert r"rho\_k \* 2" in text


# ---------------------------------------------------------------------------------------------
# Numbers and texts


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (17.52, 15.14, 19.9, "17.5 (15.1 to 19.9)"),
        (1.312, 1.281, 1.344, "1.31 (1.28 to 1.34)"),
        (9.98, 9.1, 10.9, "10.0 (9.1 to 10.9)"),
        (1.0, 1.0, 1.0, "1.00"),
        (1.31, math.nan, math.nan, "1.31"),
        (math.nan, math.nan, math.nan, "–"),
        (0.0, -0.001, 0.02, "0.0000 (-0.0010 to 0.0200)"),
        (123_456.0, 120_000.0, 130_000.0, "123,456 (120,000 to 130,000)"),
        (2.5e-9, math.nan, math.nan, "2.50e-09"),
    ],
)
def test_a_number_is_written_with_its_interval(
    value: float, low: float, high: float, text: str
) -> None:
    row = {"speed": value, "speed_low": low, "speed_high": high}
    assert _shown(tables.interval(row, "speed")) == text


def test_a_number_that_rounds_to_zero_has_no_sign() -> None:
    assert tables.number(-0.0004, like=1.0) == "0.00"


def test_an_escaped_text_reads_the_same_and_holds_no_bare_address() -> None:
    text = "[a](javascript:x) http://example.org www.example.org me@example.org\n`b` #1 <i>"
    escaped = tables.plain(text)
    assert _shown(escaped) == " ".join(text.split())
    assert not re.search(r"(?<!\\)[!-/:-@\[-`{-~]", re.sub(r"\\.", "", escaped))
    assert not re.search(r"http://|www\.|\w@", _shown_with_joiners(escaped))


def _shown_with_joiners(cell: str) -> str:
    return re.sub(r"\\(.)", r"\1", cell)


def test_the_definition_of_the_score_names_the_axes_that_enter_it() -> None:
    meaning = tables.definitions(METRIC, ("gap", "speed"), "predict")
    assert meaning["score"].startswith(
        "geometric mean of (baseline's gap + 0.5) / (gap + 0.5), speed; the baseline has 1.00"
    )
    assert meaning["compression"].endswith("Shown here, not part of the score.")
    assert "baseline's predict" in meaning["speed"]


def test_a_downloaded_table_holds_the_numbers_and_runs_no_formula() -> None:
    table = pd.DataFrame({"reason": ["=1+1", "plain", ""], "score": [1.25, -2.0, np.nan]})
    back = pd.read_csv(io.StringIO(tables.spreadsheet(table)), keep_default_na=False)
    assert list(back["reason"]) == ["'=1+1", "plain", ""]
    assert [float(score or "nan") for score in back["score"][:2]] == [1.25, -2.0]


# ---------------------------------------------------------------------------------------------
# Plots and the command


def test_a_curve_is_the_mean_over_trials_with_its_quantiles() -> None:
    trials = pd.DataFrame(
        {
            "submission": ["a"] * 3 + ["b"],
            "series": [{"s": {"x": [1, 2], "y": [k, 10.0 * k]}} for k in (1.0, 2.0, 6.0)] + [{}],
        }
    )
    frame = plots.curves(trials, Chart("", "s", "x", "y"))
    assert frame["submission"].tolist() == ["a", "a"]
    assert frame["y"].tolist() == pytest.approx([3.0, 30.0])
    assert frame["low"].tolist() == pytest.approx([1.2, 12.0])  # 1 + 0.2 (2 - 1)
    assert frame["high"].tolist() == pytest.approx([5.2, 52.0])  # 2 + 0.8 (6 - 2)
    assert frame["n"].tolist() == [3, 3]


@pytest.mark.parametrize("kind", ["line", "bar"])
def test_a_guide_is_dashed_and_of_no_submissions_colour(kind: Literal["line", "bar"]) -> None:
    series = {"s": {"x": [1, 2], "y": [3.0, 5.0], "theory": [4.0, 2.0]}}
    trials = pd.DataFrame({"submission": ["a", "b", "b"], "series": [series] * 3})
    chart = Chart("", "s", "x", "y", kind, guide="theory")
    frame = plots.curves(trials, chart)
    assert frame["guide"].tolist() == [4.0, 2.0] * 2
    ((_, panel),) = plots.panels(frame, chart, ["a", "b"])
    spec = panel.to_dict()
    *rest, guide = spec["layer"]
    assert guide["mark"]["type"] == kind and guide["mark"]["strokeDash"]
    assert guide["encoding"]["y"]["field"] == "guide"
    assert guide["encoding"].get("color", {"value": plots.GREY}) == {"value": plots.GREY}
    assert not any("strokeDash" in layer["mark"] for layer in rest)
    if kind == "line":
        drawn = spec["datasets"][guide["data"]["name"]]
        assert drawn == [{"x": 1, "guide": 4.0}, {"x": 2, "guide": 2.0}]


def test_trials_without_a_guide_have_their_curves_all_the_same() -> None:
    trials = pd.DataFrame({"submission": ["a"], "series": [{"s": {"x": [1], "y": [3.0]}}]})
    chart = Chart("", "s", "x", "y", guide="theory")
    frame = plots.curves(trials, chart)
    assert frame["y"].tolist() == [3.0] and frame["guide"].isna().all()
    ((_, panel),) = plots.panels(frame, chart, ["a"])
    assert panel.to_dict()["layer"][-1]["data"]


def test_bars_begin_where_their_column_says() -> None:
    series = {"s": {"x": [1, 2], "y": [3.0, 5.0], "below": [0.0, 3.0]}}
    trials = pd.DataFrame({"submission": ["a"] * 2, "series": [series] * 2})
    for start, field in (("below", "start"), (None, None)):
        chart = Chart("", "s", "x", "y", "bar", start=start)
        frame = plots.curves(trials, chart)
        if start:
            assert frame["start"].tolist() == [0.0, 3.0]
        ((_, panel),) = plots.panels(frame, chart, ["a"])
        bar = panel.to_dict()["layer"][0]["encoding"]
        assert bar["y"]["field"] == "y"
        assert bar.get("y2", {"field": None})["field"] == field


def test_a_marked_place_has_a_vertical_line_of_its_submissions_colour() -> None:
    series = {"s": {"x": [1, 2, 3], "y": [3.0, 5.0, 4.0], "begins": [0.0, 1.0, 0.0]}}
    plain = {"s": {"x": [1, 2, 3], "y": [3.0, 5.0, 4.0]}}
    trials = pd.DataFrame({"submission": ["a", "b"], "series": [series, plain]})
    chart = Chart("", "s", "x", "y", marks="begins")
    ((_, panel),) = plots.panels(plots.curves(trials, chart), chart, ["a", "b"])
    spec = panel.to_dict()
    mark = spec["layer"][-1]
    assert mark["mark"]["type"] == "rule" and "y" not in mark["encoding"]
    assert mark["encoding"]["color"]["field"] == "submission"
    drawn = spec["datasets"][mark["data"]["name"]]
    assert [(row["submission"], row["x"]) for row in drawn] == [("a", 2)]


def test_ten_submissions_have_ten_colours() -> None:
    names = [f"s{k}" for k in range(10)]
    frame = pd.DataFrame(
        {"submission": names, "x": 1, "panel": "", "y": 1.0, "low": 1.0, "high": 1.0, "n": 1}
    )
    ((_, panel),) = plots.panels(frame, Chart("", "s", "x", "y"), names)
    scale = panel.to_dict()["layer"][1]["encoding"]["color"]["scale"]
    assert scale["domain"] == names
    assert len(set(scale["range"])) == 10


def test_the_pareto_plot_marks_the_baseline_and_the_front() -> None:
    row = dict.fromkeys(("gap", "gap_low", "gap_high", "speed", "speed_low", "speed_high"), 1.0)
    row |= dict.fromkeys(("compression", "compression_low", "compression_high"), 1.0)
    table = pd.DataFrame(
        [
            row | {"submission": "baseline", "pareto": False},
            row | {"submission": "good", "pareto": True},
            row | {"submission": "poor", "pareto": False},
        ]
    )
    spec = plots.pareto(table, METRIC, "baseline").to_dict()
    (data,) = (rows for rows in spec["datasets"].values() if len(rows) == 3)
    assert {r["submission"]: r["entry"] for r in data} == {
        "baseline": "baseline",
        "good": "Pareto front",
        "poor": "dominated",
    }
    assert {r["submission"]: r["label"] for r in data} == {
        "baseline": "baseline",
        "good": "good",
        "poor": "",
    }


def test_the_command_serves_on_loopback_without_telemetry() -> None:
    argv = leaderboard.command(8123, headless=True)
    assert argv[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert Path(argv[4]).is_file()
    assert {
        "--server.address=127.0.0.1",
        "--server.port=8123",
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
        "--server.fileWatcherType=none",
        "--client.toolbarMode=minimal",
    } <= set(argv)


def test_the_command_needs_no_streamlit() -> None:
    source = Path(str(leaderboard.__file__)).read_text()
    imported = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import)]
    assert {alias.name for node in imported for alias in node.names} == {"sys"}
