"""Read a submission's package, a wheel, a project's folder or an archive of one, as data.

No build is run (setup.py, a build backend), nothing is imported and nothing is written. Every
archive is a stranger's: how much is read of it, and under which names, is limited here.
What of a package may be stored is for `harness.install` to say.
"""

from __future__ import annotations

import gzip
import io
import re
import stat
import struct
import tarfile
import tomllib
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.catalog import MAX_FILES, files, read
from harness.vocabulary import Refused, Unknown

MAX_ENTRIES = 5000
"""Files and folders of an archive: a project holds more than its submission."""
MAX_RATIO = 200
"""Bytes out of one byte of an archive, once they are more than a mebibyte."""
MAX_TEXT = 64 << 10
"""Bytes of pyproject.toml and of entry_points.txt."""
MAX_DOTS = 100
"""Dots in a line of pyproject.toml: the time to read a dotted key grows with their square."""
MAX_METADATA = 1 << 20
"""Bytes of METADATA, which may hold a whole README."""
ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz")
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,78}[A-Za-z0-9])?")
"""A project's name, as the standard for Python packages has it, and at most 80 characters."""
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,63}")
COMPILED = (".so", ".pyd", ".dll", ".dylib", ".pyc", ".pyo")

Members = Iterable[tuple[str, int, Callable[[], bytes]]]
"""Name, announced size and reader of each file of an archive."""


@dataclass(frozen=True)
class Package:
    """A package as it was read; its names and its version are well-formed and no more."""

    name: str
    version: str
    groups: Mapping[str, Mapping[str, str]]
    """Group of entry points -> name -> module."""
    files: Mapping[str, bytes]
    """Its modules, by their names below the folder to import from."""


def unpack(path: Path) -> Package:
    """Read a package.

    Raises
    ------
    Unknown
        Nothing is there.
    Refused
        It is no package, or breaks a rule of this reader.
    """
    if not path.is_file() and not path.is_dir():
        raise Unknown(f"There is no file or folder {str(path)!r}.")
    kind = path.name.lower()
    try:
        if path.is_dir():
            return _folder(path)
        if path.stat().st_size > MAX_FILES:
            raise Refused(f"{path.name}: an archive may be at most {MAX_FILES >> 20} MiB.")
        if kind.endswith(".whl"):
            return _wheel(_collected(_zip(path), path))
        if kind.endswith(".zip"):
            return _sources(_collected(_zip(path), path), path.name)
        if kind.endswith((".tar.gz", ".tgz")):
            return _sources(_collected(_tar(path), path), path.name)
    except (OSError, EOFError, ValueError, zlib.error, struct.error) as error:
        if isinstance(error, Refused):
            raise
        raise _broken(path, error) from None
    except (zipfile.BadZipFile, tarfile.TarError, NotImplementedError, RuntimeError) as error:
        raise _broken(path, error) from None
    raise Refused(
        f"{path.name} is no package: name a wheel (.whl), a folder with a pyproject.toml, or an "
        "archive of one (.zip, .tar.gz)."
    )


def _broken(path: Path, error: Exception) -> Refused:
    said = f"{type(error).__name__}: {str(error)[:100]!a}"
    return Refused(f"{path.name} cannot be read ({said}): build it again.")


# ---------------------------------------------------------------------------------------------
# Archives


