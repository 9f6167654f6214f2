"""What Streamlit runs; `leaderboard.command` makes the command line."""

from __future__ import annotations

import importlib

from harness import catalog

# Streamlit starts in the visitor's folder, where another `leaderboard` may lie.
catalog.adopt("leaderboard")
importlib.import_module("leaderboard.page").page()
