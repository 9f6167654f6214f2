"""The command line. Heavy libraries are imported by the command that needs them, not at start.

Exit codes: 0 every trial is good, 1 some failed, 2 usage, 3 a submission or a store was refused,
4 the harness itself failed.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import catalog
from harness import isolation as wall
from harness.arguments import USAGE, Command, parser
from harness.vocabulary import Refused, Submission, Task, Unknown

if TYPE_CHECKING:
    from harness.store import Store

GOOD, SOME_FAILED, REFUSED, FAULT = 0, 1, 3, 4


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors of ours are one line on stderr."""
    options = parser(COMMANDS).parse_args(argv)
    command: Command = options.command
    try:
        return command(options)
    except Unknown as error:
        return _complain(error, USAGE)
    except Refused as error:
        return _complain(error, REFUSED)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of a pipe has seen enough
        sys.stderr.close()
        return GOOD
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        place = error.filename or "The folder of temporary files (TMPDIR)"
        return _complain(OSError(f"{place}: {error.strerror}. Free some space."), FAULT)


def _complain(error: Exception, code: int) -> int:
    print(f"harness: {error.args[0] if error.args else error}", file=sys.stderr)
    return code


def list_(options: argparse.Namespace) -> int:
    """List the tasks."""
    rows = []
    for name, entry in catalog.tasks().items():
        sheet = catalog.sheet(name)
        idea = sheet.get("Idea", "").split(",")[0]
        rows.append({"task": name, "theme": entry.theme, "idea": idea, "title": sheet[""]})
    if options.json:
        _print_json(rows)
        return GOOD
    width = max((len(row["task"]) for row in rows), default=0)
    theme = ""
    for row in rows:
        if row["theme"] != theme:
            theme = row["theme"]
            print(theme)
        print(f"  {row['task']:<{width}}  idea {row['idea']:>2}  {row['title']}")
    return GOOD


def show(options: argparse.Namespace) -> int:
    """Show a task's sheet, rules, submissions and claims."""
    from harness import report
    from harness.export import plain

    task = catalog.load(options.task)
    sheet = catalog.sheet(options.task)
    entries = catalog.submissions(options.task)
    with _store(options) as store:
        verdicts = report.verdicts(store, task)
    if options.json:
        _print_json(plain(report.task_facts(task, sheet, list(entries), verdicts)))
    else:
        print(report.task_text(task, sheet, list(entries.values()), verdicts))
    for line in catalog.problems(options.task):
        print(f"harness: not usable: {line}", file=sys.stderr)
    return GOOD


def new(options: argparse.Namespace) -> int:
    """Write a complete package for a submission of your own."""
    from harness import scaffold

    files = scaffold.new(options.name, options.task, Path(options.folder))
    for path in files:
        print(path)
    module = next(path for path in files if path.suffix == ".py")
    print(
        f"\nEdit {module}, then\n"
        f"  harness check --task {options.task} {module}\n"
        f"  harness run --task {options.task} --submission {module}\n"
        f"and, to have it found by name: harness install {files[0].parent}"
    )
    return GOOD


def check(options: argparse.Namespace) -> int:
    """Check a submission: small named tests, each saying what to do."""
    _one_thread()
    from harness import check as conformance

    task = catalog.load(options.task)
    results = conformance.check_all(options.submission, task)
    if options.json:
        _print_json(conformance.as_json(results))
    else:
        for name, findings in results.items():
            if len(results) > 1:
                print(f"{name}:")
            print(conformance.report(findings))
    passed = all(finding.ok for findings in results.values() for finding in findings)
    return GOOD if passed else SOME_FAILED


def install(options: argparse.Namespace) -> int:
    """Install packages of submissions, so that they are found by name, and run none of them."""
    from harness import install as packages

    for text in options.package:
        package, old = packages.install(Path(text).expanduser().resolve())
        print(f"Installed {package.name} {package.version}" + (f", was {old}." if old else "."))
    return GOOD


def uninstall(options: argparse.Namespace) -> int:
    """Remove an installed package."""
    from harness import install as packages

    print(f"Removed {options.name} {packages.uninstall(options.name)}.")
    return GOOD


