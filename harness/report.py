"""What the command line prints: rankings, sheets and claims as text. It computes nothing."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness import claims, isolation, rank
from harness.catalog import SHEET
from harness.store import Store
from harness.vocabulary import Size, Submission, Task

if TYPE_CHECKING:
    import pandas as pd


def ranking(store: Store, task: Task, size: Size) -> pd.DataFrame:
    """Return a task's standings at one size."""
    measured = store.measurements(task.name, size, task.version)
    rules = (task.metric, task.divisions, task.axes, task.needs, task.counts)
    return rank.standings(measured, *rules)


def walls(store: Store, task: Task, size: Size, table: pd.DataFrame) -> list[isolation.Wall]:
    """Return how the trials of the sources in a table were walled off, level by level."""
    shown = set(zip(table["submission"], table["source"], strict=True))
    rows = store.walls(task.name, size, task.version)
    return isolation.walls(
        (held, missing, n_trials)
        for submission, source, held, missing, n_trials in rows
        if (submission, source) in shown
    )


def verdicts(store: Store, task: Task, size: Size = "standard") -> list[claims.Verdict]:
    """Return the verdict on each of a task's claims."""
    trials = store.trials(task.name, size, task.version)
    return [claims.verdict(trials, claim, task.needs) for claim in task.claims]


def ranking_text(
    table: pd.DataFrame, task: Task, size: Size, walls: Sequence[isolation.Wall] = ()
) -> str:
    """Return the ranking of each division, who is not ranked and why, and what the wall was."""
    parts = [f"{task.name} at {size}: {task.title}"]
    if table.empty:
        parts.append(f"No trial is stored yet: harness run --task {task.name} --size {size}")
        return "\n".join(parts)
    if size == "smoke":
        parts.append("Smoke trials test the machinery; their figures mean nothing.")
    ranked = table[table["status"] == "ranked"]
    for division in task.divisions:
        rows = ranked[ranked["division"] == division]
        if len(rows):
            parts.append(f"\n{division}\n" + _grid(_ranked_rows(rows, task)))
    others = table[table["status"] != "ranked"]
    if len(others):
        parts.append("\nnot ranked\n" + _grid(_other_rows(others, task)))
    axes = ", ".join(task.axes)
    parts.append(
        f"\nScore: geometric mean of the gains in {axes} over the division's baseline, which is "
        f"1.00. In brackets: 95 % intervals over seeds. * on the Pareto front of {axes}.\n"
        f"Target: {task.metric.target}."
    )
    parts += [text for wall in walls for text in _wrapped(wall_text(wall))]
    return "\n".join(parts)


def wall_text(wall: isolation.Wall) -> str:
    """Return how the trials of one level were walled off, and what its gaps cost."""
    text = f"Isolation {wall.level} ({wall.n_trials} trials): {', '.join(wall.held) or 'nothing'}."
    for name, reason in wall.gaps.items():
        text += f" Without {name} ({reason}): {isolation.layer(name).cost}"
    return text


def comparison_text(table: pd.DataFrame, a: str, b: str) -> str:
    """Return what `rank.compare` found, and whether the two were walled off alike."""
    lines = list(table["verdict"])
    levels = table[["a_level", "b_level"]].iloc[0].tolist()
    if levels[0] != levels[1]:
        lines.append(
            f"Mind the wall: the isolation of {a} was {levels[0]}, that of {b} {levels[1]}."
        )
    return "\n".join(lines)


def _ranked_rows(rows: pd.DataFrame, task: Task) -> list[list[str]]:
    head = [
        "rank", "submission", "score", _quality(task), f"gap {task.metric.unit}",
        "compression", "speed", "n", "isolation",
    ]  # fmt: skip
    body = [
        [
            str(row["rank"]),
            row["submission"] + (" *" if row["pareto"] else ""),
            interval(row, "score"),
            interval(row, "quality"),
            interval(row, "gap"),
            interval(row, "compression"),
            interval(row, "speed"),
            str(row["n_trials"]),
            row["level"],
        ]
        for _, row in rows.iterrows()
    ]
    return [head, *body]


