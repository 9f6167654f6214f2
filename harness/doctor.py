"""What this machine offers for the wall, proved: a probe attacks it from inside.

A nursery is started and `harness.probe` runs in it as any submission does. Each attack is denied
or gets through; one that gets through although a layer that denies it claims to hold is a broken
promise. Nothing of the user's is changed, whatever gets through.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.metadata
import itertools
import os
import secrets
import shutil
import socket
import sysconfig
import tempfile
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from harness import catalog, isolation, machine, probe
from harness.sandbox import Ended, Limits, MiB, Nursery
from harness.store import open_store
from harness.vocabulary import Arrays, Refused, Submission

Outcome = Literal["denied", "got through", "not tried"]
OUTCOMES: dict[int, Outcome] = {
    probe.DENIED: "denied",
    probe.GOT_THROUGH: "got through",
    probe.NOT_TRIED: "not tried",
}
LIMITS = Limits(seconds=60, memory=1024 * MiB)
TIGHT = Limits(seconds=20, memory=512 * MiB)
BRIEF = Limits(seconds=0.5)
LEAST_DISK = 1 << 30
SAID = ("harness", "python", "torch", "numpy", "scipy")
"""Versions that are worth a line."""


@dataclass(frozen=True)
class Attempt:
    """One attack and what became of it."""

    does: str
    """Goes on from 'a submission ...'."""
    outcome: Outcome
    by: tuple[str, ...]
    """The layers each of which denies it."""
    broken: bool
    """Whether it got through although one of them holds."""


@dataclass(frozen=True)
class Diagnosis:
    """What a machine offers."""

    holding: tuple[str, ...]
    missing: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    warnings: tuple[str, ...]
    machine: Mapping[str, Any]
    versions: Mapping[str, str]

    @property
    def level(self) -> isolation.Level:
        """The level of isolation that trials reach here."""
        return isolation.level(self.holding)

    @property
    def sound(self) -> bool:
        """Whether every layer that claims to hold keeps its promises."""
        return not any(attempt.broken for attempt in self.attempts)


def diagnose(skip: Sequence[str] = (), store: str | None = None) -> Diagnosis:
    """Start a nursery, attack it from inside, and look around.

    Parameters
    ----------
    skip
        Layers to leave out, so that their cost is seen.
    store
        As `store.open_store` takes it.

    Raises
    ------
    RuntimeError
        The nursery does not start, or the probe ended before it could tell.
    """
    place, refusal = _store(store)
    warnings = [*_surroundings(), *filter(None, [refusal])]
    with tempfile.TemporaryDirectory(prefix=f"harness-doctor-{os.getpid()}-") as folder:
        submission = _probe()
        with _bait(Path(folder)) as bait, Nursery(skip=skip) as nursery:
            nursery.wait()
            process = nursery.start(submission, "fit", LIMITS)
            try:
                found = process.call({}, {**bait, **_around(nursery, place)})[0]
            except Ended as end:
                raise RuntimeError(f"The probe ended before it could tell: {end}") from None
            finally:
                usage = process.close()
            attempts = [
                _attempt(attack.does, int(found[name]), attack.by, usage.holding)
                for name, attack in probe.ATTACKS.items()
            ]
            for does, limits, bytes_, seconds in (
                ("holds 256 MiB more than its memory", TIGHT, TIGHT.memory + 256 * MiB, 1.0),
                ("runs past its clock", BRIEF, 0, 10 * BRIEF.seconds),
            ):
                wish = {"bytes": np.array(bytes_), "seconds": np.array(seconds)}
                through = _stays(nursery, submission, limits, wish)
                attempts.append(_attempt(does, through, ("process",), usage.holding))
    return Diagnosis(
        holding=usage.holding,
        missing=usage.missing,
        attempts=tuple(attempts),
        warnings=tuple(warnings),
        machine=machine.describe(),
        versions=machine.versions(),
    )


def _store(url: str | None) -> tuple[str, str]:
    """Return where the store is, and why it cannot be opened."""
    try:
        with open_store(url) as store:
            return store.place, ""
    except Refused as refusal:
        return "", str(refusal)


def _probe() -> Submission:
    return catalog.describe("probe", "doctor", str(probe.__file__), "probe")


def _attempt(does: str, outcome: int, by: tuple[str, ...], holding: Sequence[str]) -> Attempt:
    denying = [layer for layer in by if isolation.holds(layer, holding)]
    broken = outcome == probe.GOT_THROUGH and bool(denying)
    return Attempt(does, OUTCOMES[outcome], by, broken)


def _stays(nursery: Nursery, submission: Submission, limits: Limits, wish: Arrays) -> int:
    process = nursery.start(submission, "predict", limits)
    try:
        process.hand({})
        process.call(wish)
    except Ended as end:
        if end.status == "killed" or end.reason.startswith("MemoryError"):
            return probe.DENIED
        raise RuntimeError(f"The probe ended before it could tell: {end}") from None
    finally:
        process.close()
    return probe.GOT_THROUGH


# ---------------------------------------------------------------------------------------------
# What the attacks aim at


@contextlib.contextmanager
def _bait(folder: Path) -> Iterator[dict[str, Any]]:
    """Lay out what an attack could reach outside, and take it away again."""
    name = folder.name  # nobody else has it
    file, variable = folder / "secret", name.upper().replace("-", "_")
    file.write_text("the answers")
    status = os.stat(file)
    notes = {
        "note": str(folder / "note"),
        "library": os.path.join(sysconfig.get_path("purelib"), name),
        "shared": f"/dev/shm/{name}",
    }
    letter = ctypes.create_string_buffer(b"x")
    libc = ctypes.CDLL(None)
    with contextlib.ExitStack() as stack:

        def listen(family: int, kind: int, address: Any) -> Any:
            listener = stack.enter_context(socket.socket(family, kind))
            listener.bind(address)
            if kind == socket.SOCK_STREAM:
                listener.listen()
            return listener.getsockname()

        tcp = listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        udp = listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        listen(socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "socket"))
        with contextlib.suppress(OSError):  # names without files are Linux's
            listen(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + name)
        inherited = stack.enter_context(open(file, "rb"))
        os.set_inheritable(inherited.fileno(), True)
        os.environ[variable] = "the answers"
        stack.callback(os.environ.pop, variable, None)
        key = secrets.randbelow(1 << 30) + 1
        segment = libc.shmget(key, 1, 0o3600)  # IPC_CREAT, IPC_EXCL
        if segment >= 0:
            stack.callback(libc.shmctl, segment, 0, None)  # IPC_RMID
        for path in notes.values():
            stack.callback(_unlink, path)
        yield {
            "examiner": os.getpid(),
            "address": ctypes.addressof(letter),
            "file": str(file),
            "device": status.st_dev,
            "inode": status.st_ino,
            "home": str(Path.home()),
            "descriptor": inherited.fileno(),
            "variable": variable,
            "segment": key if segment >= 0 else 0,
            "tcp": tcp[1],
            "udp": udp[1],
            "unix": str(folder / "socket"),
            "abstract": name,
            **notes,
        }


def _unlink(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def _around(nursery: Nursery, store: str) -> dict[str, Any]:
    """Say where the nursery is, another submission in it, masked data, and the store."""
    other = Path(nursery.scratch, "another", "idea.py")
    other.parent.mkdir()
    other.write_text("print('mine')")
    masked = (Path(path) for path in nursery.masked)
    files = (file for path in masked for file in (path, *path.rglob("*")) if file.is_file())
    return {
        "nursery": nursery.process.pid,
        "other": str(other),
        "masked": str(next(files, "")),
        "store": store if os.path.isfile(store) else "",
        "file_size": LIMITS.file_size,
        "open_files": LIMITS.open_files,
        "memory": LIMITS.memory,
    }


# ---------------------------------------------------------------------------------------------
# What else a stranger's code could meet


def _surroundings() -> Iterator[str]:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield "You are root. An ordinary user is safer: what gets through then has fewer rights."
    names = sorted(_installed_by_pip())
    if names:
        yield (
            f"Installed by pip, with submissions: {', '.join(names)}. What pip installs can run "
            "outside the wall, at every start of Python; uninstall it and use harness install."
        )
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < LEAST_DISK:
        yield (
            f"{tempfile.gettempdir()} has {free / MiB:.0f} MiB free; a phase may write "
            f"{LIMITS.disk / MiB:.0f} MiB. Free some, or set TMPDIR."
        )


def _installed_by_pip() -> set[str]:
    return {
        str(distribution.metadata["Name"])
        for distribution in importlib.metadata.distributions()
        if any(
            point.group.startswith("harness.submissions.") for point in distribution.entry_points
        )
    }


# ---------------------------------------------------------------------------------------------
# Said


def report(found: Diagnosis) -> str:
    """Return the diagnosis for reading, on one screen where all is well."""
    here = found.machine
    lines = [
        f"{here['system']}, {here['processor']}, {here['cores']} cores.",
        ", ".join(f"{name} {found.versions[name]}" for name in SAID if name in found.versions),
        "",
    ]
    reasons = dict(text.partition(": ")[::2] for text in found.missing)
    width = max(map(len, isolation.EVERY))
    lines.append(f"  {'layer':<{width}}  {'here':<12}  keeps out")
    for layer in isolation.LAYERS:
        held = [text for text in found.holding if isolation.parse(text)[0] == layer.name]
        version = isolation.parse(held[0])[1] if held else ""
        state = f"holds {version}".strip() if held else "MISSING"
        lines.append(f"  {layer.name:<{width}}  {state:<12}  {layer.keeps_out}")
        if not held:
            indent = " " * (width + 4)
            for text in (
                f"Reason: {reasons.get(layer.name, 'none given')}.",
                f"Cost: {layer.cost}",
                f"Offered by: {layer.offered_by}.",
            ):
                lines += textwrap.wrap(
                    text,
                    98,
                    initial_indent=indent,
                    subsequent_indent=indent,
                    break_on_hyphens=False,
                )
    lines += ["", f"Level of isolation: {found.level}.", ""]
    tried = [attempt for attempt in found.attempts if attempt.outcome != "not tried"]
    denied = [attempt for attempt in tried if attempt.outcome == "denied"]
    lines.append(
        f"Self-test: of {len(tried)} attacks from inside, {len(denied)} were denied. "
        "A submission ..."
    )
    cells = [f"{attempt.does:<36} {_word(attempt)}" for attempt in found.attempts]
    half = -(-len(cells) // 2)
    for left, right in itertools.zip_longest(cells[:half], cells[half:], fillvalue=""):
        lines.append(f"  {left:<50}  {right}".rstrip())
    for attempt in found.attempts:
        if attempt.broken:
            lines.append(
                f"BROKEN PROMISE: a submission {attempt.does}, although {' or '.join(attempt.by)} "
                "should deny it. Please report this."
            )
    if found.warnings:
        lines.append("")
        for text in found.warnings:
            lines += textwrap.wrap(f"Note: {text}", 98, subsequent_indent="      ")
    return "\n".join(lines)


def _word(attempt: Attempt) -> str:
    return "GOT THROUGH" if attempt.outcome == "got through" else attempt.outcome


def as_json(found: Diagnosis) -> dict[str, Any]:
    """Return the diagnosis as JSON values."""
    layers = [
        {**asdict(layer), "holds": isolation.holds(layer.name, found.holding)}
        for layer in isolation.LAYERS
    ]
    return {**asdict(found), "level": found.level, "sound": found.sound, "layers": layers}
