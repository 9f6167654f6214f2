"""The runtime's folders: a run's scratch, claimed, and swept where its run was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from harness.runtime import claim, release

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs locks on folders")

HOLDER = "from harness.runtime import claim\nprint(claim()[0], flush=True)\ninput()\n"


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_claimed_folder_stays_while_its_process_lives_and_is_swept_when_it_is_killed(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert process.stdout is not None
    theirs = Path(process.stdout.readline().strip())
    (theirs / "deep").mkdir()
    release(*claim())
    assert theirs.is_dir()
    process.kill()
    process.communicate()
    mine = claim()
    assert [str(path) for path in tmp_path.iterdir()] == [mine[0]]
    release(*mine)
    release(*mine)
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_leaves_alone_what_no_run_claimed(tmp_path):
    kept = [tmp_path / "harness-abc", tmp_path / "harness-run-link", tmp_path / "target"]
    for folder in (kept[0], kept[2]):
        folder.mkdir()
    kept[1].symlink_to(kept[2])
    (kept[2] / "file").touch()
    release(*claim())
    assert sorted(tmp_path.iterdir()) == sorted(kept)
    assert (kept[2] / "file").exists()


def test_a_folder_that_is_swept_before_it_is_held_is_made_again(tmp_path, monkeypatch):
    make = tempfile.mkdtemp
    made: list[str] = []

    def swept_at_first(prefix: str) -> str:
        made.append(make(prefix=prefix))
        if len(made) == 1:
            os.rmdir(made[0])
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", swept_at_first)
    folder, hold = claim()
    assert [folder] == made[1:]
    release(folder, hold)
