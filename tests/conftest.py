"""What every test gets: one thread, no third-party plugins, one nursery and one server for all."""

from __future__ import annotations

import importlib.metadata
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from harness.nursery import ONE_THREAD

os.environ.update(ONE_THREAD)  # before anything loads a library that would count cores

from harness import sandbox  # noqa: E402
from harness.runtime import bundled_data, runtime  # noqa: E402
from harness.sandbox import Limits, Nursery  # noqa: E402
from tests import databases, tiny  # noqa: E402

collect_ignore = ["fuzz.py"]  # needs atheris, which `make fuzz` installs
os.environ["HARNESS_SUBMISSIONS"] = os.devnull  # none of what is installed on this machine


@pytest.fixture(autouse=True)
def ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out tasks and submissions that happen to be installed on this machine."""
    every = importlib.metadata.entry_points

    def without_plugins(**selected: Any) -> Any:
        if str(selected.get("group", "")).startswith("harness."):
            return importlib.metadata.EntryPoints()
        return every(**selected)

    monkeypatch.delenv("HARNESS_TASKS", raising=False)
    monkeypatch.setattr(importlib.metadata, "entry_points", without_plugins)


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Keep one nursery for the whole session: starting one takes seconds.

    Its runtime has one folder more, with a library and, masked, a file of labels. WALL, a JSON
    object, may hold further arguments: test_platforms.py simulates other machines by it.
    """
    folder = tmp_path_factory.mktemp("runtime")
    (folder / "library.py").write_text("answer = 42\n")
    (folder / "labels").write_text("1 2 3\n")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(sandbox, "runtime", lambda: [*runtime(), str(folder)])
        wall = json.loads(os.environ.get("WALL", "{}"))
        nursery = Nursery(masked=[*bundled_data(), str(folder / "labels")], **wall)
    with nursery:
        nursery.wait()
        yield nursery


@pytest.fixture(scope="session")
def layers(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Return the layers of the wall that hold on this machine."""
    honest = tiny.submission(tmp_path_factory.mktemp("layers"))
    return nursery.start(honest, "fit", Limits(seconds=10)).close().holding


@pytest.fixture(scope="session")
def server() -> Iterator[databases.Server]:
    """Keep one PostgreSQL server for the whole session."""
    with databases.Server() as running:
        yield running


@pytest.fixture
def postgres_url(server: databases.Server) -> str:
    """Return the URL of an empty database of our server."""
    databases.empty(server.url)
    return server.url
