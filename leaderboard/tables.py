"""Turn standings into text: which columns a table shows and how a number reads.

Everything that comes from a submission passes through `plain`, since the page's tables render
Markdown: a reason such as `![](http://...)` would make the visitor's browser fetch it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from harness import isolation
from harness.isolation import Wall
from harness.vocabulary import AXES, Axis, Metric

SORTS = {"score": False, "quality": True, "gap": True, "compression": False, "speed": False}
"""Columns to sort by -> whether the smallest comes first (quality: as its metric says)."""


def plain(text: object) -> str:
    """Escape a text so that Markdown shows it as it is, on one line and without links."""
    line = " ".join(str(text).split())
    # Bare addresses become links even where they are escaped, so a word joiner breaks them.
    dead = re.sub(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", "\u2060", line, flags=re.IGNORECASE)
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", dead)


def title(text: str) -> str:
    """Write a column's title or a sentence: escaped, the first letter large."""
    return plain(text[:1].upper() + text[1:])


def number(value: float, like: float | None = None) -> str:
    """Write a number with three significant digits, or as many decimals as `like` then has."""
    if not math.isfinite(value):
        return "–"
    scale = abs(value if like is None else like)
    decimals = 2 if scale == 0 else 2 - math.floor(math.log10(scale))
    if decimals > 6:
        return f"{value:.2e}"
    text = f"{value:,.{max(decimals, 0)}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def interval(row: Mapping[Any, Any], column: str) -> str:
    """Write a column with its interval: '17.5 (15.1 to 19.9)'; alone where there is none."""
    value, low, high = (float(row[column + end]) for end in ("", "_low", "_high"))
    if not (math.isfinite(low) and math.isfinite(high)):
        return number(value)
    scale = max(abs(value), abs(low), abs(high))
    text = number(value, scale)
    # No-break spaces: a narrow column puts the interval below the value, in one piece.
    bounds = f"({number(low, scale)}\u00a0to\u00a0{number(high, scale)})"
    return text if low == high else f"{text} {bounds}"


def wall(found: Wall) -> str:
    """Write which layers of the wall held in the trials of a level, and what each gap costs."""
    count = f"{found.n_trials:,} trial" + ("s" if found.n_trials > 1 else "")
    lines = [f"**{found.level}**, {count}: {plain(', '.join(found.held) or 'no layer')}."]
    for name, reason in found.gaps.items():
        layer = isolation.layer(name)
        lines.append(
            f"- Without **{plain(name)}** ({plain(reason)}): {plain(layer.cost)} "
            f"It needs {plain(layer.offered_by)}."
        )
    return "\n".join(lines)


def ordered(table: pd.DataFrame, sort: str, metric: Metric) -> pd.DataFrame:
    """Sort ranked rows by one of `SORTS`; by score keeps the order of the standings."""
    if sort == "score":
        return table
    smallest_first = metric.lower_is_better if sort == "quality" else SORTS[sort]
    return table.sort_values(sort, ascending=smallest_first, kind="stable")


def ranked(table: pd.DataFrame, metric: Metric, everything: bool) -> pd.DataFrame:
    """Return the table of ranked entries as text; `everything` adds the less common columns."""
    unit = f" ({metric.unit})" if metric.unit else ""
    rows = []
    for row in table.to_dict("records"):
        cells = {
            "Rank": "–" if pd.isna(row["rank"]) else str(row["rank"]),
            "Submission": plain(row["submission"]),
            "Score": interval(row, "score"),
            title(metric.name + unit): interval(row, "quality"),
            title("gap" + unit): interval(row, "gap"),
            "Compression": interval(row, "compression"),
            "Speed": interval(row, "speed"),
            "Pareto": "★" if row["pareto"] else "",
            "Trials": f"{row['n_trials']:,}",
            "Isolation": row["level"],
        }
        if everything:
            cells |= {
                title("visible" + unit): number(row["visible"]),
                title("held-out" + unit): number(row["heldout"]),
                title("gap − baseline's" + unit): interval(row, "gap_difference"),
                "Status": row["status"],
                "Source": plain(str(row["source"])[:12]),
            }
        rows.append(cells)
    return pd.DataFrame(rows)


def unranked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of entries without a rank as text, each with its reason in full."""
    return pd.DataFrame(
        {
            "Submission": plain(row["submission"]),
            "Status": row["status"],
            "Trials": f"{row['n_trials']:,}",
            "Isolation": row["level"],
            "Reason": plain(row["reason"]),
        }
        for row in table.to_dict("records")
    )


def lines(table: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return the table of entries that are drawn and never ranked as text."""
    unit = f" ({metric.unit})" if metric.unit else ""
    return pd.DataFrame(
        {
            "Submission": plain(row["submission"]),
            title(metric.name + unit): interval(row, "quality"),
            title("gap" + unit): interval(row, "gap"),
            "Trials": f"{row['n_trials']:,}",
            "Isolation": row["level"],
        }
        for row in table.to_dict("records")
    )


def definitions(
    metric: Metric, axes: Sequence[Axis], timed: str, counts: str = ""
) -> dict[str, str]:
    """Return what each number of the table means, in one line each."""
    unit = f" {metric.unit}" if metric.unit else ""
    better = "smaller" if metric.lower_is_better else "larger"
    size = f"the baseline's {counts}" if counts else "bytes of the baseline's artifact and data"
    lines = {
        "gap": f"held-out error minus visible error{unit and ' in' + unit}; smaller is better.",
        "compression": f"{size} over the submission's; larger is better.",
        "speed": f"processor time of the baseline's {timed} over the submission's, run side by "
        "side on one core; larger is better.",
    }
    for axis in AXES:
        if axis not in axes:
            lines[axis] += " Shown here, not part of the score."
    gains = [
        f"(baseline's gap + {metric.resolution:g}) / (gap + {metric.resolution:g})"
        if axis == "gap"
        else axis
        for axis in axes
    ]
    mean = gains[0] if len(gains) == 1 else f"geometric mean of {', '.join(gains)}"
    lines["score"] = f"{mean}; the baseline has 1.00, larger is better."
    lines["quality"] = (
        f"{metric.name}{unit and ' in' + unit}; {better} is better. Target: {metric.target}."
    )
    return lines


def spreadsheet(table: pd.DataFrame) -> str:
    """Return the standings as CSV; a text that a spreadsheet would run gets a leading quote."""
    safe = table.copy()
    for name in table.select_dtypes(exclude=["number", "bool"]):
        safe[name] = table[name].map(_inert)
    return safe.to_csv(index=False)


def _inert(cell: object) -> object:
    risky = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{cell}" if risky else cell
