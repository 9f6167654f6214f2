"""Find tasks and submissions by name, without running a line of a submission.

Ours are folders beside this package: `tasks/<theme>/<task>.py`,
`submissions/baselines/<theme>/<task>.py`, `submissions/references/<theme>/<task>_<method>.py`.
Others are entry points: `harness.submissions.<task>`, read as metadata only, of packages that
`harness install` stored or pip installed, and `harness.tasks` of the distributions named in
`HARNESS_TASKS`, since a task runs as examiner.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import importlib
import importlib.machinery
import importlib.util
import os
import re
import sys
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import harness
from harness import packages, source
from harness.vocabulary import Refused, Submission, Task, Unknown

ROOT = Path(harness.__file__).resolve().parent.parent
MAX_CODE = 100_000
MAX_FILES = 64 << 20
MAX_COUNT = 1000
"""Bytes of code, bytes and number of all files that a submission may have."""
ALLOWANCE = 4096
"""Compressed bytes of all that is placed behind the wall that weigh nothing.

Names, spacing and the order of statements can carry weights as constants can, but a program must
have a text, which is to be free: three times that of our largest baseline.
"""
SHEET = (
    "Idea", "Papers", "Question", "fit", "predict", "visible", "held-out", "quality",
    "baseline", "claim", "extra",
)  # fmt: skip
"""The keys of a task's sheet, its module docstring, in their order."""
THEMES = ("approximation", "optimization", "generalization", "transformers", "wikipedia")
"""Our themes in the order of the course."""


@dataclass(frozen=True)
class Entry:
    """A task as the catalog knows it before anything is imported."""

    name: str
    theme: str
    path: Path
    module: str


# ---------------------------------------------------------------------------------------------
# Tasks


def tasks() -> dict[str, Entry]:
    """Return every task by name: ours by theme and idea, then allowed entry points."""
    ours = []
    for path in sorted((ROOT / "tasks").glob("*/*")):
        package = path / "__init__.py"
        file = package if package.exists() else path
        name = path.stem
        if "_" in (name[0], path.parent.name[0]) or file.suffix != ".py":
            continue
        theme = path.parent.name
        ours.append(Entry(name, theme, file, f"tasks.{theme}.{name}"))
    found = {task.name: task for task in sorted(ours, key=_place)}
    allowed = {name.strip() for name in os.environ.get("HARNESS_TASKS", "").split(",") if name}
    for point in packages.entry_points("harness.tasks") if allowed else ():
        if point.dist is None or point.dist.name not in allowed:
            continue
        if point.name in found:
            raise Refused(f"{point.dist.name} declares the task {point.name!r}, which exists.")
        folder, module = packages.locate(point.value)
        file = packages.module_file(folder, module)
        found[point.name] = Entry(point.name, point.dist.name, file, module)
    return found


def _place(task: Entry) -> tuple[int, int]:
    """Return where a task of ours stands: by its theme, and there by its idea's number."""
    idea = re.search(r"^Idea: (\d+)", task.path.read_text(), re.MULTILINE)
    theme = THEMES.index(task.theme) if task.theme in THEMES else len(THEMES)
    return theme, int(idea[1]) if idea else 0


def entry(name: str) -> Entry:
    """Return the catalog's entry of a task; `Unknown` offers the nearest name."""
    known = tasks()
    if name not in known:
        raise Unknown(f"There is no task {name!r}. {nearest(name, known)}")
    return known[name]


def load(name: str) -> Task:
    """Import a task's module and return its `TASK`."""
    found = entry(name)
    if found.module.startswith("tasks."):
        adopt("tasks")
    task = importlib.import_module(found.module).TASK
    if not isinstance(task, Task) or task.name != name:
        raise Refused(f"{found.module}.TASK must be a Task named {name!r}.")
    return task


def sheet(name: str) -> dict[str, str]:
    """Return a task's sheet: its title under "" and then every key with its text."""
    return read_sheet(ast.get_docstring(ast.parse(entry(name).path.read_text())) or "")


def read_sheet(docstring: str) -> dict[str, str]:
    """Split a docstring into its first paragraph (under "") and its `Key: text` paragraphs."""
    found: dict[str, str] = {"": ""}
    key = ""
    for line in docstring.splitlines():
        match = re.match(r"([A-Za-z-]+): +(.*)", line)
        if match and match[1] in SHEET:
            key, line = match[1], match[2]
            found[key] = ""
        found[key] += line.strip() + "\n"
    return {key: "\n".join(_paragraphs(text)) for key, text in found.items()}


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip())]


