"""Install a submission's package without running a line of it, and find one given by its path.

pip runs code of a package when it builds it and, through a `.pth` file, at every start of Python
from then on. Here a package is read (`harness.unpack`), held against the rules and stored in a
folder of its own, on nobody's path; its code runs behind the wall alone. Its dependencies are not
installed: a submission runs with the packages that are found where the harness is.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, distribution, distributions
from pathlib import Path

from harness import catalog, packages, runtime
from harness.unpack import ARCHIVES, Package, unpack
from harness.vocabulary import Refused, Submission, Unknown

GROUP = "harness.submissions."
TAKEN = ("theory-harness", *packages.RESERVED)
"""Names of packages that no stranger's may have."""


def install(path: Path) -> tuple[Package, str | None]:
    """Store a package, in place of the version that is there; a crash leaves one or the other.

    Returns
    -------
    package, version
        What was stored, and the version that it replaced or None.

    Raises
    ------
    Unknown
        Nothing is there.
    Refused
        It breaks a rule; nothing has changed.
    """
    package = unpack(path)
    key = packages.normal(package.name)
    home = packages.home()
    new = home / f".new-{secrets.token_hex(8)}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        for found in _unpacked(package, new):
            others = {
                point.name
                for point in packages.declared(found.task)
                if point.root is None or point.owner != key
            }
            _refuse_taken(found, others)
            catalog.describe(found.name, found.task, found.folder, found.module)
        replaced = packages.stored().get(key)
        version = None if replaced is None else _version(replaced)
        _put(new, home / key)
    except OSError as error:
        raise Refused(
            f"{home} cannot be written ({error.strerror}): set HARNESS_SUBMISSIONS to another "
            "folder."
        ) from None
    finally:
        runtime.remove(str(new))
    return package, version


def uninstall(name: str) -> str:
    """Remove a stored package by its name; return the version that it had."""
    known = packages.stored()
    key = packages.normal(name)
    if key not in known:
        raise Unknown(f"No package {name!r} is installed. {catalog.nearest(key, known)}")
    version = _version(known[key])
    gone = packages.home() / f".gone-{secrets.token_hex(8)}"
    old = packages.home() / f".old-{key}"
    if old != known[key]:
        runtime.remove(str(old))
    os.rename(known[key], gone)
    runtime.remove(str(gone))
    return version


def is_package(text: str) -> bool:
    """Return whether a text names a package by its path: an archive, or a folder with a /."""
    is_path = os.sep in text or text in (".", "..")
    return text.lower().endswith(ARCHIVES) or (is_path and Path(text).expanduser().is_dir())


def opened(text: str, task: str) -> list[Submission]:
    """Unpack a package that is given by its path; return its submissions of a task, not yet read.

    It lies in a temporary folder until this process ends.

    Raises
    ------
    Unknown
        Nothing is there.
    Refused
        It breaks a rule, or enters other tasks alone.
    """
    package = unpack(Path(text).expanduser().resolve())
    folder = Path(tempfile.mkdtemp(prefix="harness-package-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        entries = _unpacked(package, folder / "package")
        found = [entry for entry in entries if entry.task == task]
        if not found:
            tasks = ", ".join(sorted({entry.task for entry in entries}))
            raise Refused(
                f"{package.name} enters {tasks}, not {task}: name another task or package."
            )
        for entry in found:
            _refuse_taken(entry, ())
    except BaseException:
        runtime.remove(str(folder))
        raise
    return found


def named(text: str, task: str) -> list[Submission]:
    """Return what a text names: every submission of a package's path, or what the catalog finds."""
    if not is_package(text):
        return [catalog.find(text, task)]
    return [
        catalog.describe(entry.name, entry.task, entry.folder, entry.module)
        for entry in opened(text, task)
    ]


def name_of(text: str, task: str) -> str:
    """Return the name of a submission that is given by it or by the path of its package."""
    names = [entry.name for entry in opened(text, task)] if is_package(text) else [text]
    if len(names) > 1:
        raise Unknown(f"{text} enters {', '.join(names)}: name one of them.")
    return names[0]


# ---------------------------------------------------------------------------------------------


def _unpacked(package: Package, folder: Path) -> list[Submission]:
    """Write a package into a new folder; return what it enters, located and not yet read.

    Written are the modules that its entry points name, and metadata of ours in place of its own.
    """
    entered = _entered(package)
    needed = {entry.module.split(".")[0] for entry in entered}
    for name, data in package.files.items():
        if name.split("/")[0].removesuffix(".py") in needed:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    found = []
    for entry in entered:
        try:
            place, module = packages.locate(entry.module, folder)
        except Unknown as error:
            raise Refused(f"{entry.name}: {error}") from None
        found.append(replace(entry, folder=str(place), module=module))
    metadata = folder / f"{packages.normal(package.name)}-{package.version}.dist-info"
    metadata.mkdir()
    head = f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {package.version}\n"
    lines = [f"[{GROUP}{entry.task}]\n{entry.name} = {entry.module}\n" for entry in found]
    (metadata / "METADATA").write_text(head, encoding="utf-8")
    (metadata / "entry_points.txt").write_text("".join(lines), encoding="utf-8")
    return found


def _entered(package: Package) -> list[Submission]:
    """Return what a package enters, or refuse it for what it claims to be."""
    if packages.normal(package.name) in TAKEN or _is_library(package.name):
        raise Refused(f"{package.name!r} is the name of another package: choose your own.")
    if "harness.tasks" in package.groups:
        raise Refused(
            f"{package.name} declares a task, which would examine others: a package of "
            "submissions declares submissions alone."
        )
    for parts in (file.split("/") for file in package.files):
        if len(parts) > 1 or parts[0].endswith(".py"):
            packages.provides(parts[0].removesuffix(".py"))
    entered: dict[tuple[str, str], Submission] = {}
    for group, points in package.groups.items():
        if not group.startswith(GROUP):
            continue
        task = group.removeprefix(GROUP)
        known = catalog.tasks()
        if task not in known:
            raise Refused(f"There is no task {task[:100]!a}. {catalog.nearest(task, known)}")
        for name, module in points.items():
            catalog.check_name(name)
            packages.check_module(module)
            key = (task, packages.normal(name))
            if key in entered:
                raise Refused(f"{name!r} and {entered[key].name!r} are too much alike: rename one.")
            entered[key] = Submission(name, task, module, "", "", "", 0)
    if not entered:
        raise Refused(
            f"{package.name} enters nothing: its entry points need a group {GROUP}TASK with a "
            "line NAME = 'MODULE'."
        )
    return list(entered.values())


def _is_library(name: str) -> bool:
    """Return whether something that enters nothing is installed under a package's name."""
    try:
        points = distribution(name).entry_points
    except PackageNotFoundError:
        return False
    return not any(point.group.startswith(GROUP) for point in points)


def _refuse_taken(entry: Submission, others: Iterable[str]) -> None:
    if catalog.taken(entry.name, [*catalog.ours(entry.task), *others]):
        raise Refused(f"{entry.task} has a submission {entry.name!r} already: choose another name.")


def _version(folder: Path) -> str:
    return next((found.version for found in distributions(path=[str(folder)])), "unknown")


def _put(new: Path, target: Path) -> None:
    """Move a folder to its place; between the two steps `packages.stored` finds the old one."""
    old = target.with_name(f".old-{target.name}")
    if target.exists():
        runtime.remove(str(old))
        os.rename(target, old)
    os.rename(new, target)
    runtime.remove(str(old))
