"""A package is stored whole or not at all, is found by its name, and never runs here."""

from __future__ import annotations

import importlib.metadata
import os
import random
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import catalog, cli, install, packages, runtime
from harness import run as rounds
from harness.check import candidates
from harness.scaffold import new
from harness.unpack import unpack
from harness.vocabulary import Refused, Unknown
from tests import tiny

TASK = "layerwise"
ROOT = Path(install.__file__).parent.parent


def project(folder: Path, name: str = "idea", version: str = "1.0", text: str = "") -> Path:
    """Write a project that enters `name` with a module of that name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "{version}"\n\n'
        f'[project.entry-points."harness.submissions.{TASK}"]\n{name} = "{name}"\n'
    )
    (folder / f"{name}.py").write_text(tiny.HONEST + text)
    return folder


def wheel(folder: Path, name: str = "idea", version: str = "1.0", points: str = "") -> Path:
    """Write a wheel as a build makes it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    lines = points or f"[harness.submissions.{TASK}]\n{name} = {name}\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.py", tiny.HONEST)
        archive.writestr(f"{info}/METADATA", f"Name: {name}\nVersion: {version}\n\nName: no\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        archive.writestr(f"{info}/entry_points.txt", f"# ours\n{lines}")
        archive.writestr(f"{info}/RECORD", "")
    return path


def zipped(folder: Path) -> Path:
    path = folder / "idea-main.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = b"0123456789012345678901234567890123456789"  # as downloads have it
        for file in sorted(project(folder / "inside").iterdir()):
            archive.write(file, f"idea-main/{file.name}")
    return path


def sdist(folder: Path) -> Path:
    path = folder / "idea-1.0.tar.gz"
    project(folder / "sources" / "src")
    os.rename(folder / "sources/src/pyproject.toml", folder / "sources/pyproject.toml")
    (folder / "sources" / "PKG-INFO").write_text("Name: idea\n")
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder / "sources", "idea-1.0")
    return path


