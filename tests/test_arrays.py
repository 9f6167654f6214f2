"""Named arrays: what passes, what is refused and in which words, what they weigh."""

from __future__ import annotations

import contextlib
import json
import pickle
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness import arrays as named
from harness.vocabulary import Refused

NAMES = st.from_regex(named.NAME, fullmatch=True)
ARRAYS = st.sampled_from(sorted(named.DTYPES)).flatmap(
    lambda dtype: hnp.arrays(
        dtype,
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
        elements={"allow_nan": False, "allow_infinity": False} if "float" in dtype else None,
    )
)


class Tensor:
    """Stands for a tensor without importing torch."""


Tensor.__module__ = "torch"


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ([1], "fit must return a dict of named numpy arrays, got list."),
        (None, "fit must return a dict of named numpy arrays, got NoneType."),
        ({"": np.zeros(1)}, "fit returned an array named ''; a name is 1 to 100 letters"),
        ({"a b": np.zeros(1)}, "fit returned an array named 'a b'; a name is"),
        ({"../a": np.zeros(1)}, "fit returned an array named '../a'; a name is"),
        ({"a\n": np.zeros(1)}, r"fit returned an array named 'a\n'; a name is"),
        ({"é": np.zeros(1)}, "fit returned an array named 'é'; a name is"),
        ({"a" * 101: np.zeros(1)}, f"fit returned an array named '{'a' * 56}...; a name is"),
        ({3: np.zeros(1)}, "fit returned an array named 3; a name is"),
        ({"W": [1.0]}, "fit['W'] must be a numpy array, got list."),
        ({"W": Tensor()}, "fit['W'] must be a numpy array, got Tensor; use .detach().numpy()."),
        ({"W": np.array([None])}, "fit['W'] must be bool, integer or float, got dtype object."),
        ({"W": np.array(["a"])}, "fit['W'] must be bool, integer or float, got dtype <U1."),
        ({"W": np.zeros(1, complex)}, "must be bool, integer or float, got dtype complex128."),
        ({"W": np.zeros(1, "M8[s]")}, "must be bool, integer or float, got dtype datetime64[s]."),
        ({"W": np.zeros(1, "f8,f8")}, "fit['W'] must be bool, integer or float, got dtype"),
        ({"W": np.array([0, np.nan, np.inf])}, "got 2 NaN or infinite values of 3."),
        ({"W": np.float32("inf")}, "fit['W'] must be finite, got 1 NaN or infinite values of 1."),
        (
            {"W": np.zeros(1), "V": np.broadcast_to(np.int8(0), named.MAX_BYTES)},
            "fit returned more than 256 MiB at 'V'.",
        ),
        (
            {str(n): np.int8(0) for n in range(named.MAX_ARRAYS + 1)},
            "fit may return at most 10000 arrays, got 10001.",
        ),
    ],
)
def test_what_breaks_a_rule_is_refused_in_words(returned: Any, message: str) -> None:
    with pytest.raises(Refused, match=re.escape(message)):
        named.check(returned, "fit")


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3).T,
        np.arange(6.0)[::-2],
        np.arange(3, dtype=">f4"),
        np.ma.masked_array([1.0, 2.0], [True, False]),
        np.float64(3.0),
        np.zeros((0, 3)),
    ],
)
def test_check_returns_plain_native_contiguous_arrays_of_the_same_shape(array: Any) -> None:
    checked = named.check({"W": array}, "fit")["W"]
    assert type(checked) is np.ndarray
    assert checked.flags.c_contiguous and checked.dtype.isnative
    assert checked.shape == np.asarray(array).shape
    assert np.array_equal(checked, np.asarray(array))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "fit['W'] is missing; got nothing."),
        ({"V": np.zeros(1)}, "fit['W'] is missing; got 'V'."),
        (
            {str(n): np.zeros(1) for n in range(9)},
            "got '0', '1', '2', '3', '4', '5', '6', '7', ...",
        ),
        ({"W": np.zeros((2, 3)), "V": np.zeros(1)}, "fit['V'] is not wanted; wanted are 'W'."),
        ({"W": np.zeros((3, 2))}, "fit['W'] must have shape (any, 3), got (3, 2)."),
        ({"W": np.zeros(3)}, "fit['W'] must have shape (any, 3), got (3,)."),
        ({"W": np.zeros((2, 3), int)}, "fit['W'] must be float, got int64."),
        ({"W": np.zeros((2, 3), bool)}, "fit['W'] must be float, got bool."),
    ],
)
def test_require_names_the_first_array_that_does_not_fit(
    arrays: dict[str, np.ndarray], message: str
) -> None:
    with pytest.raises(Refused, match=re.escape(message)):
        named.require(arrays, {"W": (None, 3)}, "fit")


def test_require_writes_a_single_length_as_a_tuple_and_lists_the_kinds() -> None:
    with pytest.raises(Refused, match=re.escape("must have shape (4,), got (3,).")):
        named.require({"y": np.zeros(3)}, {"y": (4,)}, "fit")
    with pytest.raises(Refused, match=re.escape("must be integer or unsigned, got float64.")):
        named.require({"y": np.zeros(4)}, {"y": (4,)}, "fit", kinds="iu")


def test_require_passes_what_fits() -> None:
    named.require({"W": np.zeros((7, 3), np.float16)}, {"W": (None, 3)}, "fit")
    named.require({"y": np.zeros((), np.uint8)}, {"y": ()}, "fit", kinds="iub")


