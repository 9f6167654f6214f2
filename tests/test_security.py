"""What SECURITY.md promises is held by what it names, and what is known to be open stands in it."""

from __future__ import annotations

import re

import pytest

from harness import isolation
from harness.catalog import ROOT
from tests.test_channels import KNOWN

TEXT = (ROOT / "SECURITY.md").read_text()
NAMED = sorted(set(re.findall(r"`([\w/*]+\.py)`", TEXT)))


@pytest.mark.parametrize("name", NAMED)
def test_what_holds_a_promise_is_there(name: str) -> None:
    assert any(ROOT.glob(name)) or any(ROOT.glob(f"tests/cheats/{name}"))


@pytest.mark.parametrize("level", isolation.LEVELS)
def test_every_level_is_explained(level: str) -> None:
    assert f"| {level} |" in TEXT


def test_the_layers_of_the_level_confined_are_those_of_the_table() -> None:
    (row,) = re.findall(r"^\| confined \| (.*?) \|", TEXT, re.MULTILINE)
    assert row.lower().split(", ") == list(isolation.LEVELS["confined"])


@pytest.mark.parametrize("channel", KNOWN)
def test_a_channel_that_is_open_is_confessed(channel: str) -> None:
    assert channel.removeprefix("the ") in " ".join(TEXT.split())
