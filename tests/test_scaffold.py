"""A new package is complete: it conforms, installs and is found before a line is changed."""

from __future__ import annotations

import ast
import importlib.metadata
import runpy
import tomllib
from pathlib import Path

import pytest

from harness import catalog
from harness.scaffold import new
from harness.vocabulary import Refused, Unknown


def baseline(task: str) -> Path:
    return Path(next(iter(catalog.submissions(task).values())).folder)


def test_the_package_of_a_new_submission_passes_its_own_test_untouched(tmp_path: Path) -> None:
    files = new("my-idea", "layerwise", tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in files] == [
        "my-idea/pyproject.toml",
        "my-idea/my_idea.py",
        "my-idea/test_my_idea.py",
        "my-idea/README.md",
    ]
    assert "harness install ." in files[3].read_text() and "pip" not in files[3].read_text()
    tests = runpy.run_path(str(files[2]))
    tests["test_my_idea_conforms_to_its_task"]()


def test_the_packages_test_fails_once_the_submission_is_broken(tmp_path: Path) -> None:
    files = new("my-idea", "layerwise", tmp_path)
    files[1].write_text(files[1].read_text().replace("def fit", "def fitt"))
    with pytest.raises(AssertionError, match=r"FAIL has fit: .*my_idea\.py:1"):
        runpy.run_path(str(files[2]))["test_my_idea_conforms_to_its_task"]()


@pytest.mark.parametrize("task", catalog.tasks())
def test_every_task_gives_its_baseline_under_a_docstring_of_its_own(task, tmp_path: Path) -> None:
    files = new("my-idea", task, tmp_path)
    source, original = files[1].read_text(), baseline(task).read_text()
    body = ast.parse(source).body
    assert ast.dump(ast.Module(body[1:], [])) == ast.dump(
        ast.Module(ast.parse(original).body[1:], [])
    )
    docstring = ast.get_docstring(ast.parse(source)) or ""
    assert docstring.startswith(f"my-idea, a submission to {task}")
    assert docstring.endswith(ast.get_docstring(ast.parse(original)) or "")
    described = catalog.describe("my-idea", task, str(files[1]), "my_idea")
    assert described.embedded_bytes == catalog.submissions(task)["baseline"].embedded_bytes


def test_the_installed_package_is_found_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = new("My.Idea-2", "layerwise", tmp_path)
    project = tomllib.loads(files[0].read_text())
    ((group, points),) = project["project"]["entry-points"].items()
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"] == ["my_idea_2.py"]
    site = tmp_path / "site"  # what an installer makes of it
    metadata = site / "my_idea_2-0.1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: My.Idea-2\nVersion: 0.1.0\n")
    lines = [f"{name} = {value}" for name, value in points.items()]
    (metadata / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines, ""]))
    (site / files[1].name).write_bytes(files[1].read_bytes())
    monkeypatch.syspath_prepend(site)
    installed = importlib.metadata.Distribution.at(metadata).entry_points
    monkeypatch.setattr(importlib.metadata, "entry_points", installed.select)
    found = catalog.submissions("layerwise")["My.Idea-2"]
    assert found.module == "my_idea_2"
    assert found.folder == str(site / "my_idea_2.py")
    assert found.embedded_bytes == catalog.submissions("layerwise")["baseline"].embedded_bytes


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "begins and ends"),
        ("my idea", "begins and ends"),
        ("../idea", "begins and ends"),
        ("-idea", "begins and ends"),
        ("idea-", "begins and ends"),
        ("idée", "begins and ends"),
        ("x" * 81, "1 to 80"),
        ("2nd-idea", "cannot import"),
        ("lambda", "cannot import"),
        ("baseline", "has a submission"),
        ("One-Sweep", "has a submission"),
        ("json", "installed module"),
        ("Numpy", "installed module"),
        ("harness", "installed module"),
    ],
)
def test_a_name_that_would_not_work_is_refused_and_leaves_nothing(name, why, tmp_path) -> None:
    with pytest.raises(Refused, match=why):
        new(name, "layerwise", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_never_written_to(tmp_path: Path) -> None:
    (tmp_path / "my-idea").mkdir()
    with pytest.raises(Refused, match="there already"):
        new("my-idea", "layerwise", tmp_path)
    assert list((tmp_path / "my-idea").iterdir()) == []


def test_an_unknown_task_gets_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(Unknown, match="Did you mean 'layerwise'"):
        new("my-idea", "layerwse", tmp_path)


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="cannot be written: Not a directory"):
        new("my-idea", "layerwise", tmp_path / "file")
