"""The wall on other machines: what each lacks is said, and what is left of it holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from harness.catalog import ROOT
from tests import platforms

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64",
    reason="other machines are simulated on Linux on x86-64",
)
LAYERS = {"death with the parent", "limits", "namespaces", "capabilities", "landlock", "seccomp"}
LINUX = LAYERS - {"limits"}


class Machine(NamedTuple):
    """A machine as it is simulated, and the layers that it lacks then."""

    absent: frozenset[str] = frozenset()
    lacks: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    fresh: bool = False
    user: bool = False


MACHINES = {
    "as it is": Machine(),
    "an ordinary user": Machine(user=True),
    "without user namespaces": Machine(frozenset({"namespaces"}), lacks=("unshare",)),
    "an ordinary user without user namespaces": Machine(
        frozenset({"namespaces"}), lacks=("unshare",), user=True
    ),
    "without Landlock": Machine(frozenset({"landlock", "masked data"}), lacks=("landlock",)),
    "without seccomp": Machine(frozenset({"seccomp"}), lacks=("seccomp",)),
    "with fresh interpreters": Machine(fresh=True),
    "not Linux": Machine(frozenset(LINUX | {"masked data"}), skip=tuple(LINUX), fresh=True),
}


def run(machine: Machine, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    folder.chmod(0o755)
    home = folder / "home"
    home.mkdir()
    words = []
    if machine.user:
        if os.getuid() != 0:
            pytest.skip("the whole suite runs as an ordinary user already")
        if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
            pytest.skip("this root may not make a view of the disk for an ordinary user")
        words = platforms.as_ordinary_user(home)
    wanted = {"lacks": machine.lacks, "wall": {"skip": machine.skip, "fresh": machine.fresh}}
    command = [*words, sys.executable, "-m", "tests.platforms", json.dumps(wanted), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def record(machine: Machine, folder: Path) -> dict[str, Any]:
    done = run(machine, folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


SLOW = ("with fresh interpreters", "an ordinary user without user namespaces")


@pytest.mark.parametrize(
    "machine",
    [
        pytest.param(machine, id=name, marks=[pytest.mark.slow] if name in SLOW else [])
        for name, machine in MACHINES.items()
    ],
)
def test_an_honest_trial_ends_well_and_its_record_says_what_held(
    machine: Machine, tmp_path: Path, layers: tuple[str, ...]
) -> None:
    offered = {layer.rpartition(" ")[0] if layer[-1].isdigit() else layer for layer in layers}
    if not offered >= LAYERS:
        pytest.skip(f"this machine lacks {', '.join(sorted(LAYERS - offered))} itself")
    found = record(machine, tmp_path)
    assert (found["status"], found["left"]) == ("ok", [])
    assert found["user"] == (platforms.NOBODY if machine.user else os.getuid())
    first, *held = found["isolation"]
    assert first == ("process fresh" if machine.fresh else "process forked")
    for layer in LAYERS | {"masked data"}:
        holds = any(name == layer or name.startswith(f"{layer} ") for name in held)
        is_missing = any(name.startswith(f"{layer}: ") for name in found["missing"])
        assert (holds, is_missing) == (layer not in machine.absent, layer in machine.absent), layer


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_the_cheats_end_there_as_they_deserve(machine: Machine, tmp_path: Path) -> None:
    zoo = ["-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'home' / 'zoo'}"]
    if machine.fresh:  # seconds a phase
        zoo += ["-k", "keeps_ or returns_ or patches_ or sends_"]
    done = run(machine, tmp_path, *zoo, "tests/test_cheats.py")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