def adopt(package: str) -> None:
    """Make `import <package>` mean the folder beside `harness`, whatever else has that name."""
    folder = ROOT / package
    present = sys.modules.get(package)
    if present is not None and Path(str(present.__file__)).parent == folder:
        return
    spec = importlib.util.spec_from_file_location(
        package, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[package] = module
    spec.loader.exec_module(module)


# ---------------------------------------------------------------------------------------------
# Submissions


def submissions(task: str) -> dict[str, Submission]:
    """Return every usable submission of a task by name: the baseline first, then by name."""
    return _submissions(task)[0]


def problems(task: str) -> list[str]:
    """Return a line for every installed submission of a task that cannot be used."""
    return _submissions(task)[1]


def find(text: str, task: str) -> Submission:
    """Return the submission that `text` names: a known name, a file `path.py`, or a module.

    Raises
    ------
    Unknown
        Nothing answers to it.
    Refused
        It is there and breaks a rule (syntax, size, links).
    """
    known = submissions(task)
    if text in known:
        return known[text]
    if text.endswith(".py") or os.sep in text:
        path = Path(text).expanduser().resolve()
        if not path.is_file():
            raise Unknown(f"There is no file {text!r}.")
        return describe(path.stem, task, str(path), path.stem)
    if "." in text or importlib.machinery.PathFinder.find_spec(text) is not None:
        folder, module = packages.locate(text)
        return describe(text, task, str(folder), module)
    raise Unknown(
        f"There is no submission {text!r} of {task}. {nearest(text, known)} "
        "A file is named by its path (./idea.py), an installed module by package.module."
    )


def describe(name: str, task: str, folder: str, module: str) -> Submission:
    """Hash a submission's files, weigh what they embed, and read its division.

    Embedded data are what constants and files that are no code hold, or what the whole of it as
    it is placed holds beyond `ALLOWANCE`, whichever is more; compressed.
    """
    root = Path(folder)
    sizes = within_limits(name, root)
    data, placed = zlib.compressobj(9), zlib.compressobj(9)
    n_data = n_placed = 0
    for path, relative, size in sizes:
        content = read(path, size)
        code = path.suffix == ".py"
        bare = source.bare(content, relative) if code else content
        n_data += len(data.compress(source.constants(content, relative) if code else content))
        n_placed += len(placed.compress(relative.encode() + b"\n" + bare))
    n_data += len(data.flush())
    n_placed += len(placed.flush())
    file = packages.module_file(root, module)
    division = source.literal(read(file, MAX_CODE), file.name, "DIVISION") or ""
    embedded = max(n_data, n_placed - ALLOWANCE)
    return Submission(name, task, module, folder, digest(root), division, embedded)


def within_limits(name: str, folder: Path) -> list[tuple[Path, str, int]]:
    """Return a submission's files, their names and sizes, or refuse them before any is read."""
    check_name(name)
    sizes = [(path, relative, path.stat().st_size) for path, relative in files(folder)]
    n_code = sum(size for path, _, size in sizes if path.suffix == ".py")
    if sum(size for _, _, size in sizes) > MAX_FILES:
        raise Refused(f"{name}: a submission's files may be at most {MAX_FILES >> 20} MiB.")
    if n_code > MAX_CODE:
        raise Refused(
            f"{name}: a submission's code may be at most {MAX_CODE:,} bytes, got {n_code:,}."
        )
    return sizes


def check_name(name: str) -> None:
    """Refuse what is no name of a submission, such as one that looks like another's."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}", name):
        raise Refused(
            f"A submission's name is 1 to 80 letters, digits and _ . -, got {name[:100]!a}."
        )


def read(path: Path, size: int) -> bytes:
    """Return a file's bytes; `Refused` if there are more than `size`."""
    with path.open("rb") as file:
        content = file.read(size + 1)
    if len(content) > size:
        raise Refused(f"{path.name} has more than {size:,} bytes: it was written to meanwhile.")
    return content


def digest(folder: Path) -> str:
    """Return the SHA-256 of the names and contents of a submission's files."""
    found = hashlib.sha256()
    for path, relative in files(folder):
        data = path.read_bytes()
        found.update(f"{relative}\0{len(data)}\0".encode() + data)
    return found.hexdigest()


def ours(task: str) -> dict[str, Submission]:
    """Return a task's baselines and references by name."""
    known = tasks()
    theme = entry(task).theme
    found: dict[str, Submission] = {}
    for kind in ("baselines", "references"):
        for path in sorted((ROOT / "submissions" / kind / theme).glob(f"{task}*.py")):
            owner = max(
                (t for t in known if path.stem == t or path.stem.startswith(t + "_")), key=len
            )
            if owner != task:
                continue
            method = path.stem.removeprefix(task).lstrip("_")
            name = method if kind == "references" else "_".join(filter(None, ("baseline", method)))
            found[name] = describe(name, task, str(path), path.stem)
    return found


def _submissions(task: str) -> tuple[dict[str, Submission], list[str]]:
    found = ours(task)
    trouble: list[str] = []
    for point in packages.declared(task):
        if taken(point.name, found):
            trouble.append(f"{point.owner} declares {point.name[:100]!r}, a name that is taken.")
            continue
        try:
            folder, module = packages.find_point(point)
            found[point.name] = describe(point.name, task, str(folder), module)
        except (Refused, Unknown) as error:
            trouble.append(f"{point.name[:100]!r} of {point.owner}: {error}")
    return found, trouble


def taken(name: str, known: Iterable[str]) -> bool:
    """Return whether a name is there already, but for case and for which of - _ . it has."""
    return packages.normal(name) in map(packages.normal, known)


def files(folder: Path) -> list[tuple[Path, str]]:
    """Return the regular files that `runtime.place` copies, with their relative names.

    Raises
    ------
    Refused
        There are links or devices, names that no one can read, or too many files.
    """
    if not folder.is_dir():
        return [(folder, folder.name)]
    found, waiting, n_entries = [], [folder], 0
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for one in entries:
                path = Path(one.path)
                relative = path.relative_to(folder).as_posix()
                n_entries += 1
                if n_entries > MAX_COUNT:
                    raise Refused(f"A submission may have at most {MAX_COUNT:,} files and folders.")
                if one.name == "__pycache__" or one.name.startswith("."):
                    continue
                if not one.name.isprintable():
                    raise Refused(f"A file's name must be readable text, got {relative!a}.")
                if one.is_symlink():
                    raise Refused(f"A submission may hold no links, got {relative!r}.")
                if one.is_dir():
                    waiting.append(path)
                elif one.is_file():
                    found.append((path, f"{folder.name}/{relative}"))
                else:
                    raise Refused(f"A submission holds plain files only, got {relative!r}.")
    return sorted(found)


def nearest(name: str, known: Mapping[str, object] | Iterable[str]) -> str:
    """Return 'Did you mean ...?' or, with nothing near, the list of what there is."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"There are: {', '.join(names) or 'none'}."
