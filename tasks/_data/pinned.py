"""Data from the Hugging Face hub, pinned to one revision, and nothing over the network unasked.

A folder laid out like a hub repository, a `README.md` with `configs:` beside its data files,
loads the same way. Nothing is streamed: what is asked for must fit in memory.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import platformdirs

from harness.catalog import nearest
from harness.vocabulary import Arrays, Refused, Unknown

if TYPE_CHECKING:
    from datasets import Dataset

HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Pinned:
    """Columns of a data set and where exactly they came from."""

    arrays: Arrays
    """One array a column, rows first."""
    source: dict[str, str]
    """'name', 'revision', 'config' and 'split': what to store beside a result."""


def hub(
    name: str | Path,
    *,
    revision: str | None,
    split: str,
    config: str | None = None,
    file: str | None = None,
    columns: Sequence[str] | None = None,
    online: bool = False,
    cache: Path | None = None,
) -> Pinned:
    """Load a split of a hub data set, or of a folder laid out like one.

    Parameters
    ----------
    name
        A string is a hub name, 'owner/name'; a `Path` is a folder.
    revision
        Of a hub name the full commit hash. Of a folder the SHA-256 of its files as
        `Pinned.source` gives it, or None for the files as they are.
    split
        As `datasets` reads it: 'train', 'train[:1000]'.
    config
        One of the configurations; None where there is only one or a default.
    file
        The path of one data file in it, where a configuration joins tables of unlike columns.
    columns
        Which columns; None for all.
    online
        Whether to download what this machine has not got; the environment variable
        HARNESS_ONLINE=1 says so too. Without either nothing is sent over the network.
    cache
        Folder for prepared copies; None for one in the user's cache folder.

    Returns
    -------
    Pinned
        Numbers keep their dtype, class labels are int64, images uint8 (n, c, h, w). Strings, lists
        of unequal length and images of unequal size are arrays of objects, missing numbers NaN.

    Raises
    ------
    Refused
        A hub name without a full commit hash; a folder whose files are not those of `revision`;
        data that are not here while offline, or that could not be fetched or read.
    Unknown
        No such configuration, split or column.
    """
    online = online or os.environ.get("HARNESS_ONLINE") == "1"
    folder = isinstance(name, Path)
    if isinstance(name, Path):
        path, title = str(name.resolve()), name.resolve().name
        commit, revision = None, _folder_revision(name, revision)
    else:
        path = title = _hub_name(name, revision)
        commit = revision
    # Neither offline nor over a changed file does `datasets` ask which revision it has prepared:
    # it takes the latest copy in its cache. So each revision and configuration has its own cache.
    cache = cache or Path(platformdirs.user_cache_dir("theory-harness", appauthor=False)) / "hub"
    part = (file or config or "default").replace("/", "--")
    place = cache / title.replace("/", "--") / str(revision) / part
    import datasets  # seconds: after every reason to refuse that does not need it

    try:
        with _network(online):
            dataset = datasets.load_dataset(
                path,
                config,
                data_files=file,
                split=split,
                revision=commit,
                cache_dir=str(place),
            )
    except ValueError as error:  # `datasets` lists the configurations or splits that there are
        raise Unknown(f"{title}: {' '.join(str(error).split())}") from error
    except Exception as error:
        if not folder and not online:
            raise Refused(
                f"size full needs the hub dataset {title} at revision {revision}; "
                "run with --online, or use --size standard."
            ) from error
        raise Refused(f"{title} at revision {revision} could not be loaded: {error}") from error
    source = {
        "name": title,
        "revision": str(revision),
        "config": file or config or "default",
        "split": split,
    }
    return Pinned(_arrays(dataset, columns), source)


def _hub_name(name: str, revision: str | None) -> str:
    if not HUB_NAME.fullmatch(name):
        raise Refused(
            f"A hub dataset is named 'owner/name', got {name!r}; give a folder as a Path."
        )
    if not COMMIT.fullmatch(revision or ""):
        raise Refused(
            f"{name} must be pinned to a commit of 40 hexadecimal digits, got {revision!r}: "
            "branches and tags move."
        )
    if Path(name).exists():
        raise Refused(
            f"The folder {name!r} here would be read in place of the hub dataset of that name: "
            "run elsewhere, or give it as a Path."
        )
    return name


def _folder_revision(folder: Path, wanted: str | None) -> str:
    """Return the SHA-256 of a folder's files and their names, hidden ones left out."""
    if not folder.is_dir():
        raise Refused(f"There is no folder {str(folder)!r} to load data from.")
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{content} {inside.as_posix()}\n".encode())
    found = digest.hexdigest()
    if wanted not in (None, found):
        raise Refused(
            f"The files in {folder.name} are revision {found}, wanted is {wanted}: "
            "restore them, or pin the new revision."
        )
    return found


@contextmanager
def _network(allowed: bool) -> Iterator[None]:
    """Keep `datasets` and the hub's client off the network unless allowed, also once imported.

    Both read HF_HUB_OFFLINE once, at import, into a module's constant, and look at the constant at
    every request; so the constants are what is set. A user's own HF_HUB_OFFLINE=1 stands.
    """
    import datasets.config
    import huggingface_hub.constants

    modules: tuple[Any, ...] = (datasets.config, huggingface_hub.constants)
    before = [module.HF_HUB_OFFLINE for module in modules]
    try:
        for module in modules:
            module.HF_HUB_OFFLINE = module.HF_HUB_OFFLINE or not allowed
        yield
    finally:
        for module, value in zip(modules, before, strict=True):
            module.HF_HUB_OFFLINE = value


def _arrays(dataset: Dataset, columns: Sequence[str] | None) -> Arrays:
    import datasets

    wanted = dataset.column_names if columns is None else list(columns)
    for column in wanted:
        if column not in dataset.column_names:
            raise Unknown(f"There is no column {column!r}. {nearest(column, dataset.column_names)}")
    dataset = dataset.select_columns(wanted)
    # Numpy would pad every string to the longest, so strings go around its formatting.
    strings = [c for c in wanted if dataset.features[c] == datasets.Value("string")]
    table = dataset.select_columns(strings).with_format("arrow")[:]
    rest = dataset.remove_columns(strings).with_format("numpy")[:]
    arrays: Arrays = {}
    for column in wanted:
        if column in strings:
            arrays[column] = np.array(table.column(column).to_pylist(), dtype=object)
            continue
        arrays[column] = rest[column]
        if isinstance(dataset.features[column], datasets.Image) and rest[column].dtype == np.uint8:
            images = rest[column] if rest[column].ndim == 4 else rest[column][..., None]
            arrays[column] = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    return arrays
