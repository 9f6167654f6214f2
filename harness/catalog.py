"""Find tasks and submissions by name, without running a line of a submission.

Ours are folders beside this package: `tasks/<theme>/<task>.py`,
`submissions/baselines/<theme>/<task>.py`, `submissions/references/<theme>/<task>_<method>.py`.
Others are entry points: `harness.submissions.<task>` (read as metadata only), and
`harness.tasks` of the distributions named in `HARNESS_TASKS`, since a task runs as examiner.
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
from typing import TYPE_CHECKING

import harness
from harness.vocabulary import Refused, Submission, Task, Unknown

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ROOT = Path(harness.__file__).resolve().parent.parent
MAX_CODE = 100_000
MAX_FILES = 64 << 20
SHEET = (
    "Idea", "Papers", "Question", "fit", "predict", "visible", "held-out", "quality",
    "baseline", "claim", "extra",
)  # fmt: skip
"""The keys of a task's sheet, its module docstring, in their order."""


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
    """Return every task by name: ours in the order of their themes, then allowed entry points."""
    found = {}
    for path in sorted((ROOT / "tasks").glob("*/*")):
        package = path / "__init__.py"
        file = package if package.exists() else path
        name = path.stem
        if "_" in (name[0], path.parent.name[0]) or file.suffix != ".py":
            continue
        theme = path.parent.name
        found[name] = Entry(name, theme, file, f"tasks.{theme}.{name}")
    allowed = {name.strip() for name in os.environ.get("HARNESS_TASKS", "").split(",") if name}
    for point in _entry_points("harness.tasks") if allowed else ():
        if point.dist is None or point.dist.name not in allowed:
            continue
        if point.name in found:
            raise Refused(f"{point.dist.name} declares the task {point.name!r}, which exists.")
        folder, module = locate(point.value)
        file = module_file(folder, module)
        found[point.name] = Entry(point.name, point.dist.name, file, module)
    return found


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
        folder, module = locate(text)
        return describe(text, task, str(folder), module)
    raise Unknown(
        f"There is no submission {text!r} of {task}. {nearest(text, known)} "
        "A file is named by its path (./idea.py), an installed module by package.module."
    )


def describe(name: str, task: str, folder: str, module: str) -> Submission:
    """Hash a submission's files, weigh what they embed, and read its division."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}", name):
        raise Refused(
            f"A submission's name is 1 to 80 letters, digits and _ . -, got {name[:100]!r}."
        )
    n_code = n_bytes = 0
    embedded = zlib.compressobj(9)
    n_embedded = 0
    for path, relative in files(Path(folder)):
        data = path.read_bytes()
        n_bytes += len(data)
        if path.suffix == ".py":
            n_code += len(data)
            data = _constants(data, relative)
        n_embedded += len(embedded.compress(data))
        if n_bytes > MAX_FILES:
            raise Refused(f"{name}: a submission's files may be at most {MAX_FILES >> 20} MiB.")
    n_embedded += len(embedded.flush())
    if n_code > MAX_CODE:
        raise Refused(
            f"{name}: a submission's code may be at most {MAX_CODE:,} bytes, got {n_code:,}."
        )
    file = module_file(Path(folder), module)
    division = _literal(file, "DIVISION") or ""
    return Submission(name, task, module, folder, digest(Path(folder)), division, n_embedded)


def digest(folder: Path) -> str:
    """Return the SHA-256 of the names and contents of a submission's files."""
    found = hashlib.sha256()
    for path, relative in files(folder):
        data = path.read_bytes()
        found.update(f"{relative}\0{len(data)}\0".encode() + data)
    return found.hexdigest()


def locate(module: str) -> tuple[Path, str]:
    """Return (folder or file to copy, dotted module) of an installed module; imports nothing."""
    top, *rest = module.split(".")
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


def _submissions(task: str) -> tuple[dict[str, Submission], list[str]]:
    known = tasks()
    theme = entry(task).theme
    found: dict[str, Submission] = {}
    trouble: list[str] = []
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
    for point in _entry_points(f"harness.submissions.{task}"):
        owner = point.dist.name if point.dist is not None else "an unknown package"
        if point.name in found:
            trouble.append(f"{owner} declares {point.name!r}, a name that is taken.")
            continue
        try:
            folder, module = locate(point.value)
            found[point.name] = describe(point.name, task, str(folder), module)
        except (Refused, Unknown) as error:
            trouble.append(f"{point.name} of {owner}: {error}")
    return found, trouble


def _entry_points(group: str) -> Iterable[EntryPoint]:
    from importlib.metadata import entry_points  # a third of the start-up time of `--help`

    return entry_points(group=group)


def files(folder: Path) -> Iterable[tuple[Path, str]]:
    """Yield the regular files that `sandbox.place` copies, with their relative names."""
    if not folder.is_dir():
        yield folder, folder.name
        return
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if any(part == "__pycache__" or part.startswith(".") for part in relative.parts):
            continue
        if path.is_symlink():
            raise Refused(f"A submission may hold no links, got {str(relative)!r}.")
        if path.is_file():
            yield path, f"{folder.name}/{relative.as_posix()}"
        elif not path.is_dir():
            raise Refused(f"A submission holds plain files only, got {str(relative)!r}.")


def _constants(source: bytes, name: str) -> bytes:
    """Return every literal of a program but its docstrings, one a line."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise Refused(f"{name}:{line or 1}: this is not Python: {error}") from None
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                docstrings.add(first.value)
    literals = (
        (hex(node.value) if isinstance(node.value, int) else repr(node.value)).encode()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node not in docstrings
    )
    return b"\n".join(literals)


def _literal(path: Path, name: str) -> str | None:
    """Return the string that a module assigns to `name` at its top level; runs nothing."""
    for node in ast.parse(path.read_bytes()).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            value = node.value if isinstance(node, ast.Assign) else None
            if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
                raise Refused(
                    f"{path.name}:{node.lineno}: {name} must be a plain string, since it is read "
                    "without running the file."
                )
            return value.value
    return None


def module_file(folder: Path, module: str) -> Path:
    """Return the file of a dotted module below its top package's folder, or the file itself."""
    if not folder.is_dir():
        return folder
    path = folder.joinpath(*module.split(".")[1:])
    for file in (path / "__init__.py", path.with_suffix(".py")):
        if file.is_file():
            return file
    raise Unknown(f"{folder} holds no module {module!r}.")


def nearest(name: str, known: Mapping[str, object] | Iterable[str]) -> str:
    """Return 'Did you mean ...?' or, with nothing near, the list of what there is."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"There are: {', '.join(names) or 'none'}."
