"""The leaderboard page: it shows what `harness.rank` and `harness.claims` compute, and no more.

`page.py` is the page and `app.py` starts it; `tables.py` turns numbers into text, `plots.py` into
charts.
"""

from __future__ import annotations

import sys
from pathlib import Path

APP = Path(__file__).with_name("app.py")

FLAGS = {
    "server.address": "127.0.0.1",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "type",
    # Set apart for each: a colour in `theme` itself would make the page light for everybody.
    "theme.light.primaryColor": "#2f6db3",
    "theme.dark.primaryColor": "#2f6db3",
}
"""Streamlit's settings for this page, whatever configuration file lies about."""


def command(port: int, headless: bool) -> list[str]:
    """Return the arguments that serve the page on this machine's loopback address.

    The store is the one that HARNESS_STORE names in the environment of the new process.

    Parameters
    ----------
    port
        TCP port to listen on.
    headless
        Whether to leave the visitor's browser alone instead of opening the page in it.
    """
    settings = {**FLAGS, "server.port": port, "server.headless": str(headless).lower()}
    flags = [f"--{name}={value}" for name, value in settings.items()]
    return [sys.executable, "-m", "streamlit", "run", str(APP), *flags]
