"""Named arrays, the one type that crosses the wall: check, weigh, write and read them.

It does not know what the arrays mean. Nothing here unpickles anything.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import safetensors.numpy

from harness.vocabulary import Arrays, Refused

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}")
DTYPES = frozenset(
    [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
    ]
)
MAX_ARRAYS = 10_000
MAX_BYTES = 256 << 20
MAX_HEADER = 4 << 20
FLOOR = 256
"""No set of arrays weighs less than this many bytes: below it headers decide, not learning."""


def check(arrays: Any, what: str) -> Arrays:
    """Return `arrays` as plain contiguous arrays, or refuse them.

    Parameters
    ----------
    arrays
        Anything; wanted is a dict of named numpy arrays.
    what
        Where it came from, for the message: "fit", "predict".

    Raises
    ------
    Refused
        Not a dict; a name that is no name; not a numpy array; a dtype outside `DTYPES`; NaN or
        infinity; too many arrays or bytes.
    """
    if not isinstance(arrays, dict):
        raise Refused(
            f"{what} must return a dict of named numpy arrays, got {type(arrays).__name__}."
        )
    if len(arrays) > MAX_ARRAYS:
        raise Refused(f"{what} may return at most {MAX_ARRAYS} arrays, got {len(arrays)}.")
    checked: Arrays = {}
    n_bytes = 0
    for name, array in arrays.items():
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise Refused(
                f"{what} returned an array named {_short(name)}; a name is 1 to 100 letters, "
                "digits and _ . / - and starts with a letter, digit or _."
            )
        if not isinstance(array, np.ndarray | np.generic):
            hint = "; use .detach().numpy()" if type(array).__module__.startswith("torch") else ""
            raise Refused(
                f"{what}[{name!r}] must be a numpy array, got {type(array).__name__}{hint}."
            )
        array = np.asarray(array)
        if array.dtype.name not in DTYPES:
            raise Refused(
                f"{what}[{name!r}] must be bool, integer or float, got dtype {array.dtype}."
            )
        n_bytes += array.nbytes
        if n_bytes > MAX_BYTES:
            raise Refused(f"{what} returned more than {MAX_BYTES >> 20} MiB at {name!r}.")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            bad = int((~np.isfinite(array)).sum())
            raise Refused(
                f"{what}[{name!r}] must be finite, got {bad} NaN or infinite values "
                f"of {array.size}."
            )
        native = array.astype(array.dtype.newbyteorder("="), copy=False)
        checked[name] = np.ascontiguousarray(native).reshape(array.shape)
    return checked


def require(
    arrays: Mapping[str, np.ndarray],
    shapes: Mapping[str, tuple[int | None, ...]],
    what: str,
    kinds: str = "f",
) -> None:
    """Refuse `arrays` unless they are exactly those named in `shapes`, each of its shape.

    Parameters
    ----------
    arrays
        What `check` passed.
    shapes
        Name -> shape; None stands for any length.
    what
        Where it came from, for the message.
    kinds
        Allowed numpy kinds: "f" float, "i" and "u" integer, "b" bool.

    Raises
    ------
    Refused
        Naming the first array that is missing, unwanted or of another shape or kind.
    """
    for name in shapes:
        if name not in arrays:
            raise Refused(f"{what}[{name!r}] is missing; got {_names(arrays)}.")
    for name, array in arrays.items():
        if name not in shapes:
            raise Refused(f"{what}[{name!r}] is not wanted; wanted are {_names(shapes)}.")
        wanted = shapes[name]
        fits = array.ndim == len(wanted) and all(
            want in (None, got) for want, got in zip(wanted, array.shape, strict=False)
        )
        if not fits:
            text = ", ".join("any" if w is None else str(w) for w in wanted)
            comma = "," if len(wanted) == 1 else ""
            raise Refused(f"{what}[{name!r}] must have shape ({text}{comma}), got {array.shape}.")
        if array.dtype.kind not in kinds:
            words = {"f": "float", "i": "integer", "u": "unsigned", "b": "bool"}
            raise Refused(
                f"{what}[{name!r}] must be {' or '.join(words[k] for k in kinds)}, "
                f"got {array.dtype}."
            )


def part(arrays: Arrays, name: str) -> Arrays:
    """Return the arrays that stand under `name/`, without this prefix; all of them under ''."""
    prefix = f"{name}/" if name else ""
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def write(arrays: Arrays) -> bytes:
    """Serialize checked arrays in the safetensors format."""
    packed = {name: a if a.flags.c_contiguous else a.copy(order="C") for name, a in arrays.items()}
    return safetensors.numpy.save(packed)


def read(data: bytes | bytearray, what: str) -> Arrays:
    """Parse bytes that may be hostile and check what they hold.

    Raises
    ------
    Refused
        The bytes are no safetensors file of allowed arrays.
    """
    if len(data) < 8 or int.from_bytes(data[:8], "little") > MAX_HEADER:
        raise Refused(f"{what} sent {len(data)} bytes that hold no named arrays.")
    try:
        arrays = load(data)
    except Exception as error:  # the parser's own exception types are not part of its interface
        raise Refused(f"{what} sent no readable arrays: {_short(error, 200)}") from None
    return check(arrays, what)


def load(data: bytes | bytearray) -> Arrays:
    """Parse bytes that `write` made, unchecked."""
    # As it comes the order differs from one reading to the next, and sums and draws with it.
    return dict(sorted(safetensors.numpy.load(bytes(data)).items()))


def weigh(arrays: Arrays) -> int:
    """Return the compressed size in bytes of everything the arrays say: names, shapes, data.

    One DEFLATE stream (zlib level 9) over the arrays in the order of their names, so that the
    same arrays always weigh the same; at least `FLOOR`.
    """
    stream = zlib.compressobj(9)
    size = 0
    for name in sorted(arrays):
        array = arrays[name]
        size += len(stream.compress(f"{name}{array.dtype.str}{array.shape}".encode()))
        size += len(stream.compress(np.ascontiguousarray(array).tobytes()))
    return max(FLOOR, size + len(stream.flush()))


def _names(names: Iterable[str]) -> str:
    listed = [repr(name) for name in names]
    return ", ".join(listed[:8]) + (", ..." if len(listed) > 8 else "") if listed else "nothing"


def _short(value: object, limit: int = 60) -> str:
    text = repr(value) if not isinstance(value, BaseException) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."
