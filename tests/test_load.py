"""Many rounds at once on one store: every row once, no error, and memory that stays flat."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.catalog import ROOT
from harness.store import open_store
from tests.stage import Stage

ROUNDS, ENTRIES, SEEDS = 8, 5, 250
N_TRIALS = ROUNDS * ENTRIES * SEEDS

RUN = """
import json, os, sys, threading, uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from harness import run as rounds
from harness.progress import Progress
from harness.store import open_store
from harness.vocabulary import Submission
from tests import tiny
from tests.engines import MadeUp, trial_of

url, number, n_entries, n_seeds = sys.argv[1], *map(int, sys.argv[2:])
NOISE = {"x": [k / 7 for k in range(500)]}


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class AsFastAsItIsStored(MadeUp):
    room = threading.Semaphore(4)

    def __init__(self):
        super().__init__()
        self.pool = ThreadPoolExecutor(1)

    def submit(self, item):
        return self.pool.submit(self.examine, item)

    def examine(self, item):
        self.room.acquire()
        return replace(trial_of(item), id=uuid.uuid4().hex, series={"noise": dict(NOISE)})


names = ["baseline", *(f"entry{k}" for k in range(1, n_entries))]
entries = [Submission(n, "tiny", n, f"/{n}", f"{number}{n}", "open", 0) for n in names]
n = n_entries * n_seeds
sizes = []
with open(os.devnull, "w") as nowhere, open_store(url) as store:
    progress = Progress(n, 0, nowhere)
    show = progress.watch()

    def watch(trial, events):
        show(trial, events)
        if trial is not None:
            AsFastAsItIsStored.room.release()
            if progress.done in (n // 10, n // 2, n):
                sizes.append(resident())

    round = rounds.open_round(store, tiny.TASK, "smoke", range(n_seeds), entries)
    faults = rounds.run_round(store, AsFastAsItIsStored(), tiny.TASK, round, entries, watch)
print(json.dumps({"round": round.id, "faults": len(faults), "sizes": sizes}))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "trials.db")
    return str(request.getfixturevalue("postgres_url"))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_eight_rounds_at_once_store_ten_thousand_trials_in_flat_memory(url):
    start = time.monotonic()
    numbers = [str(number) for number in (ENTRIES, SEEDS)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RUN, url, str(number), *numbers],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(ROUNDS)
    ]  # fmt: skip
    ended = [(*process.communicate(timeout=1200), process.returncode) for process in processes]
    seconds = time.monotonic() - start
    assert [(err, code) for _, err, code in ended] == [("", 0)] * ROUNDS
    told = [json.loads(out) for out, _, _ in ended]
    assert [one["faults"] for one in told] == [0] * ROUNDS
    with open_store(url) as store:
        rows = store.trials()
        measured = store.measurements("tiny", "smoke", 1)
    assert len(rows) == len(set(zip(rows["round"], rows["submission"], rows["seed"], strict=True)))
    assert rows["round"].value_counts().to_dict() == {one["round"]: ENTRIES * SEEDS for one in told}
    assert len(rows) == len(measured) == N_TRIALS
    assert set(measured["status"]) == {"ok"}
    growth = [(sizes[-1] - sizes[0]) / 2**20 for sizes in (one["sizes"] for one in told)]
    at = ["/".join(f"{size / 2**20:.1f}" for size in one["sizes"]) for one in told]
    print(f"{N_TRIALS / seconds:.0f} rows/s; MiB after 10/50/100 %: {', '.join(at)}")
    assert max(growth) < 4


@pytest.mark.slow
def test_eight_real_rounds_at_once_lose_and_repeat_nothing(url, tmp_path):
    stages = []
    for number in range(ROUNDS):
        (tmp_path / str(number)).mkdir()
        stages.append(Stage(tmp_path / str(number), url))
    running = [stage.start(seeds=f"{2 * k},{2 * k + 1}") for k, stage in enumerate(stages)]
    for process in running:
        _, said = process.communicate(timeout=600)
        assert process.returncode == 0, said
        assert "Traceback" not in said
    rounds = stages[0].rounds()
    assert len(rounds) == ROUNDS
    assert all(finished for _, finished in rounds.values())
    with open_store(url) as store:
        rows = store.trials()
    acknowledged = [trial["id"] for stage in stages for trial in stage.lines("acknowledged")]
    assert sorted(rows["id"]) == sorted(acknowledged)
    assert set(zip(rows["submission"], rows["seed"], strict=True)) == {
        (name, seed) for name in ("baseline", "honest") for seed in range(2 * ROUNDS)
    }
    assert len(rows) == 4 * ROUNDS
    for stage in stages:
        assert stage.quiet()
        assert stage.left() == []
