"""Write a submission's package, complete and ready to be changed.

The module is a copy of the task's baseline under a docstring of its own. So it conforms and runs
from the first minute, whatever the task, and every change shows against the score of 1.00 from
which it set out. A skeleton would need to be written for each task and would be examined by none.
"""

from __future__ import annotations

import ast
import importlib.machinery
import keyword
import re
import sys
from pathlib import Path

from harness import catalog
from harness.unpack import NAME
from harness.vocabulary import Refused, Task

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = "A submission to the task {task}."
readme = "README.md"
requires-python = ">=3.11"
dependencies = []  # it runs where the harness is installed, with the packages found there

[project.entry-points."harness.submissions.{task}"]
{key} = "{module}"

[tool.hatch.build.targets.wheel]
only-include = ["{module}.py"]
"""

README = """\
# {name}

A submission to the task `{task}`: {title}

`{module}.py` is all that is examined. It starts as a copy of the task's baseline.

    harness show {task}
    harness check {module}.py --task {task}
    harness run --task {task} --submission {module}.py

To have it found by its name, on this machine or another one, and again after a change:

    harness install .
"""

TEST = '''\
"""The checks of the task {task}, with a trial at smoke size, run on this submission."""

from pathlib import Path

from harness.check import check_submission


def test_{module}_conforms_to_its_task() -> None:
    check_submission(Path(__file__).with_name("{module}.py"), "{task}")
'''


def new(name: str, task: str, folder: Path) -> list[Path]:
    """Write the package `name` for a task into a folder of that name.

    Parameters
    ----------
    name
        The submission's name and that of its package; its module is the name in lower case with
        `_` in place of `-` and `.`.
    task
        The task's name.
    folder
        Where the package's folder is made.

    Returns
    -------
    paths
        The files written: pyproject.toml, the module, its test, README.md.

    Raises
    ------
    Unknown
        There is no such task.
    Refused
        The name is no name, or is taken; the folder is there already; the task has no baseline,
        or one that is no single file.
    """
    examined = catalog.load(task)
    module = _module(name)
    _refuse_taken(name, module, task)
    source = _baseline(examined)
    package = folder / name
    if package.exists() or package.is_symlink():
        raise Refused(f"{package} is there already: choose another name, or remove it.")
    words = {
        "name": name,
        "key": f'"{name}"' if "." in name else name,
        "module": module,
        "task": task,
        "title": examined.title,
    }
    texts = {
        "pyproject.toml": PYPROJECT.format(**words),
        f"{module}.py": _retitled(source, name, task),
        f"test_{module}.py": TEST.format(**words),
        "README.md": README.format(**words),
    }
    try:
        package.mkdir(parents=True)
        for file, text in texts.items():
            (package / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{package} cannot be written: {error.strerror}.") from None
    return [package / file for file in texts]


def _module(name: str) -> str:
    """Return the module's name for a package's, or refuse the name."""
    if not NAME.fullmatch(name):
        raise Refused(
            f"A name is 1 to 80 letters, digits and - _ . that begins and ends with a letter or "
            f"digit, got {name[:100]!r}."
        )
    module = re.sub(r"[-_.]+", "_", name).lower()
    if not module.isidentifier() or keyword.iskeyword(module):
        raise Refused(
            f"{name!r} would make a module {module!r}, which Python cannot import: begin with a "
            "letter and avoid Python's own words."
        )
    return module


def _refuse_taken(name: str, module: str, task: str) -> None:
    """Refuse a name under which something else would be found."""
    if catalog.taken(name, catalog.submissions(task)):
        raise Refused(f"{task} has a submission {name!r} already: choose another name.")
    installed = module in sys.stdlib_module_names or module in sys.builtin_module_names
    if installed or importlib.machinery.PathFinder.find_spec(module) is not None:
        raise Refused(f"There is an installed module {module!r} already: choose another name.")


def _baseline(task: Task) -> str:
    """Return the source of the baseline of the task's first ranked division."""
    leader = next(name for name in task.divisions.values() if name is not None)
    found = catalog.submissions(task.name).get(leader)
    if found is None or not Path(found.folder).is_file():
        raise Refused(
            f"{task.name} has no baseline in a single file to start from: write `fit` and "
            f"`predict` by `harness show {task.name}`."
        )
    return Path(found.folder).read_text(encoding="utf-8")


def _retitled(source: str, name: str, task: str) -> str:
    """Put a docstring of its own before the baseline's, which stays beneath it."""
    tree = ast.parse(source)
    inherited = (ast.get_docstring(tree) or "").replace("\\", "\\\\").replace('"""', "'''")
    body = source
    if inherited:
        lines = source.splitlines(keepends=True)
        body = "".join(lines[tree.body[0].end_lineno :])
    title = f'"""{name}, a submission to {task}: so far the baseline, word for word.'
    return "\n\n".join(part for part in (title, inherited) if part) + f'\n"""\n{body}'
