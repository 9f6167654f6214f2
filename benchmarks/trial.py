"""What the wall costs: a whole trial that does nothing, and the first training step of a phase."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from harness import catalog
from harness.sandbox import Limits, Nursery
from harness.store import open_store
from harness.trial import Examination, Item
from harness.vocabulary import Exam, Metric, Round, Scores, Task

NOTHING = """
import numpy as np

def fit(train, context):
    return {"w": np.zeros(3)}

def predict(artifact, inputs):
    return {"y": inputs["x"] @ artifact["w"]}
"""
TWO_STEPS = """
import time
import numpy as np
import torch

def fit(train, context):
    model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 8))
    x, y = torch.randn(64, 64), torch.randn(64, 8)
    seconds = []
    start = time.process_time()
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    for _ in range(20):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        seconds.append(time.process_time() - start)
        start = time.process_time()
    return {"seconds": np.array(seconds)}
"""


def _make(seed, size):
    x = np.random.default_rng(seed).normal(size=(10, 3))
    return Exam(train={"x": x}, inputs={"x": x}, truth={"y": np.zeros(10)})


def _score(exam, artifact, outputs):
    error = float(np.square(outputs["y"] - exam.truth["y"]).mean())
    return Scores(visible=error, heldout=error, quality=error)


TASK = Task(
    name="nothing",
    title="Does nothing.",
    idea=0,
    metric=Metric("error", "", 1.0, "any", lambda mine, baseline: ""),
    make=_make,
    score=_score,
)


class Trial:
    """A trial of two isolated phases that does nothing, from the exam to the stored row."""

    timeout = 300
    repeat = 3
    number = 10

    def setup(self):
        self.folder = tempfile.TemporaryDirectory()
        paths = {}
        for name, source in (("nothing", NOTHING), ("steps", TWO_STEPS)):
            paths[name] = Path(self.folder.name, f"{name}.py")
            paths[name].write_text(source)
        self.nothing, self.steps = (
            catalog.describe(name, "nothing", str(path), name) for name, path in paths.items()
        )
        self.store = open_store(str(Path(self.folder.name, "trials.db")))
        self.nursery = Nursery()
        self.nursery.wait()
        self.begun = 0
        self.trial()

    def teardown(self):
        self.nursery.close()
        self.store.close()
        self.folder.cleanup()

    def trial(self):
        """Run one whole trial and store it."""
        self.begun += 1
        sources = {self.nothing.name: self.nothing.source}
        round = Round(
            f"{self.begun:032x}", "nothing", 1, "smoke", (0,), sources, "", {}, "2026-01-01"
        )
        item = Item(round, self.nothing, None, 0)
        examination = Examination(TASK, _make(0, "smoke"), item, self.nursery, Limits(10.0))
        examination.run()
        self.store.begin(round)
        self.store.append(examination.trial("ok", ""))

    def _processor_seconds(self):
        own = time.process_time()
        with open(f"/proc/{self.nursery.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        ticks = sum(int(field) for field in fields[11:15])  # its own and its dead children's
        return own + ticks / os.sysconf("SC_CLK_TCK")

    def time_trial(self):
        self.trial()

    def track_processor_ms(self):
        start = self._processor_seconds()
        for _ in range(100):
            self.trial()
        return 10 * (self._processor_seconds() - start)

    track_processor_ms.unit = "ms of processor time"

    def track_first_step_ms(self):
        extra = []
        for _ in range(5):
            process = self.nursery.start(self.steps, "fit", Limits(10.0))
            seconds = process.call({})[0]["seconds"]
            process.close()
            extra.append(1000 * (seconds[0] - np.median(seconds[1:])))
        return float(np.median(extra))

    track_first_step_ms.unit = "ms over a later step"


class Start:
    """Processor time of starting things, beside a bare interpreter and one that imports torch."""

    params = ["harness --help", "harness list", "python", "python with torch"]
    param_names = ["command"]
    timeout = 300

    def track_processor_ms(self, command):
        python = sys.executable
        argv = {
            "harness --help": [python, "-m", "harness", "--help"],
            "harness list": [python, "-m", "harness", "list"],
            "python": [python, "-c", "pass"],
            "python with torch": [python, "-c", "import torch"],
        }[command]
        best = float("inf")
        for _ in range(5):
            before = os.times()
            subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)
            after = os.times()
            used = after.children_user + after.children_system
            best = min(best, used - before.children_user - before.children_system)
        return 1000 * best

    track_processor_ms.unit = "ms of processor time"