KINDS = {
    "folder": lambda path: project(path / "idea"),
    "wheel": wheel,
    "zip": zipped,
    "sdist": sdist,
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARNESS_SUBMISSIONS", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def harness(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*argv: str) -> tuple[int, str, str]:
        code = cli.main(argv)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


# ---------------------------------------------------------------------------------------------
# Every kind


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_stored_alike_and_found_by_its_name(
    kind: str, home: Path, tmp_path: Path
) -> None:
    package, replaced = install.install(KINDS[kind](tmp_path))
    assert (package.name, package.version, replaced) == ("idea", "1.0", None)
    assert sorted(os.listdir(home / "idea")) == ["idea-1.0.dist-info", "idea.py"]
    (found,) = importlib.metadata.distributions(path=[str(home / "idea")])
    assert (found.name, found.version) == ("idea", "1.0")
    assert [(p.group, p.name, p.value) for p in found.entry_points] == [
        (f"harness.submissions.{TASK}", "idea", "idea")
    ]
    submission = catalog.submissions(TASK)["idea"]
    assert submission.folder == str(home / "idea" / "idea.py")
    assert catalog.problems(TASK) == []
    assert "idea" not in sys.modules
    (tmp_path / "again").mkdir()
    (given,) = install.named(str(KINDS[kind](tmp_path / "again")), TASK)
    assert given.source == submission.source


def test_what_the_project_builds_and_what_is_taken_from_its_folder_are_the_same(
    home: Path, tmp_path: Path
) -> None:
    folder = new("my-idea", TASK, tmp_path)[0].parent
    install.install(folder)
    by_name = catalog.submissions(TASK)["my-idea"]
    assert sorted(os.listdir(home / "my-idea")) == ["my-idea-0.1.0.dist-info", "my_idea.py"]
    (direct,) = install.named(str(folder), TASK)
    assert direct.source == by_name.source
    assert direct.embedded_bytes == catalog.submissions(TASK)["baseline"].embedded_bytes


def test_a_version_that_only_a_build_would_know_is_0(home: Path, tmp_path: Path) -> None:
    folder = project(tmp_path / "idea")
    text = (folder / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text(text.replace('version = "1.0"', 'dynamic = ["version"]'))
    assert install.install(folder)[0].version == "0"
    (folder / "pyproject.toml").write_text(text.replace('version = "1.0"\n', ""))
    with pytest.raises(Refused, match="A package's version is like 1.0, got ''"):
        install.install(folder)


def test_only_modules_that_are_entered_are_stored(home: Path, tmp_path: Path) -> None:
    folder = project(tmp_path / "idea")
    for name in ("test_idea.py", ".env", ".git/config", "venv/lib/x.py", "data.bin"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    install.install(folder)
    assert sorted(os.listdir(home / "idea")) == ["idea-1.0.dist-info", "idea.py"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("idea.py", "is no package: name a wheel"),
        ("idea.tar.bz2", "is no package"),
        ("empty", "holds no pyproject.toml"),
    ],
)
def test_what_is_no_package_is_refused(name: str, reason: str, home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / name).touch() if "." in name else None
    with pytest.raises(Refused, match=reason):
        install.install(tmp_path / name)
    assert not home.exists()


def test_what_is_not_there_is_unknown(home: Path, tmp_path: Path) -> None:
    with pytest.raises(Unknown, match="There is no file or folder"):
        install.install(tmp_path / "idea.whl")
    with pytest.raises(Unknown, match="No package 'ideal' is installed. There are: none"):
        install.uninstall("ideal")


# ---------------------------------------------------------------------------------------------
# Again, and away


def test_installing_again_replaces_and_says_what(home: Path, tmp_path: Path) -> None:
    install.install(project(tmp_path / "idea"))
    before = catalog.submissions(TASK)["idea"].source
    package, replaced = install.install(project(tmp_path / "idea", "Idea", "2.0", "x = 1\n"))
    assert (package.version, replaced) == ("2.0", "1.0")
    assert os.listdir(home) == ["idea"]
    assert sorted(os.listdir(home / "idea")) == ["Idea.py", "idea-2.0.dist-info"]
    assert catalog.submissions(TASK)["Idea"].source != before


@pytest.mark.parametrize("step", range(9))
def test_a_crash_leaves_the_old_version_or_the_new(
    step: int, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install.install(project(tmp_path / "idea"))
    project(tmp_path / "next", version="2.0")
    steps = iter(range(100))

    def crashing(function: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object, **named: object) -> object:
            if next(steps) >= step:
                raise KeyboardInterrupt
            return function(*arguments, **named)

        return run

    with monkeypatch.context() as dying:  # from one step on nothing works any more
        for where, name in ((os, "rename"), (runtime, "remove"), (Path, "write_bytes")):
            dying.setattr(where, name, crashing(getattr(where, name)))
        dying.setattr(Path, "write_text", crashing(Path.write_text))
        try:
            install.install(tmp_path / "next")
        except KeyboardInterrupt:
            crashed = True
        else:
            crashed = False
    known = packages.stored()
    assert list(known) == ["idea"]
    (found,) = importlib.metadata.distributions(path=[str(known["idea"])])
    version = found.version
    assert version == ("2.0" if step > 5 else "1.0")
    assert catalog.submissions(TASK)["idea"].folder == str(known["idea"] / "idea.py")
    assert catalog.problems(TASK) == []
    assert crashed == (step < 8)
    assert install.install(tmp_path / "next")[1] == version
    assert packages.stored() == {"idea": home / "idea"}
    assert install.uninstall("idea") == "2.0"
    assert packages.stored() == {}


def test_a_package_is_removed_by_its_name(home: Path, tmp_path: Path) -> None:
    install.install(project(tmp_path / "idea"))
    with pytest.raises(Unknown, match="No package 'ideal' is installed. Did you mean 'idea'"):
        install.uninstall("ideal")
    assert install.uninstall("IDEA") == "1.0"
    assert os.listdir(home) == []
    assert "idea" not in catalog.submissions(TASK)


def test_a_folder_that_cannot_be_written_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HARNESS_SUBMISSIONS", str(tmp_path / "file" / "home"))
    with pytest.raises(Refused, match="cannot be written .Not a directory.: set HARNESS_SUBM"):
        install.install(project(tmp_path / "idea"))


def test_a_refused_version_leaves_the_old_one(home: Path, tmp_path: Path) -> None:
    install.install(project(tmp_path / "idea"))
    known = catalog.submissions(TASK)["idea"]
    with pytest.raises(Refused, match="this is not Python"):
        install.install(project(tmp_path / "idea", version="2.0", text="def f(\n"))
    assert catalog.submissions(TASK)["idea"] == known
    assert os.listdir(home) == ["idea"]


def test_a_broken_archive_is_refused_whatever_is_broken(home: Path, tmp_path: Path) -> None:
    rng = random.Random(0)
    n_refused = 0
    for make in (wheel, sdist, zipped):
        (tmp_path / make.__name__).mkdir()
        path = make(tmp_path / make.__name__)
        whole = path.read_bytes()
        for _ in range(150):
            broken = bytearray(whole)
            for _ in range(rng.choice((1, 1, 3, 30))):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            path.write_bytes(broken[: rng.choice((len(broken), rng.randrange(len(broken))))])
            try:
                unpack(path)
            except Refused as refusal:
                assert str(refusal).isprintable()
                n_refused += 1
    assert n_refused > 200


# ---------------------------------------------------------------------------------------------
# By its path


def test_a_package_enters_every_submission_that_it_declares_for_the_task(
    home: Path, tmp_path: Path
) -> None:
    points = f"[harness.submissions.{TASK}]\none = idea\ntwo = idea\n[console_scripts]\nx = os:x\n"
    path = wheel(tmp_path, points=points)
    found = install.named(str(path), TASK)
    assert [entry.name for entry in found] == ["one", "two"]
    assert len({entry.source for entry in found}) == 1
    assert not home.exists()
    assert [entry.name for entry in candidates(str(path), TASK)] == ["one", "two"]
    with pytest.raises(Unknown, match="enters one, two: name one of them"):
        install.name_of(str(path), TASK)
    assert install.name_of(str(wheel(tmp_path / "single")), TASK) == "idea"
    assert install.name_of("idea", TASK) == "idea"


def test_a_package_for_other_tasks_says_which(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = wheel(tmp_path)
    known = catalog.tasks()
    monkeypatch.setattr(catalog, "tasks", lambda: {**known, "other": known[TASK]})
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(Refused, match="^idea enters layerwise, not other: name another task"):
        install.named(str(path), "other")
    assert os.listdir(tmp_path) == [path.name]


def test_a_new_version_may_be_run_beside_the_installed_one(home: Path, tmp_path: Path) -> None:
    install.install(project(tmp_path / "idea"))
    (found,) = install.named(str(project(tmp_path / "idea", text="x = 1\n")), TASK)
    assert found.name == "idea"
    assert found.source != catalog.submissions(TASK)["idea"].source


def test_a_temporary_package_is_gone_when_the_process_ends(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    program = (
        f"from harness import install\nprint(install.named({str(path)!r}, {TASK!r})[0].folder)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    folder = Path(done.stdout.strip())
    assert folder.is_relative_to(tmp_path) and not folder.exists(), done.stderr
    assert os.listdir(tmp_path) == [path.name]


def test_a_package_by_its_path_is_frozen_and_checked_as_it_was_read(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    (entry,) = install.named(str(path), TASK)
    (given,) = candidates(str(path), TASK)
    path.unlink()
    (tmp_path / "frozen").mkdir()
    (frozen,) = rounds.freeze([entry], tmp_path / "frozen")
    assert frozen.source == entry.source
    assert Path(given.folder).read_bytes() == Path(frozen.folder).read_bytes()


# ---------------------------------------------------------------------------------------------
# The command line


def test_the_commands_install_replace_show_and_remove(harness, home: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = str(project(tmp_path / "idea"))
    assert harness("install", path) == (0, "Installed idea 1.0.\n", "")
    project(tmp_path / "idea", version="1.1")
    assert harness("install", path) == (0, "Installed idea 1.1, was 1.0.\n", "")
    assert "idea" in harness("show", TASK, "--store", str(tmp_path / "db"))[1].split()
    assert harness("uninstall", "idea") == (0, "Removed idea 1.1.\n", "")
    code, out, err = harness("uninstall", "idea")
    assert (code, out) == (2, "") and "No package 'idea' is installed" in err
    (tmp_path / "idea" / "pyproject.toml").unlink()
    code, out, err = harness("install", path)
    assert (code, out, len(err.splitlines())) == (3, "", 1)
    code, _, err = harness("install", str(tmp_path / "absent.whl"))
    assert code == 2 and "There is no file or folder" in err


def test_a_run_takes_a_package_by_its_path(  # type: ignore[no-untyped-def]
    harness, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered: list[str] = []

    def field(task, chosen, known):  # type: ignore[no-untyped-def]
        entered.extend(entry.name for entry in chosen)
        raise Refused("far enough")

    monkeypatch.setattr(rounds, "field", field)
    store = ("--store", str(tmp_path / "db"))
    argv = ("run", "--task", TASK, *store, "--submission", str(wheel(tmp_path)))
    assert harness(*argv)[2] == "harness: far enough\n"
    assert entered == ["idea"]
    code, _, err = harness("compare", "--task", TASK, *store, str(wheel(tmp_path)), "baseline")
    assert code == 2 and "No trial of 'idea' is stored" in err
