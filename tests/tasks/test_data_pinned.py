"""Pinned data: what a folder laid out like a hub repository gives, and what is never sent."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import datasets
import huggingface_hub.constants
import numpy as np
import pytest

from harness.vocabulary import Refused, Unknown
from tasks._data import hub

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CARD = """---
configs:
- config_name: small
  data_files:
  - split: train
    path: small/train.parquet
  - split: test
    path: small/test.parquet
- config_name: large
  data_files:
  - split: test
    path: small/test.parquet
---
# Test data
"""
FEATURES = datasets.Features(
    image=datasets.Image(),
    photo=datasets.Image(),
    grid=datasets.Array2D((2, 3), "float32"),
    label=datasets.ClassLabel(names=["x", "y", "z"]),
    text=datasets.Value("string"),
)


def rows(n: int, seed: int) -> dict[str, list]:
    rng = np.random.default_rng(seed)
    return {
        "image": list(rng.integers(256, size=(n, 8, 6), dtype=np.uint8)),
        "photo": list(rng.integers(256, size=(n, 5, 4, 3), dtype=np.uint8)),
        "grid": list(rng.random((n, 2, 3), np.float32)),
        "label": list(rng.integers(3, size=n)),
        "text": ["a" * (i * 100) for i in range(n)],
    }


def write(folder: Path, split: str, n: int, seed: int) -> dict[str, list]:
    made = rows(n, seed)
    folder.joinpath("small").mkdir(parents=True, exist_ok=True)
    dataset = datasets.Dataset.from_dict(made, features=FEATURES)
    dataset.to_parquet(folder / "small" / f"{split}.parquet")
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "repository", "train", 6, 0)
    write(tmp_path / "repository", "test", 3, 1)
    (tmp_path / "repository" / "README.md").write_text(CARD)
    return tmp_path / "repository"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("HARNESS_ONLINE", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every attempt to reach the network, none of which succeeds."""
    made: list[str] = []

    def refuse(*args: object, **_: object) -> None:
        made.append(str(args))
        raise ConnectionRefusedError("no network in tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    # As on a machine whose user never asked for offline mode, long after both were imported.
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    return made


def test_a_folder_gives_its_columns_as_arrays(
    folder: Path, cache: Path, attempts: list[str]
) -> None:
    made = rows(6, 0)
    arrays = hub(folder, revision=None, config="small", split="train", cache=cache).arrays
    assert list(arrays) == ["image", "photo", "grid", "label", "text"]
    np.testing.assert_array_equal(arrays["image"], np.stack(made["image"])[:, None])
    np.testing.assert_array_equal(arrays["photo"], np.stack(made["photo"]).transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(arrays["grid"], np.stack(made["grid"]))
    np.testing.assert_array_equal(arrays["label"], made["label"])
    assert list(arrays["text"]) == made["text"]
    assert {name: a.dtype.name for name, a in arrays.items()} == {
        "image": "uint8",
        "photo": "uint8",
        "grid": "float32",
        "label": "int64",
        "text": "object",
    }
    assert attempts == []


def test_splits_slices_and_columns_are_what_was_asked_for(folder: Path, cache: Path) -> None:
    test = hub(folder, revision=None, config="small", split="test", cache=cache)
    np.testing.assert_array_equal(test.arrays["grid"], np.stack(rows(3, 1)["grid"]))
    some = hub(
        folder, revision=None, config="small", split="train[2:4]", columns=["label"], cache=cache
    )
    assert list(some.arrays) == ["label"]
    np.testing.assert_array_equal(some.arrays["label"], rows(6, 0)["label"][2:4])


def test_one_file_is_read_where_a_configuration_joins_unlike_tables(
    tmp_path: Path, cache: Path, attempts: list[str]
) -> None:
    repository = tmp_path / "tables"
    (repository / "reg_num").mkdir(parents=True)
    card = "---\nconfigs:\n- config_name: reg_num\n  data_files: reg_num/*\n---\n"
    (repository / "README.md").write_text(card)
    (repository / "reg_num" / "one.csv").write_text("a,b\n1,2.5\n3,4.5\n")
    (repository / "reg_num" / "two.csv").write_text("c,d,e\n5,6,7\n")
    with pytest.raises(Refused, match="could not be loaded"):
        hub(repository, revision=None, config="reg_num", split="train", cache=cache)
    one, two = (
        hub(repository, revision=None, file=f"reg_num/{name}.csv", split="train", cache=cache)
        for name in ("one", "two")
    )
    assert {name: list(a) for name, a in one.arrays.items()} == {"a": [1, 3], "b": [2.5, 4.5]}
    assert {name: list(a) for name, a in two.arrays.items()} == {"c": [5], "d": [6], "e": [7]}
    assert one.source["config"] == "reg_num/one.csv"
    with pytest.raises(Refused, match="could not be loaded"):
        hub(repository, revision=None, file="reg_num/three.csv", split="train", cache=cache)
    assert attempts == []


def test_the_source_says_what_was_loaded_and_pins_it(folder: Path, cache: Path) -> None:
    source = hub(folder, revision=None, config="small", split="test", cache=cache).source
    assert (source["name"], source["config"], source["split"]) == ("repository", "small", "test")
    assert len(source["revision"]) == 64
    pinned = hub(folder, revision=source["revision"], config="small", split="test", cache=cache)
    assert pinned.source == source


def test_a_changed_file_gives_the_new_rows(folder: Path, cache: Path) -> None:
    before = hub(folder, revision=None, config="small", split="train", cache=cache)
    made = write(folder, "train", 9, 5)
    after = hub(folder, revision=None, config="small", split="train", cache=cache)
    np.testing.assert_array_equal(after.arrays["grid"], np.stack(made["grid"]))
    assert before.source["revision"] != after.source["revision"]


def test_a_folder_whose_files_are_not_the_pinned_ones_is_refused(folder: Path, cache: Path) -> None:
    revision = hub(folder, revision=None, config="small", split="test", cache=cache).source[
        "revision"
    ]
    write(folder, "train", 6, 1)
    with pytest.raises(Refused, match=f"wanted is {revision}"):
        hub(folder, revision=revision, config="small", split="test", cache=cache)


def test_names_that_the_folder_does_not_have_are_unknown(folder: Path, cache: Path) -> None:
    with pytest.raises(Unknown, match=r"'tiny' not found. Available: \['small', 'large'\]"):
        hub(folder, revision=None, config="tiny", split="train", cache=cache)
    with pytest.raises(Unknown, match=r"Please pick one .* \['small', 'large'\]"):
        hub(folder, revision=None, split="train", cache=cache)
    with pytest.raises(Unknown, match=r"[Uu]nknown split .*\['train', 'test'\]"):
        hub(folder, revision=None, config="small", split="validation", cache=cache)
    with pytest.raises(Unknown, match="no column 'labels'. Did you mean 'label'"):
        hub(folder, revision=None, config="small", split="test", columns=["labels"], cache=cache)
    with pytest.raises(Refused, match="no folder"):
        hub(folder / "nowhere", revision=None, split="test", cache=cache)


@pytest.mark.parametrize("revision", [None, "main", COMMIT[:7], COMMIT.upper(), COMMIT + "0"])
def test_a_hub_name_without_a_full_commit_hash_is_refused(
    revision: str | None, cache: Path, attempts: list[str]
) -> None:
    with pytest.raises(Refused, match="40 hexadecimal digits"):
        hub("owner/name", revision=revision, split="train", online=True, cache=cache)
    assert attempts == []


@pytest.mark.parametrize("name", ["csv", "/etc/data", "owner/name/more", "./folder/x", ""])
def test_what_is_no_hub_name_is_refused(name: str, cache: Path, attempts: list[str]) -> None:
    with pytest.raises(Refused, match="named 'owner/name'"):
        hub(name, revision=COMMIT, split="train", online=True, cache=cache)
    assert attempts == []


def test_a_folder_in_the_way_of_a_hub_name_is_refused(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "owner" / "name").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match="in place of the hub dataset"):
        hub("owner/name", revision=COMMIT, split="train", cache=cache)


def test_offline_is_instant_says_what_to_do_and_sends_nothing(
    cache: Path, attempts: list[str]
) -> None:
    start = time.perf_counter()
    with pytest.raises(Refused) as refused:
        hub("owner/name", revision=COMMIT, split="train", cache=cache)
    assert time.perf_counter() - start < 1
    assert str(refused.value) == (
        f"size full needs the hub dataset owner/name at revision {COMMIT}; "
        "run with --online, or use --size standard."
    )
    assert attempts == []


@pytest.mark.parametrize("asked", ["argument", "environment"])
def test_online_does_try_and_leaves_the_switches_as_they_were(
    asked: str, cache: Path, attempts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if asked == "environment":
        monkeypatch.setenv("HARNESS_ONLINE", "1")
    monkeypatch.setattr(time, "sleep", lambda _: None)  # the client's pauses between its retries
    with pytest.raises(Refused, match=f"owner/name at revision {COMMIT} could not be loaded"):
        hub("owner/name", revision=COMMIT, split="train", online=asked == "argument", cache=cache)
    assert attempts
    assert not huggingface_hub.constants.HF_HUB_OFFLINE
    assert not datasets.config.HF_HUB_OFFLINE


def test_a_users_own_offline_mode_stands_when_online_is_asked_for(
    cache: Path, attempts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    with pytest.raises(Refused, match="could not be loaded"):
        hub("owner/name", revision=COMMIT, split="train", online=True, cache=cache)
    assert attempts == []
    assert huggingface_hub.constants.HF_HUB_OFFLINE


def prepare(folder: Path, cache: Path, revision: str) -> None:
    """Leave in the cache what a download of `owner/name` at `revision` would have left."""
    place = cache / "owner--name" / revision / "small"
    built = datasets.load_dataset_builder(str(folder), "small", cache_dir=str(place))
    built.repo_id, built.dataset_name = "owner/name", "name"
    built._cache_dir = str(place / "owner___name" / "small" / "0.0.0" / revision)
    built.download_and_prepare(built._cache_dir)


def test_what_was_downloaded_once_is_there_offline_at_its_own_revision_only(
    folder: Path, cache: Path, attempts: list[str]
) -> None:
    prepare(folder, cache, COMMIT)
    found = hub("owner/name", revision=COMMIT, config="small", split="test", cache=cache)
    np.testing.assert_array_equal(found.arrays["grid"], np.stack(rows(3, 1)["grid"]))
    assert found.source == {
        "name": "owner/name",
        "revision": COMMIT,
        "config": "small",
        "split": "test",
    }
    other = COMMIT[::-1]
    with pytest.raises(Refused, match=f"at revision {other}; run with --online"):
        hub("owner/name", revision=other, config="small", split="test", cache=cache)
    assert attempts == []
