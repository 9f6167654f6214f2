"""A real command on the tiny task, started again and again, and what it leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.catalog import ROOT
from harness.store import Store, open_store
from harness.vocabulary import Round
from tests import steps, tiny

SEEDS = 2


@dataclass
class Stage:
    """A folder with a task, a submission and a store, in which one command runs again and again."""

    folder: Path
    url: str
    limits: list[str] = field(default_factory=list)
    """What the command is started by."""
    scratch: Path | None = None
    """Its folder of temporary files, where that is another one than ours."""
    seen: Path | None = None
    """Where we see the folder of the store, if not where the command sees it."""
    server: int = 0
    """The process that keeps the store, where it is a server."""

    def __post_init__(self) -> None:
        installed = self.folder / "installed"
        described = installed / "tiny_exam-1.0.dist-info"
        described.mkdir(parents=True)
        (self.folder / "tmp").mkdir()
        (installed / "tiny_exam.py").write_text("from tests.tiny import TASK as TASK\n")
        (installed / "tiny_baseline.py").write_text(tiny.HONEST)
        (described / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        (described / "entry_points.txt").write_text(
            "[harness.tasks]\ntiny = tiny_exam\n[harness.submissions.tiny]\n"
            "baseline = tiny_baseline\n"
        )
        (self.folder / "honest.py").write_text(tiny.HONEST)
        self.log.touch()

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def store(self) -> Store:
        """Open the store; a copy of it where it lies on a disk that only the command sees."""
        if self.seen is None:
            return open_store(self.url)
        for old in self.folder.glob("trials.db*"):
            old.unlink()
        for path in self.seen.glob("trials.db*"):
            shutil.copyfile(path, self.folder / path.name)
        return open_store(str(self.folder / "trials.db"))

    def start(
        self, kill: str = "", clock: str = "", seeds: str = str(SEEDS)
    ) -> subprocess.Popen[str]:
        """Start the command; always the same, but for what befalls it."""
        return subprocess.Popen(
            [
                *self.limits, sys.executable, "-m", "tests.steps", "run", "--task", "tiny",
                "--size", "smoke", "--seeds", seeds, "--jobs", "1",
                "--submission", str(self.folder / "honest.py"), "--store", self.url,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": str(self.folder / "installed"),
                "HARNESS_TASKS": "tiny",
                "TMPDIR": str(self.scratch or self.folder / "tmp"),
                "STEPS_LOG": str(self.log),
                "STEPS_KILL": kill,
                "STEPS_CLOCK": clock,
            },
        )  # fmt: skip

    def run(self, **befalls: Any) -> tuple[int, str]:
        """Run the command to its end; return its exit code and what it complained of."""
        process = self.start(**befalls)
        try:
            _, said = process.communicate(timeout=180)
        except subprocess.TimeoutExpired:  # an orphan of a killed run may hold our pipe
            for pid in self.survivors():
                os.kill(pid, signal.SIGKILL)
            raise
        return process.returncode, said

    def lines(self, key: str) -> list[Any]:
        return [line[key] for line in steps.notes(str(self.log)) if key in line]

    def note_server(self, pid: int) -> None:
        """Let a run know which server it may kill."""
        self.server = pid
        self.log.write_text(json.dumps({"process": "server", "pid": pid}) + "\n")

    def survivors(self) -> set[int]:
        """Return every living process of any run here: all have the folder in their environment."""
        found = set(self.lines("pid")) - {self.server}
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if os.fsencode(self.scratch or self.folder / "tmp") in path.read_bytes():
                    found.add(int(path.parent.name))
            except OSError:
                continue
        return {pid for pid in found if steps.alive(pid)}

    def quiet(self, seconds: float = 30) -> bool:
        """Whether every process of the run ends soon, by itself."""
        deadline = time.monotonic() + seconds
        while self.survivors():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def left(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "tmp").iterdir())

    def sweep(self) -> None:
        """Claim a scratch folder and release it, as every run does."""
        code = "from harness.runtime import claim, release; release(*claim())"
        environment = {**os.environ, "TMPDIR": str(self.scratch or self.folder / "tmp")}
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)

    def rounds(self) -> dict[str, tuple[Round, bool]]:
        """Return every round with whether it is finished, by id."""
        with self.store() as store, store._engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT id, finished FROM rounds").all()
            return {row.id: (store.round(row.id), row.finished is not None) for row in rows}
