"""Hostile packages end as they deserve, run nothing, and change nothing; see `cheats/packages/`.

The docstring of a cheat says what it tries and how it ends. `FILES` are written as a project's
folder, or as the archive that `KIND` names, unless it has a function `write` of its own; `{canary}`
in a text is a file that only code of the package would write.
"""

from __future__ import annotations

import io
import os
import re
import runpy
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from harness import catalog, install, packages
from harness.vocabulary import Refused

CHEATS = sorted((Path(__file__).parent / "cheats" / "packages").glob("*.py"))
TASK = "layerwise"
OTHER = """\
[project]
name = "other"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
other = "other"
"""
SECONDS = 5.0
"""Processor time after which refusing a package counts as an attack that worked."""


def write(cheat: dict[str, Any], folder: Path, canary: Path) -> Path:
    """Write a cheat's package into an empty folder; return its path."""
    if "write" in cheat:
        return Path(cheat["write"](folder, canary))
    files = {
        name: text.replace("{canary!r}", repr(str(canary))).encode(errors="surrogateescape")
        if isinstance(text, str)
        else text
        for name, text in cheat["FILES"].items()
    }
    kind = cheat.get("KIND")
    if kind is None:
        for name, data in files.items():
            path = folder / "idea" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder / "idea"
    if kind == "whl":
        points = cheat.get("POINTS", f"[harness.submissions.{TASK}]\nidea = idea\n")
        files.setdefault("idea-1.0.dist-info/METADATA", b"Name: idea\nVersion: 1.0\n")
        files["idea-1.0.dist-info/entry_points.txt"] = points.encode()
    path = folder / f"idea-1.0.{kind}"
    if kind == "tar.gz":
        with tarfile.open(path, "w:gz") as archive:
            for name, data in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    return path


def everything(folder: Path) -> dict[str, bytes | None]:
    """Return every path below a folder with what it holds."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of installed packages, with another student's in it."""
    home = tmp_path / "world" / "home"
    monkeypatch.setenv("HARNESS_SUBMISSIONS", str(home))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    other = tmp_path / "other"
    other.mkdir()
    (other / "pyproject.toml").write_text(OTHER)
    (other / "other.py").write_text("def fit(train, context):\n    return {}\n")
    install.install(other)
    return home


@pytest.mark.parametrize("path", CHEATS, ids=lambda path: path.stem)
def test_a_package_ends_as_it_deserves_and_changes_nothing(
    path: Path, home: Path, tmp_path: Path
) -> None:
    says = dict(re.findall(r"^(Ends|Reason|By path): (.*)$", path.read_text(), re.M))
    canary = tmp_path / "canary"
    written = tmp_path / "world" / "downloads" / "deep"
    written.mkdir(parents=True)
    package = write(runpy.run_path(str(path)), written, canary)
    before, known = everything(tmp_path / "world"), catalog.submissions(TASK)
    modules, search = set(sys.modules), list(sys.path)
    start = time.process_time()

    ended, reason = "installed", ""
    try:
        install.install(package)
    except Refused as refusal:
        ended, reason = "refused", str(refusal)

    assert (ended, reason) == (says["Ends"], reason)
    assert re.search(says.get("Reason", ""), reason), reason
    assert reason.isprintable() and len(reason) < 500
    assert time.process_time() - start < SECONDS
    if ended == "installed":
        found = catalog.submissions(TASK)["idea"]
        assert Path(found.folder).is_relative_to(home / "idea")
        assert {place.parts[0] for place in map(Path, os.listdir(home))} == {"idea", "other"}
        install.uninstall("Idea")
    by_path = "installed"
    try:
        install.named(str(package), TASK)
    except Refused as refusal:
        by_path = "refused"
        assert re.search(says["Reason"], str(refusal)), str(refusal)
    assert by_path == says.get("By path", says["Ends"])

    assert not canary.exists()
    assert everything(tmp_path / "world") == before
    assert catalog.submissions(TASK) == known and "other" in known
    assert catalog.problems(TASK) == []
    tops = {name.split(".")[0] for name in set(sys.modules) - modules}
    assert not tops & {"idea", "other", "backend", "setup", "conftest", "sitecustomize", "escaped"}
    assert sys.path == search
    assert not any(Path(entry).is_relative_to(home) for entry in sys.path if entry)
    assert list(packages.stored()) == ["other"]
