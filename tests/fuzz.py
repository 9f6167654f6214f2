"""Feed every reader of untrusted bytes what nobody would send, with atheris and its coverage.

    python -m tests.fuzz TARGET [-runs=N] [options of libFuzzer]

A reader may return or refuse. Anything else it raises, a value that breaks its own promise, ten
seconds over one input, or 2 GiB of memory, is a find: the input is written to a file and the exit
code is not 0. Parsers in compiled code are fed, but not seen into.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import atheris
import numpy as np

READERS = ["harness.arrays", "harness.wire", "harness.source", "harness.unpack"]
with atheris.instrument_imports(include=READERS):
    from harness import arrays as named
    from harness import catalog, unpack, wire
    from harness.vocabulary import Refused

WORDS = [
    *("{", "}", "[", "]", ":", ",", "__metadata__", "dtype", "shape", "data_offsets", "-1", "1e9"),
    *("F64", "F32", "F16", "BF16", "F8_E5M2", "I8", "U64", "BOOL", "18446744073709551615", "null"),
    *("\\\\ud800", "def ", "lambda", "f'{", '"""', "#", "async ", "match ", "0x", "class ", "("),
]


DTYPES = [
    *(("F64", 8), ("F32", 4), ("F16", 2), ("BF16", 2), ("F8_E4M3", 1), ("C64", 8), ("F4", 1)),
    *((f"{kind}{8 * size}", size) for kind in "IU" for size in (1, 2, 4, 8)),
    ("BOOL", 1),
]


KINDS = (".whl", ".zip", ".tar.gz")


def header(data: bytes) -> None:
    """Read a safetensors file: two bytes say how long its data are, then comes its header."""
    text, body = data[2:], bytes(int.from_bytes(data[:2], "little") % 4096)
    check(len(text).to_bytes(8, "little") + text + body)


def shapes(data: bytes) -> None:
    """Read a safetensors file whose header is in form, and its shapes and places nearly right."""
    source = atheris.FuzzedDataProvider(data)
    entries: dict[str, object] = {}
    end = 0
    for _ in range(source.ConsumeIntInRange(0, 4)):
        dtype, size = source.PickValueInList(DTYPES)
        shape = [source.ConsumeIntInRange(0, 5) for _ in range(source.ConsumeIntInRange(0, 4))]
        start, end = end, end + size * math.prod(shape)
        if source.ConsumeProbability() < 0.1:
            end += source.ConsumeIntInRange(-(2**33), 2**33)
        if source.ConsumeProbability() < 0.1:
            shape.append(source.ConsumeInt(9))
        name = source.ConsumeUnicode(4) if source.ConsumeProbability() < 0.3 else f"a{end}"
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(entries).encode()
    body = bytes(source.ConsumeBytes(min(max(end, 0), 4096))).ljust(min(max(end, 0), 4096), b"\0")
    check(len(text).to_bytes(8, "little") + text + body)


def file(data: bytes) -> None:
    """Read a safetensors file, its length as it comes."""
    check(data)


def check(data: bytes) -> None:
    """Hold what is read against what `read` promises."""
    with contextlib.suppress(Refused):
        found = named.read(data, "fit")
        for name, array in found.items():
            assert named.NAME.fullmatch(name) and array.dtype.name in named.DTYPES
            assert array.dtype.isnative and array.flags.c_contiguous
            assert array.dtype.kind != "f" or np.isfinite(array).all()
        again = named.read(named.write(found), "fit")
        assert again.keys() == found.keys()
        assert all(again[name].tobytes() == found[name].tobytes() for name in found)
        assert named.weigh(found) >= named.FLOOR


def frame(data: bytes) -> None:
    """Read frames until the bytes are spent."""
    view = memoryview(data)

    def read(n: int) -> bytes:
        nonlocal view
        if n > len(view):
            raise EOFError
        part, view = view[:n], view[n:]
        return bytes(part)

    with contextlib.suppress(Refused, EOFError):
        while True:
            assert isinstance(wire.unpack(read, "fit").facts, dict)


def source(data: bytes) -> None:
    """Describe a submission of one file: parsed, weighed, its division read, and never run."""
    path = Path(FOLDER, "idea.py")
    path.write_bytes(data)
    with contextlib.suppress(Refused):
        assert catalog.describe("idea", "tiny", str(path), "idea").embedded_bytes >= 0


def package(data: bytes) -> None:
    """Read a package: the first byte says of which kind the rest is."""
    path = Path(FOLDER, "idea-1-py3-none-any" + KINDS[(data[0] if data else 0) % len(KINDS)])
    path.write_bytes(data[1:])
    with contextlib.suppress(Refused):
        found = unpack.unpack(path)
        assert all(".." not in name.split("/") and name[0] != "/" for name in found.files)


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (header, shapes, file, frame, source, package)
}
FOLDER = ""


def seeds(target: str) -> Iterator[bytes]:
    """Yield inputs that are as they should be, to start from."""
    if target == "source":
        yield from (path.read_bytes() for path in Path(__file__).parent.glob("cheats/*.py"))
        return
    if target == "package":
        yield from _packages()
        return
    if target == "shapes":
        yield bytes(range(256))
        return
    dtypes = ("float64", "float16", "int8", "uint64", "bool")
    for arrays in (
        {},
        {"W": np.zeros((2, 3))},
        {name: np.ones((3, 1), name) for name in dtypes},
        {"a": np.zeros(0), "b/c": np.array(1, np.float32), "d": np.arange(40)},
    ):
        whole = named.write(arrays)
        n = int.from_bytes(whole[:8], "little")
        if target == "header":
            yield (len(whole) - 8 - n).to_bytes(2, "little") + whole[8 : 8 + n]
        elif target == "file":
            yield whole
        else:
            yield wire.pack(wire.RESULT, {"message": "é", "plan": [{}]}, arrays)


def _packages() -> Iterator[bytes]:
    project = '[project]\nname = "idea"\n[project.entry-points."harness.submissions.tiny"]\n'
    project += 'idea = "idea"\n'
    points = "[harness.submissions.tiny]\nidea = idea\n"
    kinds = (
        {"idea.py": "x = 1\n", "idea-1.dist-info/METADATA": "Name: idea\nVersion: 1\n",
         "idea-1.dist-info/entry_points.txt": points},
        {"idea/pyproject.toml": project, "idea/idea.py": "x = 1\n"},
    )  # fmt: skip
    for number, files in enumerate(kinds):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        yield bytes([number]) + buffer.getvalue()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in kinds[1].items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    yield bytes([2]) + buffer.getvalue()


def main() -> None:
    """Fuzz one target."""
    global FOLDER
    target, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="harness-fuzz-") as FOLDER:
        corpus = Path(FOLDER, "corpus")
        corpus.mkdir()
        for number, seed in enumerate(seeds(target)):
            Path(corpus, str(number)).write_bytes(seed)
        words = Path(FOLDER, "words")
        words.write_text("".join(f"{json.dumps(word)}\n" for word in WORDS))
        limits = [
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-max_len=4096",
            "-len_control=0",
            f"-dict={words}",
        ]
        atheris.Setup([sys.argv[0], *limits, *options, str(corpus)], TARGETS[target])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
