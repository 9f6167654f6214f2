"""How well two speeds are told apart when a submission and its pacer share a core."""

from __future__ import annotations

import os
import tempfile
import textwrap
from pathlib import Path

import numpy as np

from harness import catalog
from harness.pacing import side_by_side
from harness.sandbox import Limits, Nursery
from harness.trial import LEAST, Bench, Meter, MeteredFit

REPETITIONS = 12
SOURCES = {
    # Small arrays in a Python loop, as a training step of a small network is.
    "steps": """
        W, x = rng.normal(size=(64, 64)), rng.normal(size=(64, 64))
        for _ in range({n} * 400):
            x = np.tanh(x @ W / 8)
    """,
    # Larger than any cache.
    "memory": """
        x = rng.normal(size=1 << 23)
        for _ in range({n}):
            x = x[::-1] + 1.0
    """,
}
TEMPLATE = """
import numpy as np

rng = np.random.default_rng(0)

def fit(train, context):
{body}
    return {{"x": x[:1].copy()}}
"""


class Pacing:
    """Standard deviation of the ratio of one program to itself and to an unlike one, in percent."""

    timeout = 900

    def setup(self):
        self.cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(self.cores)})
        self.folder = tempfile.TemporaryDirectory()
        self.nursery = Nursery()
        self.nursery.wait()
        self.submissions = {}
        for name, body in SOURCES.items():
            path = Path(self.folder.name, f"{name}.py")
            n = 16 if name == "memory" else 20
            lines = textwrap.dedent(body.format(n=n)).strip("\n")
            path.write_text(TEMPLATE.format(body=textwrap.indent(lines, " " * 4)))
            self.submissions[name] = catalog.describe(name, "pacing", str(path), name)

    def teardown(self):
        self.nursery.close()
        self.folder.cleanup()
        os.sched_setaffinity(0, self.cores)

    def ratio(self, one, other, swap):
        """Return the processor time of `one` over that of `other`, both run at once."""

        def phase(name):
            def run(stop):
                meter = Meter()
                submission = self.submissions[name]
                bench = Bench(self.nursery, submission, 0, Limits(60.0), stop, meter)
                MeteredFit(bench, {})({})
                return None, meter.seconds

            return run

        lanes = side_by_side(phase(one), phase(other), LEAST["standard"], swap)
        for lane in lanes:
            if lane.error is not None:
                raise lane.error
        return lanes[0].mean / lanes[1].mean

    def spread(self, one, other):
        """Return the standard deviation of the log ratio in percent."""
        ratios = [self.ratio(one, other, bool(k % 2)) for k in range(REPETITIONS)]
        return 100 * float(np.std(np.log(ratios), ddof=1))

    def track_same(self):
        return self.spread("steps", "steps")

    def track_unlike(self):
        return self.spread("steps", "memory")

    track_same.unit = track_unlike.unit = "% of the ratio, standard deviation"
