"""Frames on the socket between the examiner and one phase of a submission.

A frame is a kind, a JSON object and named arrays. The examiner's end treats every byte that it
receives as hostile: lengths are capped before anything is read, and arrays are checked.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from harness import arrays as named
from harness.vocabulary import Arrays, Refused

HEADER = struct.Struct("<cIQ")
MAX_JSON = 4 << 20

CALL = b"C"
"""To the submission: call the function with these arrays and facts."""
RESULT = b"R"
"""From the submission: what the function returned."""
QUESTION = b"Q"
"""From the submission: arrays for the oracle."""
ANSWER = b"A"
"""To the submission: the oracle's answer."""
ERROR = b"E"
"""From the submission: the function raised."""
READY = b"Y"
"""From the worker, before any code of the submission runs: the layers that hold."""


class Frame(NamedTuple):
    """One message."""

    kind: bytes
    facts: dict[str, Any]
    arrays: Arrays


def pack(kind: bytes, facts: dict[str, Any], arrays: Arrays) -> bytes:
    """Serialize one frame."""
    text = json.dumps(facts).encode()
    body = named.write(arrays) if arrays else b""
    return HEADER.pack(kind, len(text), len(body)) + text + body


def unpack(read: Callable[[int], bytes | bytearray], what: str, trusted: bool = False) -> Frame:
    """Read one frame through `read(n)`, which returns exactly n bytes or raises.

    A submission trusts its examiner, whose training data may be larger than any answer may be.

    Raises
    ------
    Refused
        The bytes are no frame, or larger than one may be.
    """
    kind, n_text, n_body = HEADER.unpack(read(HEADER.size))
    if not trusted and (n_text > MAX_JSON or n_body > named.MAX_BYTES + named.MAX_HEADER):
        raise Refused(f"{what} announced {n_text + n_body:,} bytes, more than may be sent.")
    try:
        facts = json.loads(read(n_text))
    except (ValueError, RecursionError):
        raise Refused(f"{what} sent {n_text} bytes that are no JSON.") from None
    if not isinstance(facts, dict):
        raise Refused(f"{what} sent a {type(facts).__name__} where a JSON object belongs.")
    if not n_body:
        return Frame(kind, facts, {})
    body = read(n_body)
    return Frame(kind, facts, named.load(body) if trusted else named.read(body, what))
