"""Become another kind of machine or user, and examine there: `python -m tests.platforms`.

The first argument is a JSON object: `lacks`, what fails from here on as on a kernel without it, and
`wall`, arguments of the nursery. Then come arguments of pytest; without any, one honest trial is
examined and printed as JSON. `as_ordinary_user` returns the words that start such a command for a
user who owns nothing.
"""

from __future__ import annotations

import errno
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness import confine
from harness.catalog import ROOT

NOBODY = 65534
CALLS = {
    "unshare": (272, errno.EPERM),
    "landlock": (444, errno.ENOSYS),
    "seccomp": (317, errno.ENOSYS),
}
"""What a machine may lack: its system call on x86-64 and the error that one then gets."""


def lack(names: Sequence[str]) -> None:
    """Have the calls of `names` fail in this process and in all that it starts."""
    program: list[confine.Instruction] = [(0x20, 0, 0, 0)]
    for name in names:
        number, error = CALLS[name]
        program += [(0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | error)]
    confine._install([*program, (0x06, 0, 0, 0x7FFF0000)])


def as_ordinary_user(folder: Path) -> list[str]:
    """Return the words that run a program as nobody, who may write `folder` and nothing else.

    What lies below a folder that is closed to others, such as a checkout or an interpreter in the
    home of root, is mounted anew on an open path of the same name, seen by that program alone.
    """
    os.chown(folder, NOBODY, NOBODY)
    needed = [ROOT, Path(os.path.realpath(sys.base_prefix)), folder]
    closed = {
        path: next((p for p in reversed(path.parents) if not p.stat().st_mode & 1), None)
        for path in needed
    }
    held = "/mnt"  # hidden below a file system of this program's own
    lines = ["set -e", f"mount -t tmpfs -o mode=755 tmpfs {held}"]
    for number, path in enumerate(needed):
        lines += [
            f"mkdir {held}/{number}",
            f"mount --bind {shlex.quote(str(path))} {held}/{number}",
        ]
    for path in {path for path in closed.values() if path is not None}:
        lines.append(f"mount -t tmpfs -o mode=755 tmpfs {shlex.quote(str(path))}")
    for number, path in enumerate(needed):
        if closed[path] is not None:
            quoted = shlex.quote(str(path))
            lines += [f"mkdir -p {quoted}", f"mount --bind {held}/{number} {quoted}"]
    lines.append(
        f"exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups "
        f'env HOME={shlex.quote(str(folder))} TMPDIR={shlex.quote(str(folder))} "$@"'
    )
    return ["unshare", "--mount", "sh", "-c", "\n".join(lines), "sh"]


def examine_one(wall: dict[str, Any]) -> dict[str, Any]:
    """Return the user and the trial of an honest submission behind such a wall."""
    from harness import catalog
    from harness.sandbox import Nursery
    from harness.trial import examine
    from tests import tiny

    catalog.load = lambda name: tiny.TASK  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as folder, Nursery(**wall) as nursery:
        ended = examine(tiny.item(tiny.submission(Path(folder))), nursery)
        return {"user": os.getuid(), **asdict(ended), "left": os.listdir(nursery.scratch)}


if __name__ == "__main__":
    wanted = json.loads(sys.argv[1])
    lack(wanted["lacks"])
    if sys.argv[2:]:
        import pytest

        os.environ["WALL"] = json.dumps(wanted["wall"])
        sys.exit(pytest.main(sys.argv[2:]))
    print(json.dumps(examine_one(wanted["wall"])))