def run(options: argparse.Namespace) -> int:
    """Examine submissions, store every trial, print the ranking."""
    import contextlib

    from harness import report
    from harness import run as rounds
    from harness.engine import Engine, Fault
    from harness.progress import Progress
    from harness.runtime import claim, release

    if options.online:
        os.environ["HARNESS_ONLINE"] = "1"
    task = catalog.load(options.task)
    known = catalog.submissions(options.task)
    for line in catalog.problems(options.task):
        print(f"harness: not usable: {line}", file=sys.stderr)
    required = _required(options.isolation)
    _find(options.device)
    chosen, refused = _chosen(options, task, known)
    with contextlib.ExitStack() as ending:
        folder, hold = claim()
        ending.callback(release, folder, hold)
        store = ending.enter_context(_store(options))
        entries = rounds.freeze(rounds.field(task, chosen, known), Path(folder))
        round = rounds.open_round(store, task, options.size, options.seeds, entries, options.device)
        done = store.done(round.id)
        total = len(entries) * len(round.seeds)
        progress = Progress(total, len(done), sys.stderr)
        if done:
            progress.note(f"Going on with round {round.id[:8]}: {len(done)} of {total} are done.")
        engine = Engine(options.jobs, required=required)
        try:
            faults = rounds.run_round(store, engine, task, round, entries, progress.watch())
        except (KeyboardInterrupt, Fault) as end:
            progress.close()
            said = f"harness: {end}" if isinstance(end, Fault) else "\nStopped."
            kept = f"{len(store.done(round.id))} of {total} trials are stored."
            print(f"{said} {kept} The same command goes on.", file=sys.stderr)
            return FAULT if isinstance(end, Fault) else 130
        finally:
            progress.close()
        engine.close()
        for told in dict.fromkeys(map(str, faults)):
            print(f"harness: {told}", file=sys.stderr)
        if faults:
            kept = f"{len(store.done(round.id))} of {total} trials are stored."
            print(f"harness: {kept} The same command goes on.", file=sys.stderr)
        names = [entry.name for entry in entries]
        _print_ranking(options, store, task, names if options.submission else None)
        if not options.json:
            print(f"\n{report.page_hint(options.task, options.size, options.store)}")
        stored = store.trials(task.name, options.size, task.version)
    if faults:
        return FAULT
    failed = bool((stored.loc[stored["round"] == round.id, "status"] != "ok").any())
    return REFUSED if refused else SOME_FAILED if failed else GOOD


def _chosen(
    options: argparse.Namespace, task: Task, known: dict[str, Submission]
) -> tuple[list[Submission], bool]:
    """Return the submissions to run; one that cannot be used does not stop the others."""
    from harness.install import named
    from harness.run import entered

    chosen, refused = [], False
    for text in options.submission or known:
        try:
            found = [known[text]] if text in known else named(text, options.task)
            chosen += [entered(task, one) for one in found]
        except Refused as error:
            _complain(error, REFUSED)
            refused = True
    if not chosen:
        raise Refused("No submission is left to run.")
    return chosen, refused


def _required(isolation: str) -> tuple[str, ...]:
    if isolation == "auto":
        return ()
    kind, _, names = isolation.partition(":")
    layers = tuple(filter(None, names.split(",")))
    if kind != "require" or not layers:
        raise Unknown(f"--isolation is auto or require:LAYER[,LAYER], got {isolation!r}.")
    return wall.named(layers)


def _find(device: str) -> None:
    if device != "cpu":
        import torch

        n = torch.cuda.device_count()
        if int(device.partition(":")[2] or 0) >= n:
            raise Refused(f"There is no device {device!r} here: torch sees {n} CUDA devices.")


def rank(options: argparse.Namespace) -> int:
    """Print a task's ranking."""
    task = catalog.load(options.task)
    with _store(options) as store:
        _print_ranking(options, store, task, None)
    return GOOD


def _print_ranking(
    options: argparse.Namespace, store: Store, task: Task, names: list[str] | None
) -> None:
    from harness import report

    table = report.ranking(store, task, options.size)
    if options.json:
        print(table.to_json(orient="records", indent=2))
        return
    if names is not None:
        baselines = [name for name in task.divisions.values() if name is not None]
        divisions = set(table.loc[table["submission"].isin(names), "division"])
        shown = table["submission"].isin([*names, *baselines]) & table["division"].isin(divisions)
        hidden = int((~shown).sum())
        table = table[shown]
    walls = report.walls(store, task, options.size, table)
    print(report.ranking_text(table, task, options.size, walls))
    if names is not None and hidden:
        print(f"\n{hidden} more: harness rank --task {task.name}")
    for verdict in report.verdicts(store, task, options.size):
        print(f"\nClaim: {verdict.sentence}")