def _other_rows(rows: pd.DataFrame, task: Task) -> list[list[str]]:
    head = ["submission", "status", _quality(task), "isolation", "why"]
    body = [
        [
            row["submission"],
            row["status"],
            interval(row, "quality"),
            row["level"],
            str(row["reason"] or ""),
        ]
        for _, row in rows.iterrows()
    ]
    return [head, *body]


def _quality(task: Task) -> str:
    """Return the head of the quality's column, which need not be the held-out error."""
    return f"{task.metric.name} {task.metric.unit}"


def interval(row: pd.Series[Any] | Mapping[str, Any], name: str) -> str:
    """Return '1.31 (1.28 to 1.34)', or the number alone where there is no interval."""
    value, low, high = (row.get(key) for key in (name, f"{name}_low", f"{name}_high"))
    if value is None or not math.isfinite(value):
        return "-"
    text = _number(value)
    if low is None or high is None or not math.isfinite(high - low) or low == high:
        return text
    return f"{text} ({_number(low)} to {_number(high)})"


def _number(value: float) -> str:
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _grid(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join("  " + line for line in lines)


def task_text(
    task: Task,
    sheet: Mapping[str, str],
    entries: Sequence[Submission],
    verdicts: Sequence[claims.Verdict],
) -> str:
    """Return a task's sheet, rules, submissions and claims."""
    lines = [task.name, sheet[""], ""]
    for key in SHEET:
        if key in sheet:
            lines += [*_wrapped(f"{key}: {sheet[key]}"), ""]
    lines += _wrapped(f"Target: {task.metric.target}.")
    lines += _wrapped(
        f"Axes: {', '.join(task.axes)}. Compression compares {task.counts or 'bytes'}. "
        f"Speed is that of {task.timed}. "
        f"What counts as a difference of gaps: {task.metric.resolution:g} {task.metric.unit}."
    )
    if task.needs:
        lines += _wrapped(f"Ranked only where these layers hold: {', '.join(task.needs)}.")
    for division, baseline in task.divisions.items():
        rule = f"against {baseline}" if baseline else "drawn, never ranked"
        names = [e.name for e in entries if (e.division or next(iter(task.divisions))) == division]
        lines += _wrapped(f"Division {division} ({rule}): {', '.join(names)}")
    for claim, verdict in zip(task.claims, verdicts, strict=True):
        c = claim.contrast
        lines += ["", *_wrapped(f"Claim: {claim.statement}")]
        lines += _wrapped(
            f"  Registered: {c.number}({c.a}) - {c.number}({c.b}) < {c.margin:g}, by the 95 % "
            "interval of paired differences over exams that both took."
        )
        lines += _wrapped(f"  {verdict.sentence}")
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 98, subsequent_indent="    ")


def task_facts(
    task: Task,
    sheet: Mapping[str, str],
    names: Sequence[str],
    verdicts: Sequence[claims.Verdict],
) -> dict[str, Any]:
    """Return what `task_text` says as JSON values."""
    return {
        "task": task.name,
        "title": task.title,
        "idea": task.idea,
        "version": task.version,
        "target": task.metric.target,
        "resolution": task.metric.resolution,
        "unit": task.metric.unit,
        "axes": list(task.axes),
        "counts": task.counts,
        "timed": task.timed,
        "divisions": dict(task.divisions),
        "needs": list(task.needs),
        "submissions": list(names),
        "sheet": dict(sheet),
        "claims": [vars(verdict) for verdict in verdicts],
    }


def page_hint(task: str, size: Size, store: str | None) -> str:
    """Say how to open the page."""
    del size
    where = f" --store {store}" if store else ""
    return f"Look at it: harness leaderboard --task {task}{where}"
