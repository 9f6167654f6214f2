"""The page: one task at one size, chosen by the address `/?task=NAME&size=SIZE`.

It computes nothing: `harness.rank` ranks, `harness.claims` judges, and this formats. Text that a
submission can influence is shown through `tables.plain` and never as HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from harness import catalog, claims, rank, report
from harness.isolation import Wall
from harness.store import Store, open_store
from harness.vocabulary import AXES, SIZES, Refused, Size, Task, Unknown
from leaderboard import plots, tables
from leaderboard.tables import plain

DEFAULT_SIZE: Size = "standard"
MOST_DRAWN = len(plots.COLOURS)
T = TypeVar("T", bound=str)


def page() -> None:
    """Draw the page that the address asks for."""
    st.set_page_config(page_title="Theory leaderboard", page_icon="📐", layout="wide")
    try:
        with open_store() as store:
            names = list(catalog.tasks())
            if not names:
                st.info("There is no task in this installation.")
                return
            with_trials = [name for name in store.tasks() if name in names]
            name, size = _chosen(names, (with_trials or names)[0])
            _task(store, catalog.load(name), size)
    except (Refused, Unknown) as error:
        st.error(plain(error))


def _chosen(names: Sequence[str], default: str) -> tuple[str, Size]:
    """Return the task and the size in the address, and let the visitor change both."""
    left, right = st.columns([3, 1])
    titles = {name: f"{name}: {catalog.sheet(name)['']}" for name in names}
    with left:
        task = _choice("task", names, default, titles)
    with right:
        size = _choice("size", SIZES, DEFAULT_SIZE, {})
    return task, size


def _choice(key: str, options: Sequence[T], default: T, titles: Mapping[T, str]) -> T:
    """Show a chooser whose choice lives in the address, so that a copied link shows the same."""

    def keep() -> None:
        st.query_params[key] = st.session_state[key]

    wanted = st.query_params.get(key, default)
    known = {str(option): option for option in options}
    if wanted not in known:
        st.warning(plain(f"There is no {key} {wanted!r}. {catalog.nearest(wanted, known)}"))
    chosen = known.get(wanted, default)
    st.session_state[key] = st.query_params[key] = chosen
    st.selectbox(
        key.capitalize(),
        options,
        format_func=lambda option: titles.get(option, option),
        key=key,
        on_change=keep,
    )
    return chosen


def _task(store: Store, task: Task, size: Size) -> None:
    sheet = catalog.sheet(task.name)
    meaning = tables.definitions(task.metric, task.axes, task.timed, task.counts)
    st.title(plain(task.title))
    st.markdown(plain(sheet.get("Question", "")))
    st.markdown("\n".join(f"- **{axis.capitalize()}**: {plain(meaning[axis])}" for axis in AXES))
    measurements = store.measurements(task.name, size, task.version)
    if measurements.empty:
        st.info(f"There are no trials of {plain(task.name)} at size {size} yet. To run some:")
        st.code(f"harness run --task {task.name} --size {size}", language="bash")
    else:
        rules = (task.metric, task.divisions, task.axes, task.needs, task.counts)
        table = rank.standings(measurements, *rules)
        n_trials = int((measurements["status"] != "missing").sum())
        _standings(table, task, size, meaning)
        _isolation(report.walls(store, task, size, table), task)
        _downloads(table, task, size)
        _charts(store, list(dict.fromkeys(table["submission"])), task, size, n_trials)
        _claims(measurements, task)
        _words(store, list(dict.fromkeys(table["submission"])), task, size, n_trials)
    st.header("Task sheet")
    for key, text in sheet.items():
        if key:
            st.markdown(f"**{plain(key)}**: " + "\n\n".join(map(plain, text.split("\n"))))


def _standings(table: pd.DataFrame, task: Task, size: Size, meaning: Mapping[str, str]) -> None:
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    sort = left.selectbox("Sort by", list(tables.SORTS))
    everything = right.toggle("All columns")
    st.caption(
        f"**{sort.capitalize()}**: {plain(meaning[sort])} Intervals are 95 %. Entries of equal "
        f"rank cannot be told apart. ★: no other entry is better in {', '.join(task.axes)} at once."
    )
    if size == "smoke":
        st.caption("Smoke trials show that the code runs. Their numbers rank nobody.")
        table = table.assign(rank=pd.array([pd.NA] * len(table), dtype="Int64"))
    for division in dict.fromkeys([*task.divisions, *table["division"]]):
        entries = table[table["division"] == division]
        if not entries.empty:
            alone = len(task.divisions) == 1 and division in task.divisions
            name = plain(division) or "not known yet"
            st.header("Ranking" if alone else f"Division: {name}")
            _division(entries, task, task.divisions.get(division) or "", sort, everything)


def _isolation(walls: Sequence[Wall], task: Task) -> None:
    """Say level by level which layers of the wall held, and what the others cost."""
    with st.expander(f"Isolation: {', '.join(wall.level for wall in walls)}"):
        for wall in walls:
            st.markdown(tables.wall(wall))
        if task.needs:
            st.caption(plain(f"Ranked only where these layers hold: {', '.join(task.needs)}."))


def _downloads(table: pd.DataFrame, task: Task, size: Size) -> None:
    stem = f"{task.name}-{size}-version-{task.version}"
    with st.container(horizontal=True):
        csv, json = tables.spreadsheet(table), table.to_json(orient="records")
        st.download_button("CSV", csv, f"{stem}.csv", "text/csv", on_click="ignore")
        st.download_button("JSON", json, f"{stem}.json", "application/json", on_click="ignore")


def _division(
    entries: pd.DataFrame, task: Task, baseline: str, sort: str, everything: bool
) -> None:
    """Draw who is ranked, with the Pareto plot, who is only drawn, and who is not ranked."""
    ranked = tables.ordered(entries[entries["status"] == "ranked"], sort, task.metric)
    drawn = entries[entries["status"] == "line"]
    others = entries.drop(ranked.index).drop(drawn.index)
    if not ranked.empty:
        st.table(tables.ranked(ranked, task.metric, everything), border="horizontal")
        for name, note in zip(ranked["submission"], ranked["reason"], strict=True):
            if note:
                st.caption(f"{plain(name)}: {plain(note)}.")
        if len(ranked) > 1:
            st.altair_chart(plots.pareto(ranked, task.metric, baseline))
            st.caption("A larger point is faster; lines through a point are its 95 % intervals.")
    if not drawn.empty:
        st.caption("Drawn for comparison, never ranked.")
        st.table(tables.lines(drawn, task.metric), border="horizontal")
    if not others.empty:
        st.subheader("Not ranked")
        st.table(tables.unranked(others), border="horizontal")


def _charts(store: Store, ordered: Sequence[str], task: Task, size: Size, n_trials: int) -> None:
    if not task.charts:
        return
    st.header("Plots")
    frames = _curves(store, task, store.place, task.name, task.version, size, n_trials)
    drawn = {name for frame in frames for name in frame["submission"]}
    known = [name for name in ordered if name in drawn]
    names = st.multiselect(
        f"Submissions, at most {MOST_DRAWN}", known, known[:MOST_DRAWN], max_selections=MOST_DRAWN
    )
    low, high = (f"{100 * quantile:.0f} %" for quantile in plots.BAND)
    st.caption(f"Mean over trials; bands and lines span the {low} to the {high} quantile.")
    for chart, frame in zip(task.charts, frames, strict=True):
        st.subheader(plain(chart.title))
        frame = frame[frame["submission"].isin(names)]
        n_hidden = len(frame) - int(plots.drawable(frame, chart).sum())
        panels = list(plots.panels(frame, chart, names))
        for place, (title, panel) in zip(_places(len(panels)), panels, strict=True):
            with place:
                if title:
                    st.markdown(f"**{plain(title)}**")
                st.altair_chart(panel)
        if n_hidden:
            st.caption(f"{n_hidden} points at or below zero are not on the logarithmic axis.")
        elif not panels:
            st.caption("No trial of these submissions has the numbers for this plot.")


def _places(n: int) -> list[DeltaGenerator]:
    """Return n places for charts, two in a row where there are several."""
    if n < 2:
        return [st.container() for _ in range(n)]
    return [place for _ in range(0, n, 2) for place in st.columns(2)][:n]


@st.cache_data(max_entries=64, show_spinner="Reading trials ...")
def _curves(
    _store: Store, _task: Task, place: str, name: str, version: int, size: Size, n_trials: int
) -> list[pd.DataFrame]:
    """Return the points of every chart; trials only ever come, so their number tells them apart."""
    trials = rank.current(_store.trials(name, size, version, with_series=True))
    trials = trials[trials["status"] == "ok"]
    return [plots.curves(trials, chart) for chart in _task.charts]


def _words(store: Store, ordered: Sequence[str], task: Task, size: Size, n_trials: int) -> None:
    """Show what submissions say for themselves, as plain text."""
    if not task.words:
        return
    said = _said(store, store.place, task.name, task.version, size, task.words, n_trials)
    st.header(plain(task.words.capitalize()))
    st.caption("In the words of each submission's author; nobody has checked them.")
    for name in ordered:
        if name in said:
            with st.expander(plain(name)):
                st.code(said[name], language=None, wrap_lines=True)


@st.cache_data(max_entries=64, show_spinner="Reading trials ...")
def _said(
    _store: Store, place: str, name: str, version: int, size: Size, words: str, n_trials: int
) -> dict[str, str]:
    """Return the words of every submission's last trial that has any."""
    trials = rank.current(_store.trials(name, size, version, with_series=True))
    return {
        submission: "\n".join(map(str, series[words]["text"]))
        for submission, series in zip(trials["submission"], trials["series"], strict=True)
        if words in series
    }


def _claims(measurements: pd.DataFrame, task: Task) -> None:
    if not task.claims:
        return
    st.header("Claims")
    for claim in task.claims:
        sentence = claims.verdict(measurements, claim, task.needs).sentence
        st.markdown(f"**{plain(claim.statement)}**  \n{tables.title(sentence)}.")