def compare(options: argparse.Namespace) -> int:
    """Compare two submissions on the exams that both took."""
    from harness import rank as ranking
    from harness import report
    from harness.install import name_of

    task = catalog.load(options.task)
    a, b = (name_of(text, options.task) for text in (options.a, options.b))
    with _store(options) as store:
        measured = store.measurements(task.name, options.size, task.version)
    known = sorted(set(measured["submission"]))
    for name in (a, b):
        if name not in known:
            raise Unknown(f"No trial of {name!r} is stored. {catalog.nearest(name, known)}")
    table = ranking.compare(measured, a, b, task.metric, task.divisions, task.counts)
    if options.json:
        print(table.to_json(orient="records", indent=2))
    else:
        print(report.comparison_text(table, options.a, options.b))
    return GOOD


def verify(options: argparse.Namespace) -> int:
    """Run a stored trial again from its secret and say whether it came out the same."""
    _one_thread()
    from harness import verify as again
    from harness.install import named
    from harness.sandbox import Nursery

    with _store(options) as store:
        trial = store.trial(options.trial)  # a wrong id should not wait for a nursery
        found = named(options.submission, trial.task) if options.submission else []
        same = [one for one in found if one.name == trial.submission]
        submission = next(iter(same or found), None)
        with Nursery() as nursery:
            result = again.verify(store, trial.id, nursery, submission)
    if options.json:
        _print_json(again.as_json(result))
    else:
        print(again.report(result))
    return GOOD if result.reproduced else SOME_FAILED


def export(options: argparse.Namespace) -> int:
    """Write raw trials as CSV, JSON or Parquet."""
    from harness import export as writer

    with _store(options) as store:
        data = writer.export(store, options.task, options.size, options.format)
    if options.output:
        try:
            Path(options.output).write_bytes(data)
        except OSError as error:
            raise Refused(f"{options.output} cannot be written: {error.strerror}.") from None
    else:
        sys.stdout.buffer.write(data)
    return GOOD


def doctor(options: argparse.Namespace) -> int:
    """Say which layers of the wall this machine offers, and attack them from inside."""
    _one_thread()
    from harness import doctor as examination

    skip = wall.named(filter(None, options.skip.split(",")))
    try:
        found = examination.diagnose(skip, options.store)
    except RuntimeError as error:
        return _complain(error, FAULT)
    if options.json:
        _print_json(examination.as_json(found))
    else:
        print(examination.report(found))
    return GOOD if found.sound else SOME_FAILED


def leaderboard(options: argparse.Namespace) -> int:
    """Open the leaderboard page and end with it, or end it."""
    import importlib
    import signal
    import subprocess

    catalog.adopt("leaderboard")
    if options.task:
        catalog.entry(options.task)
    if options.store:
        os.environ["HARNESS_STORE"] = options.store
    page = importlib.import_module("leaderboard")
    argv = page.command(port=options.port, headless=True)
    address = f"http://127.0.0.1:{options.port}/" + (
        f"?task={options.task}" if options.task else ""
    )
    print(f"The leaderboard is at {address} (Ctrl-C ends it).", flush=True)
    if not options.no_browser:
        import threading
        import webbrowser

        threading.Timer(3.0, webbrowser.open, [address]).start()
    with subprocess.Popen(argv) as server:  # which a terminal's Ctrl-C reaches by itself
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        return server.wait()


def _one_thread() -> None:
    """Compute in this process as an examiner does; before a library counts the cores."""
    from harness.nursery import ONE_THREAD

    os.environ.update(ONE_THREAD)


def _store(options: argparse.Namespace) -> Store:
    from harness.store import open_store

    return open_store(options.store)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, default=str))


COMMANDS: dict[str, Command] = {
    "list": list_,
    "show": show,
    "new": new,
    "check": check,
    "install": install,
    "uninstall": uninstall,
    "run": run,
    "rank": rank,
    "compare": compare,
    "verify": verify,
    "export": export,
    "doctor": doctor,
    "leaderboard": leaderboard,
}
"""In the order in which `--help` lists them."""
