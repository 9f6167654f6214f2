"""The leaderboard page in a real browser, served over made-up trials of a real task."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import leaderboard
from harness import catalog
from harness.store import open_store
from tests import fabricate

NAME = "<script>alert(3)</script>"
CHROMIUM = Path("/usr/bin/chromium")
TASK = "layerwise"
HOSTILE = (
    "ValueError: <script>alert(1)</script><img src=x onerror=alert(2)> ![x](http://192.0.2.1/x)"
)

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
    pytest.mark.skipif(TASK not in catalog.tasks(), reason=f"there is no task {TASK} yet"),
]
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the page over a store of three rounds and return its address."""
    folder = tmp_path_factory.mktemp("page")
    task = catalog.load(TASK)
    members = {baseline or f"in_{name}": name for name, baseline in task.divisions.items()}
    members |= {f"student_{k}": next(iter(task.divisions)) for k in range(3)}
    members[NAME] = next(iter(task.divisions))
    members["crashed"] = next(iter(task.divisions))
    with open_store(str(folder / "trials.db")) as store:
        for number in range(3):
            round = fabricate.round(tuple(members), task_version=task.version, number=number)
            store.begin(round)
            for trial in fabricate.trials(
                round,
                divisions=members,
                levels=dict.fromkeys(("student_0", NAME), fabricate.Level(2.0, 9.0, 30_000)),
                failed={"crashed": HOSTILE},
                extra={"sanity": 1.7},
                series=fabricate.series(task.charts),
            ):
                store.append(trial)
            store.finish(round.id)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        leaderboard.command(port, headless=True),
        env={**os.environ, "HARNESS_STORE": str(folder / "trials.db"), "HOME": str(folder)},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "The server ended."
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(url)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as p:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        opened = p.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        yield opened
        opened.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_a_deep_link_draws_the_page_from_this_machine_alone(
    address: str, browser: object, tmp_path: Path, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})  # type: ignore[attr-defined]
    hosts: set[str | None] = set()
    dialogs: list[str] = []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"{address}/?task={TASK}&size=standard")
    page.get_by_text("Task sheet").wait_for(timeout=90_000)
    drawn = "[data-testid=stVegaLiteChart] :is(canvas, svg)"
    page.locator(drawn).last.wait_for(timeout=30_000)
    page.screenshot(path=str(tmp_path / f"page-{width}.png"), full_page=True)

    task = catalog.load(TASK)
    assert page.get_by_role("heading", name=task.title).is_visible()
    table = page.locator("[data-testid=stTable]").first
    table.get_by_text("student_0").wait_for(timeout=30_000)  # while it is drawn, tables move
    assert {"student_0", NAME} <= set(table.inner_text().split())
    n_plots = 1 + sum(2 if chart.facet else 1 for chart in task.charts)
    assert page.locator(drawn).count() == n_plots
    assert page.get_by_text(HOSTILE[:25]).is_visible()  # shown as text, not run
    assert not dialogs
    assert page.locator("img[src='x'], script:text('alert')").count() == 0
    assert hosts - {"127.0.0.1", "", None} == set()

    whole = "document.documentElement"
    assert page.evaluate(f"{whole}.scrollWidth <= {whole}.clientWidth"), "The page is too wide."
    if width == 1280:
        fits = "tables => tables.every(t => t.querySelector('table').scrollWidth <= t.clientWidth)"
        assert page.locator("[data-testid=stTable]").evaluate_all(fits), "A column is cut."
    page.close()


def test_a_choice_changes_the_address(address: str, browser: object) -> None:
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(f"{address}/?task={TASK}&size=standard")
    page.get_by_text("Task sheet").wait_for(timeout=90_000)
    page.get_by_role("combobox", name="Size").click()
    page.get_by_role("option", name="full").click()
    page.get_by_text("There are no trials").wait_for(timeout=30_000)
    assert page.url.endswith(f"/?task={TASK}&size=full")
    page.close()
