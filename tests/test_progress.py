"""What a running round tells: lines for a file, one living line for a terminal."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import termios
from dataclasses import replace

import pytest

from harness.progress import Progress
from tests import fabricate

EVENT = (17, "layerwise", "adam", 0, "fit", 250 << 20)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def trials():
    made = fabricate.trials(fabricate.round(seeds=(0, 1)))
    return [replace(trial, missing=()) for trial in made]


def test_elsewhere_than_on_a_terminal_every_trial_is_one_plain_line(trials):
    stream = io.StringIO()
    progress = Progress(4, 0, stream)
    see = progress.watch()
    for trial in trials:
        see(None, [EVENT])
        see(trial, [])
    progress.close()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 4
    assert "\r" not in stream.getvalue() and "\x1b" not in stream.getvalue()
    assert lines[0].startswith("[1/4] baseline seed 0: held-out ")
    assert f"({trials[0].fit_seconds:.2f} s, 300 MiB)" in lines[0]
    assert re.search(r", about \d+ s left$", lines[0])
    assert lines[-1].startswith("[4/4] adam seed 1: ") and lines[-1].endswith(", done")


def test_a_missing_layer_of_the_wall_is_said_once(trials):
    stream = io.StringIO()
    see = Progress(4, 0, stream).watch()
    for trial in trials:
        see(replace(trial, missing=("landlock: not here",)), [])
    warnings = [line for line in stream.getvalue().splitlines() if line.startswith("WARNING")]
    assert warnings == [
        "WARNING: a layer of the wall is missing here: landlock: not here. "
        "What that costs: harness doctor"
    ]


def test_a_trial_that_went_wrong_says_how(trials):
    stream = io.StringIO()
    reason = "ValueError: no [idea.py:3]"
    _, bad, *_ = fabricate.trials(fabricate.round(), failed={"adam": reason})
    Progress(4, 0, stream).watch()(bad, [])
    assert "adam seed 0: failed: ValueError: no [idea.py:3] (" in stream.getvalue()


def test_a_resumed_round_counts_on_and_estimates_from_its_own_trials_alone(trials, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("harness.progress.time.monotonic", lambda: now[0])
    stream = io.StringIO()
    progress = Progress(4, 2, stream)
    assert progress.left() == "time left not known yet"
    now[0] += 40
    progress.watch()(trials[2], [])
    assert stream.getvalue().startswith("[3/4] ")
    assert progress.left() == "about 40 s left"
    now[0] += 1000
    assert progress.left() == "about 17 min left"


def test_a_terminal_has_one_line_that_lives_and_is_wiped_before_a_line_that_stays(
    trials, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "60")
    now = [100.0]
    monkeypatch.setattr("harness.progress.time.monotonic", lambda: now[0])
    stream = Terminal()
    progress = Progress(4, 0, stream)
    see = progress.watch()
    see(None, [EVENT])
    living = stream.getvalue()
    assert living.startswith("\r\x1b[K0/4, time left not known yet | adam seed 0 fit 250 MiB"[:62])
    assert len(living.removeprefix("\r\x1b[K")) <= 59
    now[0] += 0.1
    see(None, [EVENT])
    assert stream.getvalue() == living  # at most five times a second
    adam = next(t for t in trials if t.submission == "adam" and t.seed == 0)
    now[0] += 1
    see(adam, [])
    shown = stream.getvalue().removeprefix(living)
    assert shown.startswith("\r\x1b[K[1/4] adam seed 0: held-out ")
    assert shown.count("\n") == 1
    assert "adam" not in shown.split("\n")[1]  # it runs no more
    progress.close()
    assert stream.getvalue().endswith("\r\x1b[K")


def read_until_silent(terminal: int, seconds: float = 0.5) -> str:
    """Read all that a terminal hands over: it comes piece by piece, not at once."""
    written = b""
    while select.select([terminal], [], [], seconds)[0]:
        written += os.read(terminal, 1 << 16)
    return written.decode()


def test_on_a_real_terminal_what_stays_are_the_trials_alone(trials):
    ours, theirs = pty.openpty()
    settings = termios.tcgetattr(theirs)
    settings[1] &= ~termios.OPOST  # the terminal adds no carriage returns of its own
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    with os.fdopen(theirs, "w") as stream:
        progress = Progress(4, 0, stream)
        see = progress.watch()
        for trial in trials:
            see(None, [EVENT])
            see(trial, [])
        progress.close()
        written = read_until_silent(ours)
    os.close(ours)
    screen = [line.split("\x1b[K")[-1] for line in written.split("\n")]
    assert [line[:5] for line in screen] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]", ""]
    assert "\r\x1b[K0/4" in written
