"""What packages of strangers declare, and where it lies: metadata alone, nothing is imported.

A package is one that `harness install` stored in a folder that is on nobody's path, or one that
pip installed. What is found is checked by `harness.catalog`; storing is `harness.install`.
"""

from __future__ import annotations

import importlib.machinery
import keyword
import os
import re
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.vocabulary import Refused, Unknown

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

RESERVED = {
    "harness", "tasks", "submissions", "leaderboard", "tests", "benchmarks",
    "sitecustomize", "usercustomize",
}  # fmt: skip
"""Modules that no stranger may provide, beside those of Python and of the installed libraries."""


class Point(NamedTuple):
    """A submission as its package declares it: metadata of a stranger's, nothing of it checked."""

    name: str
    value: str
    owner: str
    root: Path | None
    """Where `harness install` stored the package; None: pip installed it."""
    files: Any = None
    """What pip installed of it, where pip says so."""


def normal(name: str) -> str:
    """Return a name as it is compared: but for case and for which of - _ . it has."""
    return re.sub(r"[-_.]+", "-", name).lower()


def home() -> Path:
    """Return the folder in which `harness install` stores packages; nobody imports from it."""
    named = os.environ.get("HARNESS_SUBMISSIONS")
    if named:
        return Path(named).expanduser().resolve()
    import platformdirs

    return Path(platformdirs.user_data_dir("theory-harness", appauthor=False), "submissions")


def stored() -> dict[str, Path]:
    """Return the folder of every stored package by its name.

    One being replaced lies under `.old-<name>` until the new one is in its place.
    """
    try:
        present = {path.name: path for path in sorted(home().iterdir()) if path.is_dir()}
    except OSError:
        return {}
    names = {name: name.removeprefix(".old-") for name in present}
    return {
        name: present[folder]
        for folder, name in names.items()
        if not name.startswith(".") and (folder == name or name not in present)
    }


def declared(task: str) -> list[Point]:
    """Return every submission of a task that a package declares, stored ones first."""
    from importlib.metadata import distributions  # a third of the start-up time of `--help`

    group = f"harness.submissions.{task}"
    found = []
    for owner, folder in stored().items():
        for distribution in distributions(path=[str(folder)]):
            points = distribution.entry_points.select(group=group)
            found += [Point(point.name, point.value, owner, folder) for point in points]
    for point in entry_points(group):
        owner = point.dist.name if point.dist is not None else "an unknown package"
        found.append(
            Point(point.name, point.value, owner, None, getattr(point.dist, "files", None))
        )
    return found


def entry_points(group: str) -> Iterable[EntryPoint]:
    """Return what pip installed under a group of entry points."""
    from importlib.metadata import entry_points as every  # a third of the start-up time of `--help`

    return every(group=group)


def find_point(point: Point) -> tuple[Path, str]:
    """Return (folder or file to copy, dotted module) of a declared submission.

    Raises
    ------
    Unknown, Refused
        It is not there; or it is, and no part of the package that declares it.
    """
    top = point.value.split(".")[0]
    foreign = Refused(f"{point.value[:100]!a} is no part of the package: name a module of its own.")
    if point.root is None and (top in RESERVED or top in sys.stdlib_module_names):
        raise foreign
    folder, module = locate(point.value, point.root)
    own = {file.parts[0].removesuffix(".py") for file in point.files or ()}
    if own and top not in own and str(folder.parent) in _libraries():
        raise foreign
    return folder, module


def locate(module: str, root: Path | None = None) -> tuple[Path, str]:
    """Return (folder or file to copy, dotted module) of a module; imports nothing.

    It is looked for in the folder `root`, or without one where Python finds it.
    """
    check_module(module)
    top, *rest = module.split(".")
    if root is not None:
        folder = root / top if (root / top).is_dir() else root / f"{top}.py"
        if not folder.exists():
            raise Refused(f"{module!r} is no part of the package: name a module of its own.")
        module_file(folder, module)
        return folder, module
    spec = None
    for finder in sys.meta_path:
        search = getattr(finder, "find_spec", None)
        spec = search(top, None) if search is not None else None
        if spec is not None:
            break
    if spec is None or spec.origin in ("built-in", "frozen"):
        raise Unknown(f"There is no installed module {top!r}.")
    if spec.submodule_search_locations:
        folder = Path(next(iter(spec.submodule_search_locations)))
    elif rest or spec.origin is None:
        raise Unknown(f"{top!r} is no package, so there is no {module!r}.")
    else:
        folder = Path(spec.origin)
    if folder.is_file() and folder.suffix != ".py":
        raise Refused(f"{module!r} is compiled; a submission is Python that can be read.")
    module_file(folder, module)
    return folder, module


def module_file(folder: Path, module: str) -> Path:
    """Return the file of a dotted module below its top package's folder, or the file itself."""
    if not folder.is_dir():
        return folder
    path = folder.joinpath(*module.split(".")[1:])
    for file in (path / "__init__.py", path.with_suffix(".py")):
        if file.is_file():
            return file
    raise Unknown(f"{folder} holds no module {module!r}.")


def check_module(module: str) -> None:
    """Refuse what is no dotted name of a module."""
    if not all(part.isascii() and part.isidentifier() for part in module.split(".")):
        raise Refused(
            f"{module[:100]!a} is no module: write package.module, in letters, digits and _."
        )


def provides(top: str) -> None:
    """Refuse a package that would provide the module `top` in place of somebody else's."""
    if not (top.isascii() and top.isidentifier()) or keyword.iskeyword(top):
        raise Refused(f"{top[:100]!a} is no module's name: letters, digits and _ of ASCII alone.")
    lower = top.lower()  # some disks do not tell the two apart
    if lower in RESERVED:
        raise Refused(f"It provides {top!r}, a module of the harness or of Python's start: rename.")
    if lower in {name.lower() for name in sys.stdlib_module_names}:
        raise Refused(f"It provides {top!r}, a module of Python's own library: rename it.")
    if any(importlib.machinery.PathFinder.find_spec(n, _libraries()) for n in (top, lower)):
        raise Refused(f"It provides {top!r}, a library that is installed here: rename it.")


def _libraries() -> list[str]:
    return [sysconfig.get_path(name) for name in ("purelib", "platlib")]
