"""The command line: exit codes, one clear line for an error, JSON, nothing heavy at start."""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import catalog, cli, report
from harness.check import Finding
from harness.doctor import Attempt, Diagnosis
from harness.engine import Fault
from harness.store import open_store
from harness.trial import Item
from harness.verify import Verification
from harness.vocabulary import Refused
from tests import fabricate
from tests.engines import Ends, MadeUp

ROOT = Path(__file__).resolve().parent.parent
EXTRA = {"sanity": 2.0, "sanity_visible": 0.0, "parameters": 20_000.0}
"""What the target of layerwise asks for beside the errors."""
COMMANDS = sorted(
    next(
        a for a in cli.parser(cli.COMMANDS)._actions if isinstance(a, argparse._SubParsersAction)
    ).choices
)


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "trials.db"
    monkeypatch.setenv("HARNESS_STORE", str(path))
    monkeypatch.delenv("HARNESS_ONLINE", raising=False)
    return path


@pytest.fixture
def harness(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command here and return its exit code, standard output and standard error."""

    def run(*argv: str) -> tuple[int, str, str]:
        try:
            code = cli.main(argv)
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def trials(own_store: Path) -> list[Any]:
    """Fill the store with a round of three submissions and four exams."""
    known = catalog.submissions("layerwise")
    names = ("baseline", "adam", "sweeps")
    round = replace(
        fabricate.round(names, seeds=(0, 1, 2, 3)),
        submissions={name: known[name].source for name in names},
    )
    divisions = dict.fromkeys(names, "certified")
    made = fabricate.trials(round, divisions=divisions, extra=EXTRA)
    with open_store(str(own_store)) as store:
        store.begin(round)
        for trial in made:
            store.append(trial)
        store.finish(round.id)
    return made


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> Callable[[Ends], None]:
    """Let `run` make its trials up."""

    def by(ends: Ends) -> None:
        def whole(item: Item) -> Any:
            end = ends(item)
            return end if isinstance(end, BaseException) else {"extra": EXTRA, **(end or {})}

        def engine(jobs: int | None = None, required: Any = ()) -> MadeUp:
            return MadeUp(whole)

        monkeypatch.setattr("harness.engine.Engine", engine)

    by(lambda item: None)
    return by


RUN = ("run", "--task", "layerwise", "--size", "smoke", "--submission", "random", "--seeds", "2")


def strictly(text: str) -> Any:
    """Parse JSON without the NaN and Infinity that Python's parser would let through."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


# ---------------------------------------------------------------------------------------------
# Errors: one clear line, no traceback


WRONG = {
    "an unknown task": (
        ("rank", "--task", "layerwize"),
        2,
        "There is no task 'layerwize'. Did you mean 'layerwise'?",
    ),
    "an unknown task to show": (("show", "layer"), 2, "no task 'layer'"),
    "an unknown task of a page": (("leaderboard", "--task", "layerwize"), 2, "Did you mean"),
    "an unknown task of a package": (("new", "x", "--task", "layerwize"), 2, "Did you mean"),
    "an unknown submission": (
        ("run", "--task", "layerwise", "--submission", "basline"),
        2,
        "no submission 'basline' of layerwise. Did you mean 'baseline'?",
    ),
    "a file that is not there": (
        ("run", "--task", "layerwise", "--submission", "./idea.py"),
        2,
        "There is no file './idea.py'",
    ),
    "an unknown submission to check": (
        ("check", "--task", "layerwise", "swebs"),
        2,
        "Did you mean 'sweeps'?",
    ),
    "an unknown submission to compare": (
        ("compare", "--task", "layerwise", "baseline", "admam"),
        2,
        "No trial of 'baseline' is stored",
    ),
    "an unknown trial": (("verify", "0123"), 2, "no trial '0123'"),
    "a word as isolation": (
        (*RUN, "--isolation", "strict"),
        2,
        "--isolation is auto or require:LAYER[,LAYER], got 'strict'",
    ),
    "no layer": ((*RUN, "--isolation", "require:"), 2, "got 'require:'"),
    "an unknown layer": (
        (*RUN, "--isolation", "require:landlok"),
        2,
        "no layer 'landlok'. Did you mean 'landlock'?",
    ),
    "an unknown layer to do without": (
        ("doctor", "--skip", "limits,landlok"),
        2,
        "no layer 'landlok'. Did you mean 'landlock'?",
    ),
    "no seeds": ((*RUN, "--seeds", "0"), 2, "seeds lie from 0 to 2147483647, got '0'"),
    "a negative seed": ((*RUN, "--seeds", "3,-1"), 2, "seeds lie from 0 to 2147483647, got '3,-1'"),
    "a word as seeds": ((*RUN, "--seeds", "many"), 2, "wanted a number or numbers, got 'many'"),
    "a huge seed": ((*RUN, "--seeds", "1,2147483648"), 2, "seeds lie from 0 to 2147483647"),
    "no examiner": ((*RUN, "--jobs", "0"), 2, "wanted a number from 1 to 1024, got '0'"),
    "no device": ((*RUN, "--device", "gpu"), 2, "wanted cpu, cuda or cuda:N, got 'gpu'"),
    "a device that is not there": (
        (*RUN, "--device", "cuda:77"), 3, "There is no device 'cuda:77' here: torch sees",
    ),
    "an unknown size": ((*RUN, "--size", "tiny"), 2, "invalid choice: 'tiny'"),
    "an unknown command": (("rnak",), 2, "invalid choice: 'rnak'"),
    "no command": ((), 2, "required: command"),
    "no task": (("rank",), 2, "required: --task"),
    "a store in no folder": (
        ("rank", "--task", "layerwise", "--store", "/nowhere/at/all/trials.db"),
        3,
        "there is no folder /nowhere/at/all",
    ),
    "a store that is a folder": (("rank", "--task", "layerwise", "--store", "/"), 3, "The store /"),
    "a store that is none": (
        ("rank", "--task", "layerwise", "--store", __file__),
        3,
        "is not a SQLite database: name another file",
    ),
    "a store of an unknown kind": (
        ("export", "--store", "mysql://here/there"),
        3,
        "A store is a path, sqlite:///PATH or postgresql://..., got one of 'mysql://'",
    ),
    "an export that cannot be written": (
        ("export", "--output", "/nowhere/at/all.csv"),
        3,
        "/nowhere/at/all.csv cannot be written: No such file or directory.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("argv, code, message", WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_in_one_clear_line(argv, code, message, harness, examined):
    got, out, err = harness(*argv)
    assert got == code
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1
    assert err.startswith("harness")
    assert "Traceback" not in err


def test_a_submission_that_breaks_a_rule_does_not_stop_the_others(harness, examined, tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("def fit(train, context:\n")
    code, out, err = harness(*RUN, "--submission", str(bad))
    assert code == 3
    assert "bad.py:1: this is not Python" in err
    assert "[4/4]" in err  # the baseline and the other one, on two exams
    assert "random" in out


def test_an_unknown_division_does_not_stop_the_others(harness, examined, tmp_path):
    (tmp_path / "odd.py").write_text("DIVISION = 'closed'\n\n\ndef fit(train, context):\n    ...\n")
    code, _, err = harness(*RUN, "--submission", str(tmp_path / "odd.py"))
    assert code == 3
    assert "odd: DIVISION = 'closed', but layerwise has 'certified', 'open', 'line'." in err
    assert "[4/4]" in err


def test_a_folder_without_room_is_one_line_and_a_fault(harness, examined, monkeypatch):
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/harness-run-x")

    monkeypatch.setattr("harness.run.freeze", full)
    code, out, err = harness(*RUN)
    assert (code, out) == (4, "")
    assert err == "harness: /tmp/harness-run-x: No space left on device. Free some space.\n"


def test_a_fault_that_befalls_every_trial_is_told_once(harness, examined):
    examined(lambda item: Fault("The scratch folder has no room left."))
    code, _, err = harness(*RUN)
    assert code == 4
    assert err.splitlines() == [
        "harness: The scratch folder has no room left.",
        "harness: 0 of 4 trials are stored. The same command goes on.",
    ]


def test_with_no_submission_left_nothing_is_run(harness, examined, tmp_path, own_store):
    (tmp_path / "bad.py").write_text("def fit(train, context:\n")
    code, out, err = harness("run", "--task", "layerwise", "--submission", str(tmp_path / "bad.py"))
    assert (code, out) == (3, "")
    assert err.splitlines()[-1] == "harness: No submission is left to run."
    assert not own_store.exists()


# ---------------------------------------------------------------------------------------------
# Exit codes of a run


def bad(item: Item) -> dict[str, Any] | None:
    if item.submission.name != "random":
        return None
    return {"status": "failed", "reason": "ValueError: no [idea.py:3]"}


def test_a_run_without_a_failure_ends_with_0_and_shows_where_everybody_stands(harness, examined):
    code, out, err = harness(*RUN)
    assert code == 0
    assert [line[:5] for line in err.splitlines()] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert "layerwise at smoke" in out
    assert "figures mean nothing" in out
    assert "Claim: undecided" in out
    assert out.splitlines()[-1] == "Look at it: harness leaderboard --task layerwise"


def test_a_failed_trial_makes_1(harness, examined):
    examined(bad)
    code, out, err = harness(*RUN)
    assert code == 1
    assert "random seed 1: failed: ValueError: no [idea.py:3]" in err
    assert "not ranked" in out


def test_a_fault_of_the_harness_makes_4_and_leaves_the_round_to_be_gone_on_with(harness, examined):
    examined(lambda item: Fault("Traceback: the task is broken") if item.seed else None)
    code, _, err = harness(*RUN)
    assert code == 4
    assert "the task is broken" in err
    examined(lambda item: None)
    code, _, err = harness(*RUN)
    assert code == 0
    assert re.match(r"Going on with round [0-9a-f]{8}: 2 of 4 are done\.", err)


def test_a_failure_before_an_interruption_still_makes_1(harness, examined):
    def failing_then_broken(item: Item) -> Any:
        return Fault("broken") if item.seed else bad(item)

    examined(failing_then_broken)
    assert harness(*RUN)[0] == 4
    examined(lambda item: None)
    assert harness(*RUN)[0] == 1


def test_an_early_fault_of_everything_still_ends_with_4(harness, examined):
    examined(lambda item: Fault("the task is broken"))
    code, out, _ = harness(*RUN)
    assert code == 4
    assert "No trial is stored yet" in out


def test_data_that_are_not_here_end_a_run_with_3_and_leave_no_round(harness, examined):
    examined(lambda item: Refused("size full needs ...; run with --online."))
    code, out, err = harness(*RUN[:4], "full", *RUN[5:])
    assert (code, out) == (3, "")
    assert err == "harness: size full needs ...; run with --online.\n"
    out = harness("rank", "--task", "layerwise", "--size", "full")[1]
    assert "No trial is stored yet" in out


def test_full_size_without_online_is_refused_by_real_examiners_too(own_store):
    argv = [sys.executable, "-m", "harness", *RUN[:4], "full", "--submission", "random"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 3
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("harness: size full needs the hub dataset uoft-cs/cifar10 at revision")
    assert line.endswith("run with --online, or use --size standard.")


# ---------------------------------------------------------------------------------------------
# What the commands print


def test_every_reading_command_prints_json_on_request(harness, trials, examined, monkeypatch):
    first, second = trials[0], trials[1]
    again = Verification(first, first, True, {"heldout": (17.0, 17.0)}, {}, "exactly")
    monkeypatch.setattr("harness.verify.verify", lambda *arguments: again)
    finding = Finding("it fits", True, "a layer", "a layer", "", "")
    monkeypatch.setattr("harness.check.check_all", lambda names, task: {"adam": [finding]})
    task = ("--task", "layerwise")

    assert [row["task"] for row in strictly(harness("list", "--json")[1])] == list(catalog.tasks())
    shown = strictly(harness("show", "layerwise", "--json")[1])
    assert shown["divisions"] == {"certified": "baseline", "open": "baseline_open", "line": None}
    assert [claim["verdict"] for claim in shown["claims"]][1] == "undecided"
    assert strictly(harness("check", "adam", *task, "--json")[1])["adam"][0]["ok"] is True
    ranked = strictly(harness("rank", *task, "--json")[1])
    assert {row["submission"] for row in ranked} == {"baseline", "adam", "sweeps"}
    compared = strictly(harness("compare", "adam", "baseline", *task, "--json")[1])
    assert compared
    verified = strictly(harness("verify", first.id, "--json")[1])
    assert verified["reproduced"] is True
    exported = strictly(harness("export", "--format", "json")[1])
    assert len(exported) == len(trials)
    monkeypatch.setattr("harness.doctor.diagnose", lambda skip, store: healthy())
    assert strictly(harness("doctor", "--json")[1])["level"] == "full"
    run = strictly(harness(*RUN, "--json")[1])
    assert {row["submission"] for row in run} == {"baseline", "random"}
    assert second.submission == "adam"


def healthy(**changes: Any) -> Diagnosis:
    attempt = Attempt("reads a file of yours", "denied", ("landlock",), False)
    machine = {"system": "Linux 6", "processor": "a processor", "cores": 2}
    return replace(
        Diagnosis(fabricate.ISOLATION, (), (attempt,), (), machine, {"python": "3.11"}), **changes
    )


def test_the_doctor_ends_with_0_where_promises_are_kept_and_with_1_where_one_is_broken(
    harness, monkeypatch
):
    asked: list[Any] = []
    found = [healthy()]
    monkeypatch.setattr(
        "harness.doctor.diagnose", lambda skip, store: asked.append((skip, store)) or found[0]
    )
    code, out, _ = harness("doctor", "--skip", "landlock,masked data", "--store", "other.db")
    assert code == 0 and "Level of isolation: full." in out
    assert asked == [(("landlock", "masked data"), "other.db")]
    broken = Attempt("reads a file of yours", "got through", ("landlock",), True)
    found[0] = healthy(attempts=(broken,))
    code, out, _ = harness("doctor")
    assert code == 1 and "BROKEN PROMISE" in out


def test_a_nursery_that_does_not_start_is_a_fault_in_one_line(harness, monkeypatch):
    def fails(skip: Any, store: Any) -> Any:
        raise RuntimeError("The nursery ended at its start with exit code 1.")

    monkeypatch.setattr("harness.doctor.diagnose", fails)
    code, out, err = harness("doctor")
    assert (code, out) == (4, "")
    assert err == "harness: The nursery ended at its start with exit code 1.\n"


def test_trials_without_a_needed_layer_are_shown_with_the_reason_and_its_cost(
    harness, own_store, trials
):
    known = catalog.submissions("layerwise")
    round = replace(
        fabricate.round(("baseline", "random"), number=1),
        submissions={name: known[name].source for name in ("baseline", "random")},
    )
    held = tuple(x for x in fabricate.ISOLATION if x not in ("landlock 4", "masked data"))
    reasons = ("landlock: Function not implemented", "masked data: /usr/x can be read")
    with open_store(str(own_store)) as store:
        store.begin(round)
        for trial in fabricate.trials(
            round,
            divisions=dict.fromkeys(("baseline", "random"), "certified"),
            extra=EXTRA,
            isolation={"random": held},
            missing={"random": reasons},
        ):
            store.append(trial)
        store.finish(round.id)
    _, out, _ = harness("rank", "--task", "layerwise")
    (line,) = re.findall(r"^  random .*$", out, re.M)
    assert re.search(r" not isolated .* process +without masked data in 3 of 3 trials", line)
    ranked = re.findall(r"^  \d+ +(\w+).* (full|confined|process)$", out, re.M)
    assert sorted(ranked) == [("adam", "full"), ("baseline", "full"), ("sweeps", "full")]
    words = " ".join(out.split())
    assert f"Isolation full (15 trials): {', '.join(fabricate.ISOLATION)}." in words
    assert f"Isolation process (3 trials): {', '.join(held)}." in words
    assert "Without landlock (Function not implemented): A submission can read your" in words
    _, out, _ = harness("compare", "adam", "random", "--task", "layerwise")
    assert out.splitlines()[-1] == (
        "Mind the wall: the isolation of adam was full, that of random process."
    )
    _, out, _ = harness("compare", "adam", "baseline", "--task", "layerwise")
    assert "Mind the wall" not in out


def test_json_of_a_store_without_trials_parses_too(harness):
    assert strictly(harness("rank", "--task", "layerwise", "--json")[1]) == []
    claims = strictly(harness("show", "layerwise", "--json")[1])["claims"]
    assert [claim["effect"] for claim in claims] == [None, None]


def test_the_ranking_as_text_names_everybody_once(harness, trials):
    code, out, _ = harness("rank", "--task", "layerwise")
    assert code == 0
    for name in ("baseline", "adam", "sweeps"):
        assert len(re.findall(rf"^  (?:\d+ +)?{name}\b", out, re.M)) == 1, out
    assert "Target: visible and held-out error at most 10/7" in out
    assert max(map(len, out.splitlines())) < 400


def test_the_column_of_the_quality_has_the_metrics_name(trials, own_store):
    task = catalog.load("layerwise")
    other = replace(task.metric, name="solved functions", unit="")
    with open_store(str(own_store)) as store:
        table = report.ranking(store, task, "standard")
    for metric, name in ((task.metric, "held-out error %"), (other, "solved functions")):
        text = report.ranking_text(table, replace(task, metric=metric), "standard")
        heads = re.findall(r"^  rank +.*|^  submission +.*", text, re.M)
        assert heads and all(f"  {name}  " in head for head in heads)
        assert all(("held-out" in head) == ("held-out" in name) for head in heads)


def test_a_run_of_some_shows_these_and_says_where_the_others_are(harness, trials, examined):
    _, out, _ = harness("run", "--task", "layerwise", "--submission", "random", "--seeds", "4")
    assert re.search(r"^  (?:\d+ +)?random\b", out, re.M)
    assert not re.search(r"^  (?:\d+ +)?sweeps\b", out, re.M)
    assert "2 more: harness rank --task layerwise" in out


def test_show_prints_the_sheet_the_rules_and_the_registered_claims(harness, trials):
    _, out, _ = harness("show", "layerwise")
    for key in catalog.SHEET:
        assert f"\n{key}: " in out
    words = " ".join(out.split())
    assert "Ranked only where these layers hold: masked data." in words
    assert "Division certified (against baseline): baseline, adam" in out
    assert "Division line (drawn, never ranked): end_to_end_adam, end_to_end_sgd" in out
    assert "Registered: heldout(sweeps) - heldout(baseline) < 0" in out


def test_the_page_is_opened_with_the_task_and_the_store_that_were_named(
    harness, monkeypatch, own_store, tmp_path
):
    called: list[list[str]] = []
    program = [sys.executable, "-c", "raise SystemExit(3)"]
    started = subprocess.Popen
    monkeypatch.setattr("subprocess.Popen", lambda argv: called.append(argv) or started(program))
    before = signal.getsignal(signal.SIGTERM)
    other = str(tmp_path / "other.db")
    code, out, _ = harness(
        "leaderboard", "--task", "layerwise", "--store", other, "--port", "8600", "--no-browser"
    )
    signal.signal(signal.SIGTERM, before)
    assert code == 3  # what the page ended with
    assert "http://127.0.0.1:8600/?task=layerwise" in out
    assert any("8600" in part for part in called[0])
    assert os.environ["HARNESS_STORE"] == other


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_page_ends_with_the_command(tmp_path, number):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = ["leaderboard", "--no-browser", "--port", str(port), "--store", str(tmp_path / "x.db")]
    command = subprocess.Popen(
        [sys.executable, "-m", "harness", *argv],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=interruptible,
    )
    try:
        wait_until(lambda: answers(port))
        if number == signal.SIGINT:  # as a terminal does: to everything in the foreground
            os.killpg(command.pid, number)
        else:
            command.send_signal(number)
        command.wait(timeout=30)
        wait_until(lambda: not answers(port))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(command.pid, signal.SIGKILL)
        command.wait()


def interruptible() -> None:
    """Obey an interrupt, which what a script starts in the background is told to ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def answers(port: int) -> bool:
    with socket.socket() as page:
        return page.connect_ex(("127.0.0.1", port)) == 0


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


# ---------------------------------------------------------------------------------------------
# The commands themselves


HEAVY = {"torch", "numpy", "scipy", "pandas", "datasets", "streamlit", "sqlalchemy", "sklearn"}


@pytest.mark.parametrize("argv", [["--help"], ["list"], ["run", "--help"], ["--version"]], ids=str)
def test_help_and_list_import_nothing_heavy(argv):
    program = (
        "import sys\nfrom harness import cli\n"
        f"try:\n    cli.main({argv!r})\nexcept SystemExit:\n    pass\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert len(done.stdout.splitlines()) > 1


def test_a_reader_that_has_seen_enough_causes_no_complaint():
    program = f"{sys.executable} -m harness show layerwise | head -n 1"
    done = subprocess.run(["sh", "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "layerwise\n"
    assert done.stderr == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme_and_says_what_it_does(command, harness):
    assert f"`harness {command}" in (ROOT / "README.md").read_text()
    code, out, _ = harness(command, "--help")
    assert code == 0
    about = out.split("\n\n")[1].strip()
    assert about[0].isupper() and about.endswith(".")


ONE_THREAD_FIRST = """
import os, sys
from harness import cli

limit = cli._one_thread

def late_or_not():
    limit()
    os._exit(9 if "numpy" in sys.modules else 7)

cli._one_thread = late_or_not
cli.main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    "argv",
    [("check", "--task", "layerwise", "baseline"), ("verify", "x"), ("doctor",)],
    ids=lambda argv: argv[0],
)
def test_a_command_that_computes_here_says_one_thread_before_numpy_is_loaded(argv):
    ended = subprocess.run([sys.executable, "-c", ONE_THREAD_FIRST, *argv], check=False, cwd=ROOT)
    assert ended.returncode == 7
