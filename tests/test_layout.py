"""The architecture: who may import whom, what belongs to what, and that names say it."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import catalog
from harness.catalog import ROOT, SHEET

OURS = {"harness", "tasks", "submissions", "leaderboard", "benchmarks", "tests"}
MAY_IMPORT = {
    "harness": {"harness"},
    "tasks": {"tasks", "harness"},
    "submissions": {"submissions"},
    "leaderboard": {"leaderboard", "harness"},
    "benchmarks": {"benchmarks", "harness", "tasks._data"},  # drawing data is timed like a kernel
}
"""Folder -> what of ours it may import."""
EXAMINEE = {"numpy", "scipy", "torch"}
"""What a submission finds imported, and all that a kernel may know."""
LONGEST = 450
LONGER = {"harness/check.py", "harness/rank.py", "harness/sandbox.py", "harness/store.py"}
"""Files that may be longer, each one whole thing; the list should shrink."""
OF_THE_WHOLE = {"layout", "faults", "load", "platforms", "channels"}
"""Properties that belong to no single file, each with a test file named after it."""
NO_QUANTITY = {"float64"}
"""Kernels' own conversion of arguments: nothing to time."""


def sources(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything that a file imports, wherever it does so."""
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: -node.level]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def top(name: str) -> str:
    return name.split(".")[0]


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def every(*folders: str) -> list[object]:
    paths = [path for folder in folders for path in sources(folder)]
    assert paths
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


@pytest.mark.parametrize("path", every(*MAY_IMPORT))
def test_a_room_imports_of_ours_only_what_it_may(path):
    allowed = MAY_IMPORT[path.relative_to(ROOT).parts[0]]
    for name in imports(path):
        assert top(name) not in OURS or any(is_within(name, one) for one in allowed), name


@pytest.mark.parametrize("path", every("harness/kernels"))
def test_a_kernel_imports_nothing_but_arrays_and_other_kernels(path):
    for name in imports(path):
        known = top(name) in EXAMINEE | sys.stdlib_module_names
        assert known or is_within(name, "harness.kernels"), name


@pytest.mark.parametrize("path", every("submissions"))
def test_a_submission_imports_nothing_but_arrays_and_other_submissions(path):
    for name in imports(path):
        known = top(name) in EXAMINEE | sys.stdlib_module_names
        assert known or is_within(name, "submissions"), name


@pytest.mark.parametrize("path", every("tasks"))
def test_a_task_imports_no_other_task(path):
    theme, name = (*path.relative_to(ROOT / "tasks").with_suffix("").parts, "", "")[:2]
    own = ("tasks._data", f"tasks.{theme}.{name}")
    for imported in imports(path):
        is_own = any(is_within(imported, one) for one in own)
        assert top(imported) != "tasks" or is_own, imported


@pytest.mark.parametrize("name", catalog.tasks())
def test_a_task_has_a_baseline_of_its_name_and_a_whole_sheet(name):
    theme = catalog.entry(name).theme
    assert (ROOT / "submissions" / "baselines" / theme / f"{name}.py").is_file()
    sheet = catalog.sheet(name)
    assert tuple(key for key in sheet if key) == SHEET
    assert all(sheet.values())
    task = catalog.load(name)
    assert sheet[""] == task.title
    assert sheet["Idea"].startswith(f"{task.idea},")
    baselines = {baseline for baseline in task.divisions.values() if baseline is not None}
    assert baselines <= catalog.submissions(name).keys()


@pytest.mark.parametrize("name", catalog.tasks())
def test_a_claim_speaks_of_submissions_that_are_there(name):
    for claim in catalog.load(name).claims:
        assert {claim.contrast.a, claim.contrast.b} <= catalog.submissions(name).keys()


KERNELS = [path.stem for path in sources("harness/kernels") if path.stem != "__init__"]


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_has_its_test_and_its_benchmark(name):
    assert (ROOT / "tests" / "kernels" / f"test_{name}.py").is_file()
    assert (ROOT / "benchmarks" / f"{name}.py").is_file() or name in NO_QUANTITY


def mirrored(path: Path) -> list[Path]:
    """Return the places one of which a test file must be the mirror of."""
    folder = path.relative_to(ROOT / "tests").parent
    name = path.stem.removeprefix("test_")
    if folder == Path("kernels"):
        return [ROOT / "harness" / "kernels" / f"{name}.py"]
    if folder.parts[:1] == ("tasks",):
        if name.startswith("data_"):
            return [ROOT / "tasks" / "_data" / f"{name.removeprefix('data_')}.py"]
        return [ROOT / folder / f"{name}.py", ROOT / folder / name / "__init__.py"]
    first, last = name.split("_")[0], name.split("_")[-1]
    return [
        ROOT / "harness" / f"{name}.py",
        ROOT / first / "__init__.py",
        ROOT / "tests" / last,
        ROOT / f"{name.upper()}.md",
        *(ROOT / "tests" for _ in [0] if name in OF_THE_WHOLE),
    ]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=str(path.relative_to(ROOT / "tests")))
        for path in sources("tests")
        if path.name.startswith("test_")
    ],
)
def test_a_test_file_is_the_mirror_of_something(path):
    assert any(place.exists() for place in mirrored(path))


@pytest.mark.parametrize("path", every("harness", "tasks"))
def test_a_file_can_be_read_in_one_sitting(path):
    n_lines = len(path.read_text().splitlines())
    assert n_lines <= LONGEST or str(path.relative_to(ROOT)) in LONGER, n_lines


@pytest.mark.parametrize("path", every(*OURS))
def test_a_module_is_named_after_what_it_is(path):
    assert not {"utils", "util", "helpers", "common", "manager", "misc"} & set(path.stem.split("_"))


@pytest.mark.parametrize("path", every("harness", "tasks", "submissions", "leaderboard"))
def test_a_module_says_what_it_is_for(path):
    assert ast.get_docstring(parsed(path))
