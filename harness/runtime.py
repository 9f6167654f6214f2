"""The runtime that every phase may read, what is masked in it, and what a phase is given.

Only what any Python program here needs is named: a folder of the user's, or a folder on
`sys.path` that happens to hold more than packages, never is.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import shutil
import stat
import sys
import sysconfig
import tempfile
from pathlib import Path

if sys.platform != "win32":
    import fcntl

import harness
from harness import catalog, packages, source
from harness.vocabulary import Refused, Submission

CLAIMED = "harness-run-"
"""How the name of a run's scratch folder begins."""


def runtime() -> list[str]:
    """Return the folders that any Python program here has to read, and nothing of the user's."""
    here = Path(harness.__file__).parent
    candidates = [
        sys.prefix,
        sys.base_prefix,
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        str(here),
        str(here.parent / "submissions"),
        "/usr",
        "/lib",
        "/lib64",
        "/etc/ld.so.cache",
        "/sys/devices/system/cpu",
        "/proc/cpuinfo",
        "/proc/meminfo",
    ]
    real = sorted({os.path.realpath(path) for path in candidates if os.path.exists(path)})
    return [p for p in real if not any(Path(p).is_relative_to(q) for q in real if q != p)]


def bundled_data() -> list[str]:
    """Return the paths of this runtime that hold copies of data which tasks examine.

    The folders in which pip, Debian and conda keep packages; conda keeps archives of them, too.
    """
    libraries = ("lib", "lib64", "local/lib", "local/lib64", "envs/*/lib", "pkgs/*/lib")
    patterns = [
        f"{library}/python*/{kind}-packages/sklearn/datasets/data"
        for library in libraries
        for kind in ("site", "dist")
    ]
    patterns += ["pkgs/scikit-learn-*.conda", "pkgs/scikit-learn-*.tar.bz2"]
    return sorted(
        {
            os.path.realpath(path)
            for root in runtime()
            for pattern in patterns
            for path in Path(root).glob(pattern)
        }
    )


def installed_submissions() -> list[str]:
    """Return where the installed submissions lie in this runtime: none may read another's."""
    from importlib.metadata import distributions  # a third of the start-up time of `--help`

    roots = runtime()
    stored = os.path.realpath(packages.home())
    found = {
        stored for root in roots if os.path.isdir(stored) and Path(stored).is_relative_to(root)
    }
    for distribution in distributions():
        if any(p.group.startswith("harness.submissions.") for p in distribution.entry_points):
            tops = {file.parts[0] for file in distribution.files or ()}
            for top in tops:
                path = os.path.realpath(str(distribution.locate_file(top)))
                inside = any(path != root and Path(path).is_relative_to(root) for root in roots)
                if inside and top != ".." and not top.endswith((".dist-info", "__pycache__")):
                    found.add(path)
    return sorted(found)


def place(submission: Submission, target: Path) -> None:
    """Copy a submission's folder or file, as bare text, to where its phase will import it.

    Names and contents are all that is copied: no time stamps, no modes, no empty folders.

    Raises
    ------
    Refused
        What was copied is not what was hashed, or is no Python.
    """
    origin = Path(submission.folder)
    target.mkdir()
    for path, relative in catalog.files(origin):
        (target / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / relative)
    copy = target / origin.name
    if submission.source and catalog.digest(copy) != submission.source:
        raise Refused(
            f"{submission.name}: its files were changed after they were hashed; run it again."
        )
    for path, relative in catalog.files(copy):
        if path.suffix == ".py":
            path.write_bytes(source.bare(path.read_bytes(), relative))


def memory_and_threads(pid: int) -> tuple[int, int]:
    """Return a process's memory in bytes and its number of threads; 0 where unknown.

    Its resident memory and the tables that the kernel keeps of its pages, which can be made to
    grow without any page.
    """
    counts = {"VmRSS": 0, "VmPTE": 0, "Threads": 0}
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status", errors="replace") as lines:
        for line in lines:
            name, _, rest = line.partition(":")
            if name in counts:
                counts[name] = int(rest.split()[0])
    return 1024 * (counts["VmRSS"] + counts["VmPTE"]), counts["Threads"]


