"""What a running round tells: one living line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import TextIO

from harness.engine import Event
from harness.vocabulary import Trial


class Progress:
    """Follow a round of `total` trials, `done` of which were there before.

    Parameters
    ----------
    total, done
        Numbers of trials.
    stream
        Where to write; its `isatty` decides the form.
    """

    def __init__(self, total: int, done: int, stream: TextIO) -> None:
        self.total, self.done, self.before = total, done, done
        self.stream = stream
        self.living = stream.isatty()
        self.started = time.monotonic()
        self.running: dict[int, Event] = {}
        self.drawn = 0.0
        self.warned: set[str] = set()

    def watch(self) -> Callable[[Trial | None, list[Event]], None]:
        """Return the callback of `run_round`."""

        def see(trial: Trial | None, events: list[Event]) -> None:
            for event in events:
                self.running[event[0]] = event
            if trial is not None:
                self.finished(trial)
            self.draw()

        return see

    def finished(self, trial: Trial) -> None:
        """Report a finished trial."""
        self.done += 1
        gone = (trial.submission, trial.seed)
        self.running = {k: e for k, e in self.running.items() if (e[2], e[3]) != gone}
        for layer in trial.missing:
            if layer not in self.warned:
                self.warned.add(layer)
                self.note(
                    f"WARNING: a layer of the wall is missing here: {layer}. "
                    "What that costs: harness doctor"
                )
        width = len(str(self.total))
        if trial.status == "ok":
            result = f"held-out {trial.heldout:.4g}, visible {trial.visible:.4g}"
        else:
            result = f"{trial.status}: {trial.reason}"
        self.note(
            f"[{self.done:>{width}}/{self.total}] {trial.submission} seed {trial.seed}: {result} "
            f"({trial.fit_seconds:.2f} s, {trial.peak_bytes >> 20} MiB), {self.left()}"
        )

    def left(self) -> str:
        """Say how long the rest will take if it goes on as so far."""
        new = self.done - self.before
        if self.done >= self.total:
            return "done"
        if not new:
            return "time left not known yet"
        seconds = (time.monotonic() - self.started) / new * (self.total - self.done)
        return f"about {_duration(seconds)} left"

    def draw(self) -> None:
        """Draw the living line, at most five times a second."""
        now = time.monotonic()
        if not self.living or now - self.drawn < 0.2:
            return
        self.drawn = now
        parts = [
            f"{name} seed {seed} {phase} {resident >> 20} MiB"
            for _, _, name, seed, phase, resident in self.running.values()
        ]
        text = f"{self.done}/{self.total}, {self.left()} | " + " | ".join(parts)
        width = shutil.get_terminal_size().columns - 1
        self.stream.write("\r\x1b[K" + text[:width])
        self.stream.flush()

    def note(self, text: str) -> None:
        """Write a line that stays."""
        self.stream.write(("\r\x1b[K" if self.living else "") + text + "\n")
        self.stream.flush()

    def close(self) -> None:
        """Leave the terminal clean."""
        if self.living:
            self.stream.write("\r\x1b[K")
            self.stream.flush()


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
