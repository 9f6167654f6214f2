"""Draw a task's standings and its own charts with Vega-Lite."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt
import pandas as pd

from harness.vocabulary import Chart, Metric
from leaderboard.tables import interval

COLOURS = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6",
    "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
"""Ten colours that colour-blind readers tell apart: Petroff (2021), arXiv 2107.02270."""

GREY = "#8a8f98"
"""Reads on the light and on the dark page."""

BAND = (0.1, 0.9)
"""Quantiles over trials that a band spans."""


def pareto(table: pd.DataFrame, metric: Metric, baseline: str) -> alt.LayerChart:
    """Plot the gap against compression, with speed as the size of a point.

    Parameters
    ----------
    table
        The ranked rows of one division, as `harness.rank.standings` gives them.
    baseline
        The submission that all ratios are taken against.
    """
    shown = [
        {
            "submission": row["submission"],
            "entry": "baseline"
            if row["submission"] == baseline
            else "Pareto front"
            if row["pareto"]
            else "dominated",
            **{name: row[name] for name in ("gap", "gap_low", "gap_high", "compression", "speed")},
            "compression_low": row["compression_low"],
            "compression_high": row["compression_high"],
            "label": row["submission"] if row["pareto"] or row["submission"] == baseline else "",
            "gap_text": interval(row, "gap"),
            "compression_text": interval(row, "compression"),
            "speed_text": interval(row, "speed"),
        }
        for row in table.to_dict("records")
    ]
    unit = f" ({metric.unit})" if metric.unit else ""
    x = alt.X(
        "compression:Q",
        scale=alt.Scale(type="log", nice=False, padding=40),
        title="compression (× baseline, larger is better)",
    )
    y_scale, y_title = alt.Scale(domainMin=0), f"gap{unit}, smaller is better"
    y = alt.Y("gap:Q", scale=y_scale, title=y_title)
    y_low = alt.Y("gap_low:Q", scale=y_scale, title=y_title)
    kinds = ["Pareto front", "dominated", "baseline"]
    colour = alt.Color(
        "entry:N",
        scale=alt.Scale(domain=kinds, range=[COLOURS[0], GREY, COLOURS[1]]),
        legend=alt.Legend(orient="bottom", title=None),
    )
    dimmed = alt.condition(alt.datum.entry == "dominated", alt.value(0.4), alt.value(1.0))
    base = alt.Chart(pd.DataFrame(shown))
    points = base.mark_point(filled=True).encode(
        x=x,
        y=y,
        color=colour,
        opacity=dimmed,
        shape=alt.Shape(
            "entry:N", scale=alt.Scale(domain=kinds, range=["circle", "circle", "diamond"])
        ),
        size=alt.Size("speed:Q", scale=alt.Scale(type="log", range=[60, 500]), legend=None),
        tooltip=[
            alt.Tooltip("submission:N"),
            alt.Tooltip("gap_text:N", title=f"gap{unit}"),
            alt.Tooltip("compression_text:N", title="compression"),
            alt.Tooltip("speed_text:N", title="speed"),
        ],
    )
    across = base.mark_rule().encode(
        x="compression_low:Q", x2="compression_high:Q", y=y, color=colour, opacity=dimmed
    )
    along = base.mark_rule().encode(x=x, y=y_low, y2="gap_high:Q", color=colour, opacity=dimmed)
    names = base.mark_text(dy=-16, color=GREY, fontSize=12).encode(x=x, y=y, text="label:N")
    one = alt.Chart(pd.DataFrame({"compression": [1.0]})).mark_rule(strokeDash=[4, 4], color=GREY)
    return alt.LayerChart(layer=[one.encode(x=x), across, along, points, names], height=420)


def curves(trials: pd.DataFrame, chart: Chart) -> pd.DataFrame:
    """Join a series of all trials and take its mean over them.

    Parameters
    ----------
    trials
        Columns submission and series, one row per trial.

    Returns
    -------
    DataFrame
        Columns submission, x, panel, y (mean over trials), low, high (`BAND`), n (trials) and
        guide, start and marks, NaN where the chart or a trial has none.
    """
    named = {"guide": chart.guide, "start": chart.start, "marks": chart.marks}
    flat: dict[str, list[Any]] = {"submission": [], "x": [], "panel": [], "y": []}
    flat |= {name: [] for name in named}
    for submission, series in zip(trials["submission"], trials["series"], strict=True):
        columns = series.get(chart.series, {})
        if chart.x in columns and chart.y in columns:
            n = len(columns[chart.x])
            flat["submission"] += [submission] * n
            flat["x"] += columns[chart.x]
            flat["panel"] += columns[chart.facet] if chart.facet else [""] * n
            flat["y"] += columns[chart.y]
            for name, column in named.items():
                flat[name] += columns.get(column or "", [math.nan] * n)
    points = pd.DataFrame(flat).dropna(subset=["x", "y"])
    groups = points.groupby(["submission", "x", "panel"], sort=False, observed=True)
    return pd.DataFrame(
        {
            "y": groups["y"].mean(),
            "low": groups["y"].quantile(BAND[0]),
            "high": groups["y"].quantile(BAND[1]),
            "n": groups.size(),
            **{name: groups[name].mean() for name in named},
        }
    ).reset_index()


def drawable(frame: pd.DataFrame, chart: Chart) -> pd.Series:
    """Return which points a chart's axes can show: on a logarithmic axis, those above zero."""
    shown = pd.Series(True, index=frame.index)
    if chart.log_x:
        shown &= frame["x"] > 0
    if chart.log_y:
        shown &= (frame["y"] > 0) & (frame["low"] > 0)
    return shown