def _zip(path: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    _weigh_directory(path)
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            mode = entry.external_attr >> 16
            name = entry.orig_filename
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise Refused(f"A package holds plain files only, got {name[:100]!a}.")
            if name.endswith("/"):
                yield name, 0, bytes
                continue
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Refused(f"{name[:100]!a} is compressed in an unusual way: use deflate.")

            def content(entry: zipfile.ZipInfo = entry) -> bytes:
                with archive.open(entry) as file:
                    return file.read(entry.file_size + 1)

            yield name, entry.file_size, content


def _weigh_directory(path: Path) -> None:
    """Refuse a zip whose directory is too large to be read, which happens at once and whole."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - (1 << 17)))
        tail = file.read()
    ends = [match.start() for match in re.finditer(b"PK\x05\x06", tail)]
    sizes = [struct.unpack_from("<L", tail, end + 12)[0] for end in ends if end + 22 <= len(tail)]
    if b"PK\x06\x07" in tail or max(sizes, default=0) > MAX_ENTRIES * 256:
        raise Refused(f"{path.name}: an archive may hold at most {MAX_ENTRIES:,} files.")


def _tar(path: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    most = MAX_FILES + MAX_ENTRIES * 1024
    with gzip.open(path) as stream:
        data = stream.read(most + 1)
    _weigh(len(data), path, most)
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for entry in archive:
            name = entry.name
            if entry.isdir():
                yield name + "/", 0, bytes
                continue
            if entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or entry.issparse():
                raise Refused(f"A package holds plain files only, got {name[:100]!a}.")

            def content(entry: tarfile.TarInfo = entry) -> bytes:
                file = archive.extractfile(entry)
                return file.read() if file is not None else b""

            yield name, entry.size, content


def _weigh(n_bytes: int, path: Path, most: int = MAX_FILES) -> None:
    if n_bytes > most:
        raise Refused(f"{path.name}: a package's files may be at most {MAX_FILES >> 20} MiB.")
    if n_bytes > max(1 << 20, MAX_RATIO * path.stat().st_size):
        raise Refused(f"{path.name} unpacks to more than {MAX_RATIO} times its size: not read.")


def _collected(members: Members, path: Path) -> dict[str, bytes]:
    """Read the visible files of an archive within every limit."""
    found: dict[str, bytes] = {}
    spelled: dict[str, str] = {}
    folders: set[str] = set()
    total = 0
    for n, (raw, size, content) in enumerate(members, 1):
        if n > MAX_ENTRIES:
            raise Refused(f"{path.name}: an archive may hold at most {MAX_ENTRIES:,} files.")
        name = _name(raw)
        parts = name.split("/")
        prefixes = ["/".join(parts[: i + 1]) for i in range(len(parts))]
        for prefix in prefixes:
            key = unicodedata.normalize("NFKC", prefix).casefold()
            if spelled.setdefault(key, prefix) != prefix:
                raise Refused(f"{spelled[key]!a} and {prefix!a} are one name to some disks.")
        folders.update(prefixes if raw.endswith("/") else prefixes[:-1])
        if raw.endswith("/"):
            continue
        if name in found:
            raise Refused(f"{path.name} holds {name!a} twice.")
        total += size
        _weigh(total, path)
        data = content()
        if len(data) != size:
            raise Refused(f"{name!a} has another size than {path.name} says: build it again.")
        found[name] = data
    for name in found.keys() & folders:
        raise Refused(f"{path.name} holds {name!a} both as a file and as a folder.")
    return {name: data for name, data in found.items() if not _hidden(name)}


def _name(raw: str) -> str:
    """Return a member's name without a trailing slash, or refuse one that could lead away."""
    name = raw.removeprefix("./").removesuffix("/")
    parts = name.split("/")
    if (
        len(name) > 240
        or len(parts) > 16
        or not name.isprintable()
        or set(name) & set('\\:*?"<>|')
        or any(part in ("", ".", "..") or part != part.strip(" ") for part in parts)
    ):
        raise Refused(
            f"A file of a package needs a plain relative name of at most 240 characters, got "
            f"{raw[:100]!a}."
        )
    return name


def _hidden(name: str) -> bool:
    return any(part == "__pycache__" or part.startswith(".") for part in name.split("/"))


# ---------------------------------------------------------------------------------------------
# Wheels


def _wheel(found: dict[str, bytes]) -> Package:
    """Read what was built: its metadata stand in its `.dist-info`."""
    tops = sorted({name.split("/")[0] for name in found})
    infos = [top for top in tops if top.endswith(".dist-info")]
    if len(infos) != 1:
        raise Refused(f"A wheel has one folder NAME-VERSION.dist-info, got {len(infos)}.")
    for top in tops:
        if top.endswith(".data"):
            raise Refused(
                f"It holds {top[:100]!a}, scripts or files for other folders: a submission is "
                "modules alone."
            )
    fields = _headers(found.get(f"{infos[0]}/METADATA"))
    groups = _points(found.get(f"{infos[0]}/entry_points.txt", b""))
    modules = {name: data for name, data in found.items() if name.split("/")[0] != infos[0]}
    return _package(fields["Name"], fields["Version"], groups, modules)


def _headers(data: bytes | None) -> dict[str, str]:
    if data is None:
        raise Refused("A wheel has METADATA in its .dist-info, got none: build it again.")
    lines = re.split(r"\r\n|\r|\n", _decoded(data, "METADATA", MAX_METADATA))
    head = lines[: lines.index("")] if "" in lines else lines
    fields = {}
    for key in ("Name", "Version"):
        values = [line[len(key) + 1 :].strip() for line in head if line.startswith(f"{key}:")]
        if len(values) != 1:
            raise Refused(f"METADATA has one line {key!r}, got {len(values)}: build it again.")
        fields[key] = values[0]
    return fields


def _points(data: bytes) -> dict[str, dict[str, str]]:
    groups: dict[str, dict[str, str]] = {}
    group = None
    for line in _decoded(data, "entry_points.txt", MAX_TEXT).split("\n"):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        if line[0] == "[" and line[-1] == "]":
            group = groups.setdefault(line[1:-1].strip(), {})
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if group is None or not equals or name in group:
            raise Refused(f"entry_points.txt has lines NAME = MODULE, once, got {line[:100]!a}.")
        group[name] = value
    return groups


# ---------------------------------------------------------------------------------------------
# Projects


def _folder(path: Path) -> Package:
    """Read a project's folder: its pyproject.toml and the modules that it enters."""
    pyproject = path / "pyproject.toml"
    _refuse_link(pyproject)
    if not pyproject.is_file():
        raise Refused(f"{path} holds no pyproject.toml: write one, or name a file or a wheel.")

    def take(top: str) -> dict[str, bytes]:
        for base in (path, path / "src"):
            for place in (base / top, base / f"{top}.py"):
                for one in (base, place):
                    _refuse_link(one, one != path)
                if place.exists():
                    sizes = [(p, name, p.stat().st_size) for p, name in files(place)]
                    if sum(size for _, _, size in sizes) > MAX_FILES:
                        raise Refused(f"{top}: its files may be at most {MAX_FILES >> 20} MiB.")
                    return {name: read(p, size) for p, name, size in sizes}
        return {}

    with pyproject.open("rb") as file:
        return _project(file.read(MAX_TEXT + 1), take)


def _refuse_link(path: Path, within: bool = True) -> None:
    if within and path.is_symlink():
        raise Refused(f"A package may hold no links, got {path.name[:100]!a}.")


def _sources(found: dict[str, bytes], archive: str) -> Package:
    """Read an archive of a project's folder, of the folder itself or of what is in it."""
    if "pyproject.toml" not in found:
        tops = {name.split("/")[0] for name in found}
        root = f"{tops.pop()}/" if len(tops) == 1 else "/"
        found = {name.removeprefix(root): data for name, data in found.items()}
    if "pyproject.toml" not in found:
        raise Refused(f"{archive} holds no project with a pyproject.toml: write one.")

    def take(top: str) -> dict[str, bytes]:
        for base in ("", "src/"):
            names = [name.removeprefix(base) for name in found if name.startswith(base)]
            for kind in ([n for n in names if n.startswith(f"{top}/")], {f"{top}.py"} & {*names}):
                if kind:
                    return {name: found[base + name] for name in kind}
        return {}

    return _project(found["pyproject.toml"], take)


def _project(data: bytes, take: Callable[[str], dict[str, bytes]]) -> Package:
    """Read pyproject.toml and then every module that an entry point for submissions names."""
    text = _decoded(data, "pyproject.toml", MAX_TEXT)
    if any(line.count(".") > MAX_DOTS for line in text.split("\n")):
        raise Refused(f"A line of pyproject.toml may have at most {MAX_DOTS} dots: break it.")
    try:
        project = tomllib.loads(text).get("project", {})
    except (ValueError, RecursionError) as error:
        raise Refused(f"pyproject.toml is no TOML: {str(error)[:200]!a}.") from None
    groups = project.get("entry-points") if isinstance(project, dict) else None
    if not isinstance(groups, dict):
        raise Refused(
            "pyproject.toml states no [project.entry-points], and no code is run to find them: "
            "build a wheel (python -m build --wheel) and install that."
        )
    for group, points in groups.items():
        if not isinstance(points, dict) or not all(isinstance(v, str) for v in points.values()):
            raise Refused(f"The entry points {group[:100]!a} must be lines NAME = 'MODULE'.")
    dynamic = project.get("dynamic")
    is_dynamic = isinstance(dynamic, list) and "version" in dynamic
    version = project.get("version", "0" if is_dynamic else "")
    tops = {
        value.split(".")[0]
        for group, points in groups.items()
        if group.startswith("harness.submissions.")
        for value in points.values()
    }
    modules: dict[str, bytes] = {}
    for top in sorted(tops):
        if top.isascii() and top.isidentifier():
            modules |= take(top)
    return _package(project.get("name", ""), version, groups, modules)


# ---------------------------------------------------------------------------------------------
# Both


def _package(
    name: object, version: object, groups: Mapping[str, Mapping[str, str]], files: dict[str, bytes]
) -> Package:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Refused(
            "A package's name is 1 to 80 letters, digits and - _ . that begins and ends with a "
            f"letter or digit, got {str(name)[:100]!a}."
        )
    if not isinstance(version, str) or not VERSION.fullmatch(version):
        raise Refused(f"A package's version is like 1.0, got {str(version)[:100]!a}.")
    for file in files:
        if file.endswith(".pth"):
            raise Refused(f"It holds {file[:100]!a}, which would run at every start of Python.")
        if file.lower().endswith(COMPILED):
            raise Refused(
                f"It holds {file[:100]!a}, which is compiled: a submission is Python that can be "
                "read."
            )
    return Package(name, version, groups, files)


def _decoded(data: bytes, name: str, most: int) -> str:
    if len(data) > most:
        raise Refused(f"{name} may have at most {most >> 10} KiB: shorten it.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"{name} must be UTF-8: {error.reason} at byte {error.start}.") from None
