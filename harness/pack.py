"""A finished round as one blob: the numbers that ranking needs, without reading all its rows.

A pack holds one row of 8-byte words per trial that the round requires. It is derived from the
store's rows and can be made anew at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

_LABELS = ("submission", "source", "division", "status", "reason", "isolation")
_INTEGERS = ("seed", "artifact_bytes", "embedded_bytes")
_FLOATS = ("finished", "visible", "heldout", "quality", "timed_seconds", "pacer_seconds")
_N_INTEGER_WORDS = 1 + len(_INTEGERS)
_N_WORDS = _N_INTEGER_WORDS + len(_FLOATS)
PACKED = (*_LABELS, *_INTEGERS, *_FLOATS, "extra")


def pack(
    seeds: Sequence[int], submissions: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Pack a round's rows, and a row of status 'missing' for each trial that it lacks.

    Returns
    -------
    dict
        labels: JSON list of lists of texts (`_LABELS`), each once; extra_names: JSON list; words:
        n x (10 + n_extra) little-endian 8-byte words, the first 4 of a row integers (an index into
        labels, then `_INTEGERS`), the others floats (`_FLOATS`, then one per name of extra).
    """
    there = {(row["submission"], row["seed"]): row for row in rows}
    division = {row["submission"]: row["division"] for row in rows}
    extra_names = sorted({name for row in rows for name in row["extra"]})
    required = [(name, seed) for seed in seeds for name in submissions]
    labels: dict[tuple[str, ...], int] = {}
    words = np.full((len(required), _N_WORDS + len(extra_names)), np.nan, dtype="<f8")
    integers = words.view("<i8")
    for k, (name, seed) in enumerate(required):
        row = there.get((name, seed))
        if row is None:
            texts = (name, submissions[name], division.get(name, ""), "missing", "", "")
            numbers = [seed, 0, 0]
        else:
            texts = (*(row[column] for column in _LABELS[:-1]), ", ".join(row["isolation"]))
            numbers = [row[column] for column in _INTEGERS]
            extra = (row["extra"].get(name, np.nan) for name in extra_names)
            floats = (row[column] for column in _FLOATS[1:])
            words[k, _N_INTEGER_WORDS:] = [seconds(row["finished"]), *floats, *extra]
        integers[k, :_N_INTEGER_WORDS] = [labels.setdefault(texts, len(labels)), *numbers]
    return {
        "labels": json.dumps(list(labels)),
        "extra_names": json.dumps(extra_names),
        "words": words.tobytes(),
    }


def unpack(packs: Sequence[tuple[str, str, str, bytes]]) -> pd.DataFrame:
    """Join packs of (round, labels, extra_names, words) into one frame; see `measurements`."""
    import pandas as pd

    names_of = {names: json.loads(names) for _, _, names, _ in packs}
    extra_names = sorted({name for names in names_of.values() for name in names})
    tables = [
        np.frombuffer(words, dtype="<i8").reshape(-1, _N_WORDS + len(names_of[names]))
        for _, _, names, words in packs
    ]
    counts = np.array([len(table) for table in tables], dtype=np.int64)
    columns = np.full((_N_WORDS + len(extra_names), counts.sum()), np.nan)
    integers = columns.view(np.int64)
    start = 0
    for table, (_, _, names, _) in zip(tables, packs, strict=True):
        places: slice | list[int] = slice(None)
        if names_of[names] != extra_names:
            extra = (_N_WORDS + extra_names.index(name) for name in names_of[names])
            places = [*range(_N_WORDS), *extra]
        integers[places, start : start + len(table)] = table.T
        start += len(table)

    texts: list[list[str]] = []  # labels of all packs, one pack after the other
    begins: dict[str, int] = {}  # labels of a pack -> where they begin
    for _, labels, _, _ in packs:
        if labels not in begins:
            begins[labels] = len(texts)
            texts += json.loads(labels)
    begin = np.array([begins[labels] for _, labels, _, _ in packs], dtype=np.int64)
    label = integers[0] + np.repeat(begin, counts)
    rounds = np.repeat(np.arange(len(packs)), counts)
    data: dict[str, Any] = {"round": _category(rounds, [round for round, _, _, _ in packs])}
    for k, column in enumerate(_LABELS):
        number: dict[str, int] = {}
        codes = [number.setdefault(text[k], len(number)) for text in texts]
        data[column] = _category(np.array(codes, dtype=np.int32)[label], list(number))
    data |= {column: integers[1 + k] for k, column in enumerate(_INTEGERS)}
    floats = (*_FLOATS, *(f"extra.{name}" for name in extra_names))
    data |= {column: columns[_N_INTEGER_WORDS + k] for k, column in enumerate(floats)}
    return pd.DataFrame(data, copy=False)


def _category(codes: np.ndarray, texts: list[str]) -> pd.Categorical[Any]:
    import pandas as pd

    categories = pd.Index(np.array(texts, dtype=object), dtype=object)
    return pd.Categorical.from_codes(codes, categories, validate=False)


def seconds(time: str) -> float:
    """Return seconds since 1970 of a UTC time in ISO 8601."""
    parsed = datetime.fromisoformat(time)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
