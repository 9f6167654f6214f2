"""What may be typed: every command with its arguments, and how they are read.

It imports nothing heavy: `harness --help` is to answer at once.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from typing import NoReturn

from harness import __version__
from harness.vocabulary import SIZES

Command = Callable[[argparse.Namespace], int]
"""Does what was typed and returns the exit code."""
USAGE = 2


class _Parser(argparse.ArgumentParser):
    """A parser that complains in one line, as every command does."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}. Try {self.prog} --help.\n")


def parser(known: Mapping[str, Command]) -> argparse.ArgumentParser:
    """Return the parser of the commands `known` by their names; their docstrings are the help."""
    top = _Parser(
        "harness", description="Open questions about deep learning theory, put to the test."
    )
    top.add_argument("--version", action="version", version=f"harness {__version__}")
    commands = top.add_subparsers(required=True, metavar="command")

    def add(name: str) -> argparse.ArgumentParser:
        command = known[name]
        summary = (command.__doc__ or "").splitlines()[0]
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(command=command)
        return sub

    def common(sub: argparse.ArgumentParser, task: bool = True, reads: bool = True) -> None:
        if task:
            sub.add_argument("--task", required=True, help="a name of `harness list`")
            sub.add_argument("--size", choices=SIZES, default="standard")
        sub.add_argument("--store", metavar="URL", help="a file or database URL")
        if reads:
            sub.add_argument("--json", action="store_true", help="print JSON")

    sub = add("list")
    sub.add_argument("--json", action="store_true", help="print JSON")
    sub = add("show")
    sub.add_argument("task")
    sub.add_argument("--store", metavar="URL")
    sub.add_argument("--json", action="store_true", help="print JSON")
    sub = add("new")
    sub.add_argument("name")
    sub.add_argument("--task", required=True)
    sub.add_argument("--folder", default=".", help="where the package's folder is made")
    sub = add("check")
    sub.add_argument("submission", nargs="+", help="a name, a file, a package or a module")
    sub.add_argument("--task", required=True)
    sub.add_argument("--json", action="store_true", help="print JSON")
    sub = add("install")
    sub.add_argument("package", nargs="+", help="a wheel, a project's folder or its archive")
    sub = add("uninstall")
    sub.add_argument("name", help="the package's name")
    sub = add("run")
    common(sub)
    sub.add_argument(
        "--submission", action="append", metavar="NAME|PATH|MODULE",
        help="repeatable; all installed ones without it",
    )  # fmt: skip
    sub.add_argument("--seeds", type=_seeds, default=tuple(range(5)), metavar="N|A,B,...")
    sub.add_argument("--isolation", default="auto", metavar="auto|require:LAYER[,LAYER]")
    sub.add_argument("--device", type=_device, default="cpu", metavar="cpu|cuda|cuda:N")
    sub.add_argument("--jobs", type=_jobs, help="examiners at once; one a core without it")
    sub.add_argument("--online", action="store_true", help="let data sets be downloaded")
    sub = add("rank")
    common(sub)
    sub = add("compare")
    sub.add_argument("a")
    sub.add_argument("b")
    common(sub)
    sub = add("verify")
    sub.add_argument("trial", help="its id, or the beginning of it")
    sub.add_argument("--submission", metavar="NAME|PATH", help="where, if not found by its name")
    common(sub, task=False)
    sub = add("export")
    sub.add_argument("--task")
    sub.add_argument("--size", choices=SIZES)
    sub.add_argument("--format", choices=("csv", "json", "parquet"), default="csv")
    sub.add_argument("--output", help="a file; standard output without it")
    common(sub, task=False, reads=False)
    sub = add("doctor")
    sub.add_argument(
        "--skip", default="", metavar="LAYER[,LAYER]", help="act as if it were missing"
    )
    common(sub, task=False)
    sub = add("leaderboard")
    sub.add_argument("--task")
    sub.add_argument("--port", type=int, default=8501)
    sub.add_argument("--no-browser", action="store_true")
    common(sub, task=False, reads=False)
    return top


def _seeds(text: str) -> tuple[int, ...]:
    """Read '5' as seeds 0 to 4 and '3,7' as those two."""
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"wanted a number or numbers, got {text!r}") from None
    seeds = tuple(range(numbers[0])) if len(numbers) == 1 else tuple(dict.fromkeys(numbers))
    if not seeds or min(seeds) < 0 or max(seeds) >= 2**31:
        raise argparse.ArgumentTypeError(f"seeds lie from 0 to 2147483647, got {text!r}")
    return seeds


def _device(text: str) -> str:
    """Read the name of a torch device."""
    if not re.fullmatch(r"cpu|cuda(:\d{1,3})?", text):
        raise argparse.ArgumentTypeError(f"wanted cpu, cuda or cuda:N, got {text!r}")
    return text


def _jobs(text: str) -> int:
    """Read a number of examiners."""
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"wanted a number from 1 to 1024, got {text!r}")
    return int(text)
