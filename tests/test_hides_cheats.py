"""What a submission hides does not arrive behind the wall, or weighs; see `cheats/hides/`.

Each cheat hides random bytes in its own way and says whether they arrive; `fit` digs them out. Each
is first run as its files are, unchanged, where it must succeed: else it would prove nothing.
"""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import catalog, sandbox
from harness.sandbox import Ended, Limits, Nursery
from harness.vocabulary import Refused, Submission
from tests import tiny

CHEATS = sorted((Path(__file__).parent / "cheats" / "hides").glob("*.py"))
NOISE = np.random.default_rng(0).bytes(20_480)
LEAST = 2000
"""Bytes that a cheat must hide to count as one; where bits are few, they hide less than all."""


def written(cheat: dict[str, Any], folder: Path) -> Submission:
    root = folder / "idea"
    root.mkdir()
    for name, text in cheat["hide"](NOISE).items():
        path = root / name
        if name.endswith("/"):
            path.mkdir()
            continue
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if "touch" in cheat:
        cheat["touch"](root, NOISE)
    return Submission("idea", "tiny", "idea", str(root), "", "open", 0)


def arrived(submission: Submission, nursery: Nursery) -> int:
    """Return how many bytes of the noise `fit` found behind the wall."""
    process = nursery.start(submission, "fit", Limits(seconds=10))
    try:
        found = process.call(tiny.make(0, "smoke").train)[0]["found"].tobytes()
    except Ended:
        return 0
    finally:
        process.close()
    return len(found) if NOISE.startswith(found) else 0


@pytest.mark.parametrize("path", CHEATS, ids=lambda path: path.stem)
def test_what_is_hidden_does_not_arrive_or_weighs(
    path: Path, nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (says,) = re.findall(r"^Arrives: (no|weighed|refused)$", path.read_text(), re.M)
    submission = written(runpy.run_path(str(path)), tmp_path)
    if says == "refused":
        with pytest.raises(Refused, match="a program must be UTF-8"):
            catalog.describe("idea", "tiny", submission.folder, "idea")
        with pytest.raises(Refused, match="a program must be UTF-8"):
            arrived(submission, nursery)
        return
    with monkeypatch.context() as unguarded:
        unguarded.setattr(sandbox, "place", copy)
        n_hidden = arrived(submission, nursery)
    assert n_hidden >= LEAST

    n_arrived = arrived(submission, nursery)

    weight = catalog.describe("idea", "tiny", submission.folder, "idea").embedded_bytes
    assert n_arrived == (n_hidden if says == "weighed" else 0)
    assert weight >= n_arrived - catalog.ALLOWANCE
    assert n_arrived > 0 or weight < 200


def copy(submission: Submission, target: Path) -> None:
    """Place every file as it is."""
    source = Path(submission.folder)
    shutil.copytree(source, target / source.name)
