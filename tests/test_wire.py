"""Frames: what goes in comes out, and what is no frame is refused before it costs anything."""

from __future__ import annotations

import io
import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import arrays as named
from harness import wire
from harness.vocabulary import Refused

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def exactly(data: bytes):  # type: ignore[no-untyped-def]
    stream = io.BytesIO(data)

    def read(n: int) -> bytes:
        got = stream.read(n)
        if len(got) < n:
            raise EOFError
        return got

    return read


@given(st.sampled_from([wire.CALL, wire.RESULT, wire.ERROR]), st.dictionaries(st.text(), JSON))
def test_a_frame_comes_out_as_it_went_in(kind: bytes, facts: dict[str, object]) -> None:
    arrays = {"W": np.arange(6.0).reshape(2, 3)}
    frame = wire.unpack(exactly(wire.pack(kind, facts, arrays)), "fit")
    assert (frame.kind, frame.facts) == (kind, facts)
    assert np.array_equal(frame.arrays["W"], arrays["W"])


def test_a_frame_without_arrays_has_no_body() -> None:
    assert wire.unpack(exactly(wire.pack(wire.CALL, {}, {})), "fit") == (wire.CALL, {}, {})


def test_two_frames_follow_each_other_without_a_gap() -> None:
    read = exactly(wire.pack(b"R", {"n": 1}, {}) + wire.pack(b"R", {"n": 2}, {}))
    assert [wire.unpack(read, "fit").facts["n"] for _ in range(2)] == [1, 2]


@pytest.mark.parametrize(
    ("n_text", "n_body"),
    [
        (wire.MAX_JSON + 1, 0),
        ((1 << 32) - 1, 0),
        (0, named.MAX_BYTES + named.MAX_HEADER + 1),
        (0, (1 << 64) - 1),
    ],
)
def test_an_oversized_frame_is_refused_before_anything_is_read(n_text: int, n_body: int) -> None:
    asked = []

    def read(n: int) -> bytes:
        asked.append(n)
        return wire.HEADER.pack(b"R", n_text, n_body)

    tracemalloc.start()
    with pytest.raises(Refused, match=f"^fit announced {n_text + n_body:,} bytes, more than may"):
        wire.unpack(read, "fit")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert asked == [wire.HEADER.size]
    assert peak < 1 << 20


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "sent 0 bytes that are no JSON"),
        (b"{", "sent 1 bytes that are no JSON"),
        (b"\xff\xfe", "that are no JSON"),
        (b"[" * 100_000, "sent 100000 bytes that are no JSON"),
        (b'{"a":' * 100_000, "sent 500000 bytes that are no JSON"),
        (b'{"n":' + b"9" * 5000 + b"}", "that are no JSON"),
        (b"[]", "sent a list where a JSON object belongs"),
        (b"null", "sent a NoneType where a JSON object belongs"),
    ],
)
def test_text_that_is_no_object_is_refused(text: bytes, message: str) -> None:
    with pytest.raises(Refused, match=message):
        wire.unpack(exactly(wire.HEADER.pack(b"R", len(text), 0) + text), "fit")


def test_a_body_that_is_no_arrays_is_refused() -> None:
    frame = wire.HEADER.pack(b"R", 2, 9) + b"{}" + b"\x80\x04nothing"
    with pytest.raises(Refused, match="fit sent"):
        wire.unpack(exactly(frame), "fit")


@given(st.binary(max_size=64), st.integers(0, 40), st.integers(0, 40))
def test_any_bytes_are_a_frame_or_refused_or_too_short(
    data: bytes, n_text: int, n_body: int
) -> None:
    try:
        frame = wire.unpack(exactly(wire.HEADER.pack(b"R", n_text, n_body) + data), "fit")
    except (Refused, EOFError):
        return
    assert isinstance(frame.facts, dict) and json.dumps(frame.facts)