def disk_use(folder: str, enough: int) -> tuple[int, int]:
    """Return (bytes, number of entries) below a folder, counting at most `enough` entries.

    A folder that cannot be listed, too deep or closed on purpose, counts as `enough`.
    """
    n_bytes = n_entries = 0
    waiting = [folder]
    while waiting and n_entries < enough:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in itertools.islice(entries, enough - n_entries):
                    n_entries += 1
                    n_bytes += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except FileNotFoundError:
            continue
        except OSError:
            return n_bytes, n_entries + enough
    return n_bytes, n_entries


def nameless_bytes(pid: int, folder: str, file_size: int) -> int:
    """Return the bytes of files below `folder` that a process holds and that have no name any more.

    A file that is only mapped counts as `file_size`.
    """
    below = os.path.realpath(folder) + os.sep
    held: dict[int, int] = {}
    with contextlib.suppress(OSError), open(f"/proc/{pid}/maps", errors="replace") as lines:
        for line in lines:
            if below in line and line.endswith(" (deleted)\n"):
                held[int(line.split()[4])] = file_size
    with contextlib.suppress(OSError):
        for number in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                status = os.stat(f"/proc/{pid}/fd/{number}")
                if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                    held[status.st_ino] = status.st_blocks * 512
    return sum(held.values())


def claim() -> tuple[str, int]:
    """Make a run's scratch folder and hold it; sweep away those that nobody holds any more.

    A run that is killed cannot tidy up, so the next one does it. The hold is a lock on the folder
    itself, which the kernel lets go when the process is dead.

    Returns
    -------
    folder, hold
        For `release`.
    """
    if sys.platform == "win32":  # without such locks nothing is swept
        return tempfile.mkdtemp(prefix=CLAIMED), -1
    for left in Path(tempfile.gettempdir()).glob(CLAIMED + "*"):
        with contextlib.suppress(OSError):
            if left.lstat().st_uid == os.geteuid() and not left.is_symlink():
                hold = _hold(str(left))
                remove(str(left))
                os.close(hold)
    while True:
        folder = tempfile.mkdtemp(prefix=CLAIMED)
        try:
            hold = _hold(folder)
        except (BlockingIOError, FileNotFoundError):  # another run's sweep came first
            continue
        except OSError:  # a file system without locks: no sweep touches it either
            return folder, -1
        if os.path.isdir(folder):
            return folder, hold
        os.close(hold)


def _hold(folder: str) -> int:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def release(folder: str, hold: int) -> None:
    """Remove a claimed folder and let go of it; again is no error."""
    if os.path.isdir(folder):
        remove(folder)
        if hold >= 0:
            os.close(hold)


def remove(folder: str) -> None:
    """Remove a folder, however deep it is and whatever modes the folders in it have.

    Folders move up to the top before they are emptied, so that no path grows with the depth.
    """
    fresh = (os.path.join(folder, f"{secrets.token_hex(8)}-{n}") for n in itertools.count())
    waiting, emptied = [folder], []
    while waiting:
        here = waiting.pop()
        emptied.append(here)
        with contextlib.suppress(OSError):
            os.chmod(here, 0o700)
            for name in os.listdir(here):
                path = os.path.join(here, name)
                if os.path.isdir(path) and not os.path.islink(path):
                    with contextlib.suppress(OSError):
                        os.chmod(path, 0o700)
                        if here != folder:
                            target = next(fresh)
                            os.rename(path, target)
                            path = target
                    waiting.append(path)
                else:
                    with contextlib.suppress(OSError):
                        os.unlink(path)
    for here in reversed(emptied):
        with contextlib.suppress(OSError):
            os.rmdir(here)
