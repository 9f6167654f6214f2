"""What the README tells a newcomer to do works as it is written there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness import catalog

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def block(language: str, containing: str) -> str:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", README, re.S | re.M)
    found = [text for kind, text in blocks if kind == language and containing in text]
    assert len(found) == 1, f"{len(found)} {language} blocks of the README hold {containing!r}"
    return str(found[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("newcomer")
    (path / "idea.py").write_text(block("python", "def fit"))
    return path


def test_the_submission_of_the_readme_passes_its_own_commands(folder):
    environment = {**os.environ, "HARNESS_STORE": str(folder / "trials.db")}
    for line in block("sh", "idea.py").splitlines():
        argv = line.split()
        assert argv[0] == "harness"
        if argv[1] in ("run", "compare"):
            argv += ["--size", "smoke"]
        if argv[1] == "run":
            argv += ["--seeds", "2"]
        argv[:1] = [sys.executable, "-m", "harness"]
        done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


def test_every_file_of_the_tree_is_there_and_every_module_is_in_the_tree():
    tree = block("", "harness/               the wall").splitlines()
    folder = ""
    named = set()
    for line in tree:
        name = line.split()[0]
        path = Path(name) if not line.startswith(" ") else Path(folder, name)
        folder = name if not line.startswith(" ") else folder
        assert (ROOT / path).exists(), f"the README's tree names {path}"
        named.add(str(path))
    modules = {f"harness/{path.name}" for path in (ROOT / "harness").glob("[a-z]*.py")}
    assert modules <= named


def test_every_task_is_in_the_table_in_the_order_of_the_course():
    rows = re.findall(r"^\|(?: \w+)? \| `(\w+)` \| (.*) \|$", README, re.M)
    assert rows == [(name, catalog.sheet(name)[""]) for name in catalog.tasks()]


def test_every_make_target_of_the_readme_exists():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`?make (\w+)", README):
        assert target in ("and",) or re.search(rf"^{target}:", makefile, re.M), target


def test_every_file_that_the_readme_points_at_exists():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