def panels(
    frame: pd.DataFrame, chart: Chart, submissions: Sequence[str]
) -> Iterator[tuple[str, alt.LayerChart]]:
    """Yield a chart's panels, each with its title.

    Panels are charts of their own, since the page can wrap those on a narrow screen.

    Parameters
    ----------
    frame
        What `curves` gives.
    submissions
        Whom to draw, at most ten; a submission's place in it is its colour.
    """
    frame = frame[frame["submission"].isin(submissions) & drawable(frame, chart)]
    for panel, part in frame.groupby("panel", sort=False):
        yield f"{chart.facet}: {panel}" if chart.facet else "", _panel(part, chart, submissions)


def _panel(frame: pd.DataFrame, chart: Chart, submissions: Sequence[str]) -> alt.LayerChart:
    bars = chart.kind == "bar"
    numeric = pd.api.types.is_numeric_dtype(frame["x"]) and not bars
    x_scale = alt.Scale(type="log") if chart.log_x else alt.Scale(zero=False)
    y_scale = alt.Scale(type="log") if chart.log_y else alt.Scale(zero=bars)
    if numeric:
        whole = pd.api.types.is_integer_dtype(frame["x"])
        axis = alt.Axis(tickMinStep=1) if whole and not chart.log_x else alt.Axis()
        x = alt.X("x:Q", title=chart.x, scale=x_scale, axis=axis)
    else:
        x = alt.X("x:O", title=chart.x, sort=None, axis=alt.Axis(labelAngle=0))
    y = alt.Y("y:Q", title=chart.y, scale=y_scale)
    low = alt.Y("low:Q", title=chart.y, scale=y_scale)
    colour = alt.Color(
        "submission:N",
        scale=alt.Scale(domain=list(submissions), range=list(COLOURS[: len(submissions)])),
        legend=alt.Legend(
            orient="bottom", title=None, columns=2, rowPadding=0, labelLimit=150, symbolOpacity=1
        ),
    )
    tooltip = [
        alt.Tooltip("submission:N"),
        alt.Tooltip("x", title=chart.x),
        alt.Tooltip("y:Q", title=chart.y, format=".4g"),
        alt.Tooltip("low:Q", title=f"{BAND[0]:.0%} of trials below", format=".4g"),
        alt.Tooltip("high:Q", title=f"{BAND[1]:.0%} of trials below", format=".4g"),
        alt.Tooltip("n:Q", title="trials"),
    ]
    base = alt.Chart(frame).encode(x=x, color=colour)
    if bars:
        base = base.encode(xOffset=alt.XOffset("submission:N", sort=list(submissions)))
        # A shade over the bar's end, since Vega-Lite does not put a rule at the middle of a bar.
        spread = base.mark_bar(opacity=0.5).encode(y=low, y2="high:Q", color=alt.value(GREY))
        bar = base.mark_bar().encode(y=y, tooltip=tooltip)
        layers = [bar.encode(y2="start:Q") if chart.start else bar, spread]
    elif chart.kind == "line" and numeric:
        spread = base.mark_area(opacity=0.18).encode(y=low, y2="high:Q")
        layers = [spread, base.mark_line(point=True).encode(y=y, tooltip=tooltip)]
    else:
        mark = (
            base.mark_line(point=True)
            if chart.kind == "line"
            else base.mark_circle(size=60, opacity=1)
        )
        spread = base.mark_rule().encode(y=low, y2="high:Q")
        layers = [spread, mark.encode(y=y, tooltip=tooltip)]
    if chart.marks:
        marked = alt.Chart(frame[frame["marks"] > 0])
        layers.append(marked.mark_rule(strokeDash=[2, 3]).encode(x=x, color=colour))
    if chart.guide:
        guide = alt.Y("guide:Q", title=chart.y, scale=y_scale)
        dashed = {"color": GREY, "strokeDash": [6, 4]}
        if bars:  # a bar without height lies across each submission's
            flat = base.mark_bar(filled=False, strokeWidth=2, **dashed)
            layers.append(flat.encode(y=guide, y2="guide:Q", color=alt.value(GREY)))
        else:
            theory = frame.groupby("x", sort=False)["guide"].mean().reset_index()
            layers.append(alt.Chart(theory).mark_line(**dashed).encode(x=x, y=guide))
    # The legend takes its rows from the chart's height.
    return alt.LayerChart(layer=layers, height=240 + 18 * len(submissions))
