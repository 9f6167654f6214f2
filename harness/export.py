"""Write raw trials for other programs: CSV, JSON or Parquet; one row a trial, nothing derived."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from harness.store import Store
from harness.vocabulary import Refused, Size

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["csv", "json", "parquet"]
MAPPINGS = ("extra", "versions")
LISTS = ("isolation", "missing")


def export(
    store: Store, task: str | None = None, size: Size | None = None, format: Format = "csv"
) -> bytes:
    """Return the trials of a task and size, or of all, as the bytes of one file.

    Parameters
    ----------
    store
        Where the trials are.
    task, size
        Which of them; None: all.
    format
        'csv' (UTF-8; empty where there is no number; a text that a spreadsheet would take for a
        formula begins with an apostrophe), 'json' (a list of objects with the fields of `Trial`,
        series included, null where there is no number), or 'parquet' (the table of `rows`).

    Raises
    ------
    Refused
        No such format.
    """
    if format == "csv":
        table = rows(store, task, size)
        texts = table.select_dtypes(["object", "string"]).columns
        table[texts] = table[texts].map(_harmless)
        return table.to_csv(index=False, lineterminator="\n").encode()
    if format == "json":
        trials = store.trials(task, size, with_series=True).to_dict("records")
        return json.dumps(plain(trials), indent=1, allow_nan=False).encode() + b"\n"
    if format == "parquet":
        file = io.BytesIO()
        rows(store, task, size).to_parquet(file, index=False)
        return file.getvalue()
    raise Refused(f"A format is one of {', '.join(get_args(Format))}, got {format!r}.")


def rows(store: Store, task: str | None = None, size: Size | None = None) -> pd.DataFrame:
    """Return the trials as a flat table, the oldest first.

    Returns
    -------
    DataFrame
        One column per field of `Trial` but series; extra and versions spread over columns
        'extra.NAME' and 'versions.NAME', the lists of layers as texts joined by '; '.
    """
    import pandas as pd

    table = store.trials(task, size)
    for name in LISTS:
        table[name] = ["; ".join(layers) for layers in table[name]]
    spread = [
        pd.DataFrame(list(table[name]), index=table.index).add_prefix(f"{name}.")
        for name in MAPPINGS
    ]
    return pd.concat([table.drop(columns=list(MAPPINGS)), *spread], axis=1)


def plain(value: Any) -> Any:
    """Return values as JSON has them: numbers that are not finite become null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _harmless(value: Any) -> Any:
    """Keep a submission's words from being run as a formula by a spreadsheet."""
    return "'" + value if isinstance(value, str) and value.startswith(tuple("=+-@\t\r")) else value
