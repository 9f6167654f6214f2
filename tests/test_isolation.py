"""The table of the wall's layers is whole, and levels follow from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness import catalog, isolation
from harness.sandbox import Limits, Nursery
from harness.vocabulary import Unknown
from tests import tiny
from tests.fabricate import ISOLATION

CHEATS = Path(__file__).parent / "cheats"


def test_every_layer_that_a_phase_raises_is_in_the_table(nursery: Nursery, tmp_path: Path) -> None:
    usage = nursery.start(tiny.submission(tmp_path), "fit", Limits(seconds=20)).close()
    held = [isolation.parse(text)[0] for text in usage.holding]
    absent = [text.partition(": ")[0] for text in usage.missing]
    assert sorted([*held, *absent]) == sorted(isolation.EVERY)
    assert held == [name for name in isolation.EVERY if name in held]


def test_every_layer_that_a_cheat_needs_is_in_the_table() -> None:
    needed = {
        layer
        for path in CHEATS.rglob("*.py")
        for line in re.findall(r"^Needs: (.*)$", path.read_text(), re.MULTILINE)
        for layer in line.split(", ")
    }
    assert needed and needed <= set(isolation.EVERY)


@pytest.mark.parametrize("name", catalog.tasks())
def test_every_layer_that_a_task_needs_is_in_the_table(name: str) -> None:
    assert set(catalog.load(name).needs) <= set(isolation.EVERY)


def test_the_public_digits_of_layerwise_must_be_out_of_reach() -> None:
    assert catalog.load("layerwise").needs == ("masked data",)


def test_a_layer_says_what_it_keeps_out_what_it_costs_and_who_offers_it() -> None:
    for layer in isolation.LAYERS:
        assert layer.keeps_out and layer.offered_by
        assert layer.cost[0].isupper() and layer.cost.endswith(".")
        assert isolation.layer(layer.name) is layer


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("landlock 7", ("landlock", "7")),
        ("seccomp", ("seccomp", "")),
        ("process forked", ("process", "forked")),
        ("death with the parent", ("death with the parent", "")),
        ("landlocked", ("landlocked", "")),
        ("a layer to come 3", ("a layer to come 3", "")),
    ],
)
def test_a_layer_is_found_by_its_name(text: str, parsed: tuple[str, str]) -> None:
    assert isolation.parse(text) == parsed


def test_a_version_at_least_as_new_holds() -> None:
    held = ["process fresh", "landlock 6", "seccomp"]
    assert isolation.holds("landlock", held) and isolation.holds("landlock 4", held)
    assert not isolation.holds("landlock 7", held)
    assert isolation.holds("process", held) and isolation.holds("seccomp", held)
    assert not isolation.holds("seccomp 1", held)  # nothing says so
    assert not isolation.holds("limits", held)


@pytest.mark.parametrize(
    ("without", "level"),
    [
        ((), "full"),
        (("namespaces",), "confined"),
        (("namespaces", "death with the parent"), "confined"),
        (("limits",), "process"),
        (("capabilities",), "process"),
        (("landlock 4",), "process"),
        (("seccomp",), "process"),
        (("masked data",), "process"),
        (ISOLATION, "process"),
    ],
)
def test_a_level_is_what_its_layers_make_it(without: tuple[str, ...], level: str) -> None:
    assert isolation.level([layer for layer in ISOLATION if layer not in without]) == level


def test_a_layer_that_held_in_two_versions_held() -> None:
    here, there = ["process", "landlock 7", "seccomp 341"], ["process", "landlock 4", "seccomp 341"]
    assert isolation.shared([here, there]) == ("process", "landlock", "seccomp 341")
    assert isolation.shared([here, ["process"]]) == ("process",)
    assert isolation.shared([here]) == tuple(here)
    assert isolation.shared([]) == ()


def test_walls_are_told_level_by_level_with_every_reason() -> None:
    weak = [layer for layer in ISOLATION if layer not in ("landlock 4", "namespaces")]
    confined = [layer for layer in ISOLATION if layer != "namespaces"]
    found = isolation.walls(
        [
            (weak, ["landlock: not built in", "namespaces: not permitted"], 2),
            (ISOLATION, [], 3),
            (confined, ["namespaces: not permitted"], 1),
            (weak, ["landlock: an old kernel"], 1),
            ([], [], 5),  # ended before any phase: no wall was needed
        ]
    )
    assert [(wall.level, wall.n_trials) for wall in found] == [
        ("full", 3),
        ("confined", 1),
        ("process", 3),
    ]
    assert found[0].gaps == {} and found[0].held == ISOLATION
    assert found[1].gaps == {"namespaces": "not permitted"}
    assert found[2].gaps == {
        "namespaces": "not permitted",
        "landlock": "not built in; an old kernel",
    }
    assert "landlock" not in found[2].held


def test_a_gap_without_a_reason_is_told_all_the_same() -> None:
    (wall,) = isolation.walls([(["process"], [], 1)])
    assert set(wall.gaps) == set(isolation.EVERY) - {"process"}
    assert wall.gaps["seccomp"] == "no reason on record"


def test_an_unknown_layer_offers_the_nearest() -> None:
    assert isolation.named(["landlock", "masked data"]) == ("landlock", "masked data")
    with pytest.raises(Unknown, match="no layer 'secomp'. Did you mean 'seccomp'"):
        isolation.named(["secomp"])
