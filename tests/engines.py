"""Stand in for examiners: make every trial up, for tests of what happens around trials."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from harness.trial import Item
from harness.vocabulary import Trial
from tests import fabricate

Ends = Callable[[Item], BaseException | dict[str, Any] | None]
"""How an item ends: by an error, as a trial with other fields, or well."""


class MadeUp:
    """An engine that starts nothing.

    Parameters
    ----------
    ends
        How each item ends; well without it.
    """

    def __init__(self, ends: Ends = lambda item: None) -> None:
        self.ends = ends
        self.items: list[Item] = []
        self.stopped = False

    def submit(self, item: Item) -> Future[Trial]:
        """Return a future that is done."""
        self.items.append(item)
        future: Future[Trial] = Future()
        end = self.ends(item)
        if isinstance(end, BaseException):
            future.set_exception(end)
        else:
            future.set_result(replace(trial_of(item), **{"id": uuid.uuid4().hex, **(end or {})}))
        return future

    def events(self) -> Iterator[Any]:
        """Tell nothing."""
        return iter(())

    def stop(self) -> None:
        """Note that it was stopped."""
        self.stopped = True

    def close(self) -> None:
        """Have nothing to close."""


def trial_of(item: Item) -> Trial:
    """Return a made-up trial of an item."""
    entry = item.submission
    round = replace(item.round, submissions={entry.name: entry.source}, seeds=(item.seed,))
    (trial,) = fabricate.trials(round)
    return replace(trial, source=entry.source, division=entry.division, missing=())
