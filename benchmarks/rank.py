"""Time what a board asks for: one task's standings out of a store of many tasks."""

from __future__ import annotations

import time

from benchmarks.store import N_SUBMISSIONS, SIZES, make_stores
from harness.rank import standings
from harness.store import Store, open_store
from harness.vocabulary import AXES, Metric

METRIC = Metric(
    name="error",
    unit="",
    resolution=0.01,
    target="at most 1.1 times the baseline's error",
    shortfall=lambda own, base: "too much" if own["quality"] > 1.1 * base["quality"] else "",
)


class Rank:
    """25 tasks of 100 submissions, every round with all of them and 5 seeds."""

    params = SIZES
    param_names = ("stored",)
    setup_cache = staticmethod(make_stores)
    timeout = 900
    timer = time.process_time  # on a shared machine it holds better than the clock on the wall

    def setup(self, stored: int) -> None:
        self.store: Store = open_store(f"{stored}.db")
        self.table = self.store.measurements("task-07", "standard", 1)
        standings(self.table, METRIC, {"open": "baseline"}, AXES)

    def teardown(self, stored: int) -> None:
        self.store.close()

    def time_rank(self, stored: int) -> None:
        measurements = self.store.measurements("task-07", "standard", 1)
        standings(measurements, METRIC, {"open": "baseline"}, AXES)

    def time_measurements(self, stored: int) -> None:
        self.store.measurements("task-07", "standard", 1)

    def time_standings(self, stored: int) -> None:
        standings(self.table, METRIC, {"open": "baseline"}, AXES)

    def track_rows(self, stored: int) -> int:
        assert self.table["submission"].nunique() == N_SUBMISSIONS
        return len(self.table)
