"""Finding submissions without running them: names, hashes, weights, divisions, links."""

from __future__ import annotations

import importlib.metadata
import os
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from harness import catalog, source
from harness.vocabulary import Refused, Submission, Unknown
from tests import tiny

TASK = "layerwise"


def describe(path: Path, name: str = "idea", module: str = "") -> Submission:
    return catalog.describe(name, TASK, str(path), module or path.stem)


def package(folder: Path, **files: str) -> Path:
    root = folder / "idea"
    root.mkdir()
    (root / "__init__.py").write_text(tiny.HONEST)
    for name, text in files.items():
        (root / name.replace("__", "/")).write_text(text)
    return root


# ---------------------------------------------------------------------------------------------
# Hash and weight


def test_the_hash_changes_with_any_byte_and_any_name(tmp_path: Path) -> None:
    root = package(tmp_path, data="1")
    hashes = [describe(root).source]
    (root / "data").write_text("2")
    hashes.append(describe(root).source)
    (root / "data").rename(root / "more")
    hashes.append(describe(root).source)
    (root / "__init__.py").write_text(tiny.HONEST + "\n")
    hashes.append(describe(root).source)
    assert len(set(hashes)) == 4


def test_the_hash_does_not_depend_on_the_place_nor_on_caches(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    one, other = package(tmp_path / "a"), package(tmp_path / "b")
    (other / "__pycache__").mkdir()
    (other / "__pycache__" / "x.pyc").write_text("x")
    (other / ".hidden").write_text("x")
    assert describe(one).source == describe(other).source


def test_bytes_cannot_move_between_files_under_one_hash(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    one = package(tmp_path / "a", x="12", y="3")
    other = package(tmp_path / "b", x="1", y="23")
    assert describe(one).source != describe(other).source


def test_constants_and_data_files_weigh_and_comments_and_names_do_not(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).bytes(3000).hex()
    plain = tmp_path / "plain.py"
    plain.write_text(tiny.HONEST)
    weights = {"plain": describe(plain).embedded_bytes}
    for kind, text in {
        "string": f"W = '{noise}'\n",
        "number": f"W = 0x{noise[:1000]}\n",
        "comment": f"# {noise}\n",
        "name": f"a{noise} = 1\n",
    }.items():
        path = tmp_path / f"{kind}.py"
        path.write_text(tiny.HONEST + text)
        weights[kind] = describe(path).embedded_bytes
    root = package(tmp_path, weights=noise)
    weights["file"] = describe(root).embedded_bytes
    assert weights["comment"] == weights["plain"] and weights["name"] < weights["plain"] + 10
    assert weights["string"] > 3000 and weights["file"] > 3000
    assert weights["number"] > 450


def test_names_weigh_once_they_are_more_than_a_program_needs(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).bytes(20_000).hex()
    path = tmp_path / "names.py"
    path.write_text(
        tiny.HONEST + "".join(f"a{noise[i : i + 50]} = 1\n" for i in range(0, 40_000, 50))
    )
    assert 20_000 - catalog.ALLOWANCE < describe(path).embedded_bytes < 22_000


@pytest.mark.parametrize("name", catalog.submissions(TASK))
def test_the_text_of_an_honest_program_is_free(name: str) -> None:
    folder = Path(catalog.submissions(TASK)[name].folder)
    placed = zlib.compress(source.bare(folder.read_bytes(), folder.name), 9)
    assert len(placed) < catalog.ALLOWANCE / 2


@pytest.mark.parametrize(
    ("name", "n_bytes", "reason"),
    [
        ("weights.bin", catalog.MAX_FILES + 1, "files may be at most 64 MiB"),
        ("huge.py", 10 * catalog.MAX_FILES, "files may be at most 64 MiB"),
        ("large.py", catalog.MAX_FILES - 1000, "code may be at most 100,000 bytes"),
    ],
)
def test_sizes_are_looked_at_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, n_bytes: int, reason: str
) -> None:
    root = package(tmp_path)
    with (root / name).open("wb") as file:
        file.truncate(n_bytes)
    monkeypatch.setattr(catalog, "read", lambda path, size: pytest.fail("it was read"))
    with pytest.raises(Refused, match=reason):
        describe(root)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(bytes(100))
    assert catalog.read(path, 100) == bytes(100)
    with pytest.raises(Refused, match="data has more than 99 bytes"):
        catalog.read(path, 99)


def test_too_many_files_are_refused_and_hidden_ones_count(tmp_path: Path) -> None:
    root = package(tmp_path)
    for n in range(catalog.MAX_COUNT - 1):
        (root / f".{n}").touch()
    describe(root)
    (root / "one_more").touch()
    with pytest.raises(Refused, match="at most 1,000 files and folders"):
        describe(root)


def test_names_of_files_that_no_one_can_read_are_refused(tmp_path: Path) -> None:
    root = package(tmp_path)
    (root / "\x1b[2Jdata").touch()
    with pytest.raises(Refused, match=r"must be readable text, got '\\x1b\[2Jdata'"):
        describe(root)
    (root / "\x1b[2Jdata").unlink()
    (root / os.fsdecode(b"\xff")).touch()
    with pytest.raises(Refused, match="must be readable text"):
        describe(root)


def test_files_are_hashed_in_the_order_of_their_names(tmp_path: Path) -> None:
    root = package(tmp_path, b="1", a="2")
    (root / "a-folder").mkdir()
    (root / "a-folder" / "c").touch()
    names = [name for _, name in catalog.files(root)]
    assert names == ["idea/__init__.py", "idea/a", "idea/a-folder/c", "idea/b"]
    assert names == [f"idea/{p.relative_to(root)}" for p in sorted(root.rglob("*")) if p.is_file()]


def test_code_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "idea.py"
    path.write_text("#" * (catalog.MAX_CODE + 1))
    with pytest.raises(Refused, match="code may be at most 100,000 bytes, got 100,001"):
        describe(path)


def test_what_is_no_python_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "idea.py"
    path.write_text("x = 1\ndef fit(\n")
    with pytest.raises(Refused, match=r"idea\.py:2: this is not Python"):
        describe(path)


def test_code_that_would_break_the_parser_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "idea.py"
    path.write_text("x = " + "(" * 5000)
    with pytest.raises(Refused, match="this is not Python"):
        describe(path)
    path.write_bytes(b"x = 1\0\n")
    with pytest.raises(Refused, match="this is not Python"):
        describe(path)


def test_a_long_number_weighs_as_much_as_it_says(tmp_path: Path) -> None:
    path = tmp_path / "idea.py"
    path.write_text(f"W = 0x{np.random.default_rng(0).bytes(5000).hex()}\n")
    assert describe(path).embedded_bytes > 4500


# ---------------------------------------------------------------------------------------------
# Links and special files


def test_links_in_a_package_are_refused(tmp_path: Path) -> None:
    root = package(tmp_path)
    (root / "answers").symlink_to("/etc/passwd")
    with pytest.raises(Refused, match="may hold no links, got 'answers'"):
        describe(root)


def test_linked_folders_in_a_package_are_refused(tmp_path: Path) -> None:
    root = package(tmp_path)
    (root / "answers").symlink_to("/etc")
    with pytest.raises(Refused, match="may hold no links, got 'answers'"):
        describe(root)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipes_in_a_package_are_refused_and_not_read(tmp_path: Path) -> None:
    root = package(tmp_path)
    os.mkfifo(root / "pipe")
    with pytest.raises(Refused, match="holds plain files only, got 'pipe'"):
        describe(root)


# ---------------------------------------------------------------------------------------------
# Division and names


def test_the_division_is_read_without_running_code(tmp_path: Path) -> None:
    path = tmp_path / "idea.py"
    path.write_text("raise SystemExit\nDIVISION = 'certified'\n")
    assert describe(path).division == "certified"
    path.write_text(tiny.HONEST)
    assert describe(path).division == ""


def test_a_division_that_would_have_to_be_computed_is_refused_and_not_run(tmp_path: Path) -> None:
    path = tmp_path / "idea.py"
    path.write_text(f"DIVISION = open({str(tmp_path / 'ran')!r}, 'w').name\n")
    with pytest.raises(Refused, match="DIVISION"):
        describe(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["", "../up", "a b", "a" * 81, "-x", "a\n", "é"])
def test_names_that_are_no_names_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "idea.py"
    path.write_text(tiny.HONEST)
    with pytest.raises(Refused, match="name is 1 to 80 letters"):
        describe(path, name)


def test_tasks_come_in_the_order_of_the_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for theme, name, idea in [
        ("wikipedia", "article", 27),
        ("approximation", "b", 2),
        ("approximation", "a", 10),
        ("generalization", "z", 16),
        ("optimization", "y", 5),
        ("a_theme_of_others", "x", 1),
    ]:
        (tmp_path / "tasks" / theme).mkdir(parents=True, exist_ok=True)
        (tmp_path / "tasks" / theme / f"{name}.py").write_text(f'"""T\n\nIdea: {idea}, i.\n"""\n')
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    assert list(catalog.tasks()) == ["b", "a", "y", "z", "article", "x"]


def test_the_themes_of_the_folder_are_those_of_the_course() -> None:
    themes = {entry.theme for entry in catalog.tasks().values()}
    assert themes <= set(catalog.THEMES)
    numbers = [catalog.load(name).idea for name in catalog.tasks()]
    assert numbers == sorted(numbers)


def test_unknown_names_offer_the_nearest() -> None:
    with pytest.raises(Unknown, match="Did you mean 'layerwise'"):
        catalog.entry("layerwize")
    with pytest.raises(Unknown, match="Did you mean 'baseline'"):
        catalog.find("baselin", TASK)
    with pytest.raises(Unknown, match=r"There is no file './nowhere.py'"):
        catalog.find("./nowhere.py", TASK)


def test_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "my_idea.py"
    path.write_text(tiny.HONEST)
    found = catalog.find(str(path), TASK)
    assert (found.name, found.module, found.folder) == ("my_idea", "my_idea", str(path))


# ---------------------------------------------------------------------------------------------
# Entry points


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Return a function that pretends that a distribution declares entry points."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def declare(files: list[str] | None = None, **values: str) -> None:
        stranger = SimpleNamespace(name="stranger", files=files and list(map(Path, files)))
        points = [
            SimpleNamespace(name=name, value=value, dist=stranger) for name, value in values.items()
        ]
        monkeypatch.setattr(
            importlib.metadata,
            "entry_points",
            lambda group: points if group == f"harness.submissions.{TASK}" else [],
        )

    return declare


def test_an_installed_submission_is_found_and_not_imported(tmp_path: Path, installed) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "stranger_idea.py").write_text("raise SystemExit\n")
    installed(idea="stranger_idea")
    found = catalog.submissions(TASK)["idea"]
    assert (found.module, found.folder) == ("stranger_idea", str(tmp_path / "stranger_idea.py"))
    assert "stranger_idea" not in sys.modules


