"""Series of a trial from rows: tidy columns of equal length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.vocabulary import Arrays


def columns(rows: Sequence[Mapping[str, Any]]) -> Arrays:
    """Return rows of equal keys as columns; none for no rows."""
    return {name: np.asarray([row[name] for row in rows]) for name in rows[0]} if rows else {}
