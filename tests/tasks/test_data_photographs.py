"""The photographs, from a folder laid out as the hub lays out CIFAR-10."""

from __future__ import annotations

from pathlib import Path

import datasets
import numpy as np
import platformdirs
import pytest

from harness.vocabulary import Refused
from tasks._data import cifar10, photographs

CARD = """---
configs:
- config_name: plain_text
  data_files:
  - split: train
    path: train.parquet
  - split: test
    path: test.parquet
---
"""
FEATURES = datasets.Features(
    img=datasets.Image(), label=datasets.ClassLabel(names=[str(k) for k in range(10)])
)


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """Eleven and five pictures in place of the real ones; channels last, as files have them."""
    folder = tmp_path / "repository"
    folder.mkdir()
    folder.joinpath("README.md").write_text(CARD)
    rng = np.random.default_rng(0)
    made = {}
    for split, n in (("train", 11), ("test", 5)):
        made[split] = rng.integers(256, size=(n, 32, 32, 3), dtype=np.uint8)
        rows = {"img": list(made[split]), "label": list(np.arange(n) % 10)}
        datasets.Dataset.from_dict(rows, features=FEATURES).to_parquet(folder / f"{split}.parquet")
    monkeypatch.setattr(photographs, "CIFAR10", folder)
    monkeypatch.setattr(photographs, "REVISION", None)
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    return made


def test_they_come_channels_first_in_the_unit_interval(pictures: dict[str, np.ndarray]) -> None:
    for part, split in zip(cifar10(), ("train", "test"), strict=True):
        assert part.X.dtype == np.float32
        np.testing.assert_allclose(part.X.transpose(0, 2, 3, 1) * 255, pictures[split], atol=1e-4)
        assert part.y.dtype == np.int64
        np.testing.assert_array_equal(part.y, np.arange(len(part.X)) % 10)


def test_offline_they_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HARNESS_ONLINE", raising=False)
    with pytest.raises(Refused, match="size full needs the hub dataset uoft-cs/cifar10 .*--online"):
        cifar10()