def test_a_part_is_what_stands_under_its_name_alone() -> None:
    a, b, c, d = (np.full(1, k) for k in range(4))
    arrays = {"one/W": a, "one/deep/b": b, "one": c, "one2/W": d}
    assert named.part(arrays, "one") == {"W": a, "deep/b": b}
    assert named.part(arrays, "one/deep") == {"b": b}
    assert named.part(arrays, "two") == {}
    assert named.part(arrays, "") == arrays


@given(st.dictionaries(NAMES, ARRAYS, max_size=4))
def test_what_is_written_is_read_back_bit_by_bit(arrays: dict[str, np.ndarray]) -> None:
    back = named.read(named.write(arrays), "fit")
    assert set(back) == set(arrays)
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype and back[name].shape == array.shape
        assert back[name].tobytes() == array.tobytes()


@given(st.dictionaries(NAMES, ARRAYS, max_size=4), st.data())
def test_arrays_that_are_cut_short_are_refused(
    arrays: dict[str, np.ndarray], data: st.DataObject
) -> None:
    whole = named.write(arrays)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(Refused, match=r"^fit sent "):
        named.read(whole[:cut], "fit")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    with contextlib.suppress(Refused):
        named.read(data, "fit")


def safetensors(header: str, body: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header.encode() + body


ENTRY = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F64", "F16", "BF16", "U8", "BOOL", "C64", "", 7]),
        "shape": st.lists(st.one_of(st.integers(0, 3), st.integers(), st.floats()), max_size=3),
        "data_offsets": st.lists(st.one_of(st.integers(0, 64), st.integers()), max_size=3),
    }
)


@given(st.dictionaries(st.text(max_size=5), ENTRY, max_size=3), st.binary(max_size=64))
def test_any_header_is_read_or_refused_and_nothing_else(
    entries: dict[str, object], body: bytes
) -> None:
    with contextlib.suppress(Refused):
        found = named.read(safetensors(json.dumps(entries), body), "fit")
        assert sum(array.nbytes for array in found.values()) <= len(body)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "fit sent 0 bytes that hold no named arrays."),
        (pickle.dumps({"W": 1}), "fit sent"),
        ((1 << 40).to_bytes(8, "little"), "fit sent 8 bytes that hold no named arrays."),
        (safetensors("{" * 5000, b""), "fit sent no readable arrays"),
        (
            safetensors('{"W":{"dtype":"F64","shape":[1],"data_offsets":[0,16]}}', bytes(16)),
            "fit sent no readable arrays",
        ),
        (
            safetensors('{"W":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}', bytes(16)),
            "fit sent no readable arrays",
        ),
        (
            safetensors(
                '{"W":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},'
                '"V":{"dtype":"U8","shape":[8],"data_offsets":[4,12]}}',
                bytes(12),
            ),
            "fit sent no readable arrays",
        ),
        (
            safetensors('{"../W":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}', bytes(8)),
            "fit returned an array named '../W'",
        ),
        (
            safetensors(
                '{"W":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}',
                np.float64("nan").tobytes(),
            ),
            "fit['W'] must be finite",
        ),
        (
            safetensors('{"W":{"dtype":"F8_E5M2","shape":[1],"data_offsets":[0,1]}}', bytes(1)),
            "fit",
        ),
    ],
)
def test_hostile_bytes_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(Refused, match=re.escape(message)):
        named.read(data, "fit")


def test_words_beside_the_arrays_do_not_survive_reading() -> None:
    header = {
        "__metadata__": {"hidden": "word"},
        "W": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
    }
    arrays = named.read(safetensors(json.dumps(header), b"\7"), "fit")
    assert b"hidden" not in named.write(arrays)
    assert arrays["W"].tolist() == [7]


def test_the_weight_does_not_depend_on_the_order_of_insertion() -> None:
    rng = np.random.default_rng(0)
    arrays = {name: rng.standard_normal(100) for name in "cab"}
    assert named.weigh(arrays) == named.weigh(dict(sorted(arrays.items()))) > named.FLOOR


def test_the_weight_does_not_depend_on_the_layout_in_memory() -> None:
    array = np.random.default_rng(0).standard_normal((30, 20))
    assert named.weigh({"W": array}) == named.weigh({"W": np.asfortranarray(array)})


def test_nothing_weighs_less_than_the_floor() -> None:
    assert named.weigh({}) == named.weigh({"W": np.zeros(10)}) == named.FLOOR == 256


def test_names_and_shapes_weigh_something() -> None:
    rng = np.random.default_rng(0)
    names = {"".join(rng.choice(list("abcdefgh"), 50)): np.zeros(0) for _ in range(100)}
    # 50 letters out of 8 carry 150 bits.
    assert named.weigh(names) > 100 * 150 / 8
    shapes = {str(n): np.zeros((0, *rng.integers(1 << 25, size=2))) for n in range(100)}
    assert named.weigh(shapes) > 100 * 2 * 24 / 8


def test_noise_weighs_its_entropy() -> None:
    noise = np.random.default_rng(0).integers(256, size=10_000, dtype=np.uint8)
    assert named.weigh({"W": noise}) == pytest.approx(10_000, rel=0.01)


def test_arrays_come_in_the_order_of_their_names_at_every_reading():
    names = [f"W{k}" for k in range(9)]
    written = named.write({name: np.zeros(3) for name in reversed(names)})
    for _ in range(5):
        assert list(named.load(written)) == list(named.read(written, "fit")) == names