def test_an_entry_point_that_takes_anothers_name_is_refused(tmp_path: Path, installed) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "stranger_idea.py").write_text(tiny.HONEST)
    before = catalog.submissions(TASK)["baseline"]
    installed(baseline="stranger_idea")
    assert catalog.submissions(TASK)["baseline"] == before
    assert catalog.problems(TASK) == ["stranger declares 'baseline', a name that is taken."]


@pytest.mark.parametrize("value", ["os", "harness", "submissions.baselines", "numpy", "pytest"])
def test_an_entry_point_at_what_is_not_the_packages_own_is_refused(installed, value: str) -> None:  # type: ignore[no-untyped-def]
    installed(files=["stranger_idea.py", "stranger-1.dist-info/RECORD"], idea=value)
    assert "idea" not in catalog.submissions(TASK)
    (problem,) = catalog.problems(TASK)
    assert problem.startswith(f"'idea' of stranger: {value!r} is no part of the package")


@pytest.mark.parametrize("name", ["Baseline", "one-sweep", "ONE.SWEEP"])
def test_a_name_that_only_looks_like_another_one_is_taken(tmp_path: Path, installed, name) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "stranger_idea.py").write_text(tiny.HONEST)
    installed(**{name: "stranger_idea"})
    assert catalog.problems(TASK) == [f"stranger declares {name!r}, a name that is taken."]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (tiny.HONEST, "no_such_module"),
        ("def fit(", "stranger_idea"),
        ("DIVISION = print()", "stranger_idea"),
        (tiny.HONEST, "stranger_idea:fit"),
        (tiny.HONEST, "stranger_idea.fit"),
        (tiny.HONEST, "sys"),
        (tiny.HONEST, "math"),
    ],
)
def test_a_broken_installed_submission_is_a_problem_and_hides_no_other(
    tmp_path: Path,
    installed,  # type: ignore[no-untyped-def]
    text: str,
    value: str,
) -> None:
    (tmp_path / "stranger_idea.py").write_text(text)
    installed(idea=value)
    assert "baseline" in catalog.submissions(TASK)
    assert "idea" not in catalog.submissions(TASK)
    assert len(catalog.problems(TASK)) == 1
