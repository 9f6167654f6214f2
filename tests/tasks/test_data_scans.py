"""The scans, from a folder laid out as the hub lays out MNIST."""

from __future__ import annotations

from pathlib import Path

import datasets
import numpy as np
import platformdirs
import pytest

from harness.vocabulary import Refused
from tasks._data.scans import FASHION, MNIST, scans

CARD = """---
configs:
- config_name: mnist
  data_files:
  - split: train
    path: train.parquet
  - split: test
    path: test.parquet
---
"""
FEATURES = datasets.Features(
    image=datasets.Image(), label=datasets.ClassLabel(names=[str(k) for k in range(10)])
)


def test_they_come_in_the_unit_interval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    folder.joinpath("README.md").write_text(CARD)
    rng = np.random.default_rng(0)
    made = {}
    for split, n in (("train", 12), ("test", 5)):
        made[split] = rng.integers(256, size=(n, 28, 28), dtype=np.uint8)
        rows = {"image": list(made[split]), "label": list(np.arange(n) % 10)}
        datasets.Dataset.from_dict(rows, features=FEATURES).to_parquet(folder / f"{split}.parquet")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    for part, split in zip(scans((folder, None)), ("train", "test"), strict=True):
        assert (part.X.shape, part.X.dtype) == ((len(made[split]), 1, 28, 28), np.float32)
        np.testing.assert_allclose(part.X[:, 0] * 255, made[split], atol=1e-4)
        assert part.y.dtype == np.int64
        np.testing.assert_array_equal(part.y, np.arange(len(part.X)) % 10)


@pytest.mark.parametrize("source", [MNIST, FASHION])
def test_offline_they_are_refused(source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HARNESS_ONLINE", raising=False)
    with pytest.raises(Refused, match=f"size full needs the hub dataset {source[0]} .*--online"):
        scans(source)
