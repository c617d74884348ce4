"""The wire: data arrives as it was sent, and anything else is refused with a WireError."""

import contextlib
import io
import json
import math
import os
import struct
import threading
import tracemalloc
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader.sandbox import wire
from grader.sandbox.wire import ARRAY, DTYPES, MAX_BYTES, MAX_DEPTH, MAX_INTEGER, MAX_TEXT, WireError, decode, encode

quick = settings(deadline=None, max_examples=60, database=None)

shapes = npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
arrays = st.sampled_from(sorted(DTYPES)).flatmap(lambda dtype: npst.arrays(dtype, shapes))
integers = st.integers(-MAX_INTEGER, MAX_INTEGER)
keys = st.text(max_size=8).filter(lambda key: key != ARRAY)
scalars = st.none() | st.booleans() | integers | st.floats() | st.text(max_size=8)
trees = st.recursive(
    scalars | arrays,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
messages = trees.map(encode)
json_trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.sampled_from(sorted(DTYPES)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4) | st.just(ARRAY), inner, max_size=3)
    ),
    max_leaves=12,
)


def same(a: Any, b: Any) -> bool:
    """Whether two trees are equal in types, shapes, dtypes and values, NaN with NaN."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return a == b or (a != a and b != b)


def message(text: str | bytes, raw: bytes = b"") -> bytes:
    text = text.encode() if isinstance(text, str) else text
    return struct.pack(">I", len(text)) + text + raw


def array_message(dtype: Any, shape: Any, offset: Any, raw: bytes = bytes(8)) -> bytes:
    return message(json.dumps({ARRAY: [dtype, shape, offset]}), raw)


def refused_or_decoded(data: bytes) -> None:
    """Decode, where only a WireError may come up; what is decoded can be sent on."""
    try:
        tree = decode(data)
    except WireError:
        return
    encode(tree)


# What can be sent


@quick
@given(trees)
def test_every_tree_arrives_as_it_was(tree):
    assert same(decode(encode(tree)), tree)


@pytest.mark.parametrize("dtype", sorted(DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3, 4), (1,) * MAX_DEPTH])
def test_arrays_of_every_dtype_and_shape_arrive_as_they_were(dtype, shape):
    array = np.random.default_rng(0).integers(0, 2, shape).astype(dtype)
    assert same(decode(encode([array, {"twice": array}])), [array, {"twice": array}])


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, -0.0, 5e-324, 1.7976931348623157e308])
def test_extreme_floats_arrive_bit_for_bit(value):
    arrived, array = decode(encode([value, np.array(value)]))
    assert struct.pack("d", arrived) == struct.pack("d", value)
    assert array.tobytes() == np.array(value).tobytes()


def test_booleans_stay_booleans_and_integers_stay_integers():
    assert same(decode(encode([True, 1, 1.0, False, 0])), [True, 1, 1.0, False, 0])


def test_tuples_arrive_as_lists_and_numpy_scalars_as_python_numbers():
    sent = (np.float32(0.5), np.int8(-3), np.bool_(True), np.float64(math.inf), np.uint64(7), np.str_("text"))
    assert same(decode(encode(sent)), [0.5, -3, True, math.inf, 7, "text"])


def test_kinds_of_dict_arrive_as_dicts():
    assert same(decode(encode(OrderedDict(b=1, a=2))), {"b": 1, "a": 2})


@pytest.mark.parametrize("text", ["", "Zürich 💡", "\x00\x1b\x7f", "\ud800", "\u2028", '"\\', "NaN", ARRAY])
def test_any_text_arrives_as_it_was(text):
    assert decode(encode({"key " + text: text})) == {"key " + text: text}


@pytest.mark.parametrize("dtype", [">f4", ">i8", ">u2", ">f8", ">f2"])
def test_big_endian_arrays_arrive_in_the_machines_own_order(dtype):
    arrived = decode(encode(np.arange(6).reshape(2, 3).astype(dtype)))
    assert arrived.dtype.isnative
    assert arrived.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_arrays_with_gaps_arrive_in_their_own_order():
    table = np.arange(24.0).reshape(4, 6)
    for view in (table.T, table[::-1, ::2], table[:, 3], np.broadcast_to(table[0], (3, 6)), np.asfortranarray(table)):
        assert same(decode(encode(view)), np.ascontiguousarray(view))


def test_what_arrives_can_be_changed_and_shares_nothing():
    sent = np.zeros(3)
    arrived = decode(encode([sent, sent]))
    arrived[0][0] = 1
    assert sent[0] == 0 and arrived[1][0] == 0


def test_nesting_to_the_limit_arrives_and_one_level_more_can_not_be_sent():
    tree: Any = 1.5
    for _ in range(MAX_DEPTH):
        tree = [tree]
    assert decode(encode(tree)) == tree
    with pytest.raises(WireError, match="nested"):
        encode([tree])


# What can't be sent


class Half(float): ...


class Name(str): ...


class Count(int): ...


@pytest.mark.parametrize(
    "thing",
    [
        object(),
        {1, 2},
        b"bytes",
        1j,
        Half(0.5),
        Name("text"),
        Count(3),
        MAX_INTEGER + 1,
        -MAX_INTEGER - 1,
        np.uint64(2**64 - 1),
        {1: "a key that is no text"},
        {Name("key"): 1},
        {ARRAY: 1},
        np.array([object()]),
        np.array(["text"]),
        np.array([1j]),
        np.array(["2020-01-01"], "datetime64[D]"),
        np.zeros(2, [("a", "f4")]),
        np.longdouble(1),
        np.zeros((1,) * (MAX_DEPTH + 1)),
        np.zeros((0, MAX_BYTES + 1), np.int8),
        np.zeros((0, 2**20, 2**20), np.int8),
        print,
        float,
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_anything_else_can_not_be_sent(thing):
    with pytest.raises(WireError):
        encode({"deep": [thing]})


def test_a_list_that_holds_itself_can_not_be_sent():
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(WireError):
        encode(endless)


def test_more_than_the_limit_can_not_be_sent(monkeypatch):
    monkeypatch.setattr(wire, "MAX_BYTES", 1000)
    encode(np.zeros(900, np.uint8))
    with pytest.raises(WireError, match="bytes"):
        encode(np.zeros(1000, np.uint8))


def test_long_lists_that_belong_in_an_array_can_not_be_sent():
    with pytest.raises(WireError, match="array"):
        encode("x" * (MAX_TEXT + 1))


# Bytes that are no message


@quick
@given(messages, st.data())
def test_a_message_cut_short_is_refused(data, draw):
    cut = draw.draw(st.integers(0, len(data) - 1))
    with pytest.raises(WireError):
        decode(data[:cut])


def test_a_message_cut_at_any_place_is_refused():
    data = encode({"loss": [0.5, math.nan], "weights": [np.arange(3, dtype=np.float32), np.zeros((2, 0))]})
    for cut in range(len(data)):
        with pytest.raises(WireError):
            decode(data[:cut])


@quick
@given(messages, st.binary(min_size=1, max_size=9))
def test_a_message_with_more_behind_it_is_refused(data, more):
    with pytest.raises(WireError):
        decode(data + more)


@settings(quick, max_examples=200)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_or_a_message(data):
    refused_or_decoded(data)
    refused_or_decoded(message(data))


@settings(quick, max_examples=200)
@given(messages, st.data())
def test_a_message_with_changed_bits_is_refused_or_another_message(data, draw):
    changed = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 4))):
        changed[draw.draw(st.integers(0, len(data) - 1))] ^= 1 << draw.draw(st.integers(0, 7))
    refused_or_decoded(bytes(changed))


@settings(quick, max_examples=200)
@given(json_trees, st.binary(max_size=40))
def test_any_json_before_any_bytes_is_refused_or_a_message(tree, raw):
    refused_or_decoded(message(json.dumps(tree), raw))


@settings(quick, max_examples=200)
@given(
    st.sampled_from(sorted(DTYPES)) | st.text(max_size=3),
    st.lists(st.integers(-2, 3) | st.integers() | st.booleans(), max_size=4) | scalars,
    st.integers(-2, 9) | scalars,
)
def test_any_array_entry_is_refused_or_an_array(dtype, shape, offset):
    refused_or_decoded(array_message(dtype, shape, offset))


@pytest.mark.parametrize("claim", [0, 3, 2**31, 2**32 - 1])
def test_a_wrong_length_of_the_text_is_refused(claim):
    with pytest.raises(WireError):
        decode(struct.pack(">I", claim) + b"[1.5]")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1,",
        "nan",
        "'text'",
        "[1] [2]",
        "{1: 2}",
        b"\xff\xfe",
        "\ufeff1",
        '{"a": 1, "a": 2}',
        '[{"deep": {"": 1, "": 1}}]',
        f'{{"{ARRAY}": ["int8", [0], 0], "{ARRAY}": ["int8", [0], 0]}}',
        f'{{"{ARRAY}": ["int8", [0], 0], "more": 1}}',
        str(MAX_INTEGER + 1),
        "-" + "9" * 30,
        "9" * 5000,
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_text_that_is_no_plain_tree_is_refused(text):
    with pytest.raises(WireError):
        decode(message(text))


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {},
        ["float32", [2]],
        ["float32", [2], 0, 0],
        ["float32", 2, 0],
        ["float32", [2], "0"],
        ["float32", [2], 0.0],
        ["float32", [2], False],
        ["float32", [2], None],
        ["float32", [True, 2], 0],
        ["float32", [2.0], 0],
        ["float32", [math.nan], 0],
        ["float32", [math.inf], 0],
        ["float32", ["2"], 0],
        ["float32", [[2]], 0],
        ["object", [1], 0],
        ["O", [1], 0],
        ["<f4", [2], 0],
        ["float128", [1], 0],
        ["str", [1], 0],
        [["float32"], [2], 0],
        [None, [2], 0],
        ["float32", [-2], 0],
        ["float32", [-1, -2], 0],
        ["float32", [3], 0],
        ["float32", [1], 0],
        ["float32", [2], -8],
        ["float32", [2], 8],
        ["float32", [2], 2**63],
        ["float32", [2**62, 4], 0],
        ["float32", [2**32, 2**32], 0],
        ["float32", [2**31, 2**31, 2**31], 0],
        ["float32", [0, 2**28, 2**28, 2**28], 0],
        ["float32", [2**200, 0], 0],
        ["float32", [1] * 60 + [2], 0],
    ],
    ids=str,
)
def test_an_array_that_is_not_exactly_where_and_what_it_should_be_is_refused(entry):
    with pytest.raises(WireError):
        decode(message(json.dumps({ARRAY: entry}), bytes(8)))


def test_arrays_that_overlap_or_leave_a_gap_are_refused():
    entries = [{ARRAY: ["int8", [4], 0]}, {ARRAY: ["int8", [4], 4]}]
    assert len(decode(message(json.dumps(entries), bytes(8)))) == 2
    for offset in (0, 3, 5):
        entries[1][ARRAY][2] = offset
        with pytest.raises(WireError):
            decode(message(json.dumps(entries), bytes(8)))


def test_a_boolean_array_holds_nothing_but_true_and_false():
    assert decode(array_message("bool", [8], 0, b"\0\1" * 4)).tolist() == [False, True] * 4
    with pytest.raises(WireError):
        decode(array_message("bool", [8], 0, b"\0\2" * 4))


def peak_bytes(data: bytes) -> int:
    tracemalloc.start()
    try:
        refused_or_decoded(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("piece", ["[],", '{"":0},', "[[]],", f'{{"{ARRAY}":["bool",[0],0]}},'])
def test_hostile_text_takes_a_bounded_multiple_of_its_size(piece):
    text = "[" + piece * (2**16 // len(piece)) + "0]"
    assert peak_bytes(message(text)) < 100 * len(text)


def test_text_beyond_its_limit_is_refused_unread():
    data = message("[" + "[]," * (MAX_TEXT // 3) + "0]")
    assert peak_bytes(data) < 100_000


@pytest.mark.parametrize("shape", [[2**27], [2**14, 2**13], [2**20] * 20, [0] + [2**20] * 20])
def test_a_huge_array_that_is_not_there_takes_no_memory(shape):
    assert peak_bytes(array_message("float64", shape, 0)) < 100_000


def test_a_message_beyond_the_limit_is_refused(monkeypatch):
    data = encode(np.zeros(900, np.uint8))
    monkeypatch.setattr(wire, "MAX_BYTES", 800)
    with pytest.raises(WireError, match="bytes"):
        decode(data)


# Frames


def framed(header: dict[str, Any], payload: bytes = b"") -> bytes:
    stream = io.BytesIO()
    wire.send(stream, header, payload)
    return stream.getvalue()


@quick
@given(
    st.lists(st.tuples(st.dictionaries(st.text(max_size=5), scalars, max_size=3), st.binary(max_size=50)), max_size=4)
)
def test_frames_arrive_in_order_and_then_the_end(frames):
    stream = io.BytesIO(b"".join(framed(*frame) for frame in frames))
    for header, payload in frames:
        arrived = wire.receive(stream)
        assert arrived is not None
        assert same(arrived[0], header) and arrived[1] == payload
    assert wire.receive(stream) is None


def test_frames_larger_than_a_pipe_arrive_through_one():
    read_end, write_end = os.pipe()
    frames = [({"number": number}, os.urandom(300_000)) for number in range(3)]

    def write() -> None:
        with os.fdopen(write_end, "wb") as stream:
            for frame in frames:
                wire.send(stream, *frame)

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(read_end, "rb") as stream:
        assert [wire.receive(stream) for _ in range(4)] == [*frames, None]
    writer.join()


def test_a_pipe_closed_within_a_frame_is_the_end():
    data = framed({"number": 1}, b"payload")
    for cut in range(len(data)):
        read_end, write_end = os.pipe()
        with os.fdopen(write_end, "wb") as stream:
            stream.write(data[:cut])
        with os.fdopen(read_end, "rb") as stream:
            assert wire.receive(stream) is None


@pytest.mark.parametrize("lengths", [(2**32 - 1, 0), (0, 2**64 - 1), (2, MAX_BYTES + 1), (MAX_TEXT + 1, 0)])
def test_a_frame_that_announces_too_much_is_refused_unread(lengths):
    with pytest.raises(WireError, match="longer"):
        wire.receive(io.BytesIO(struct.pack(">IQ", *lengths) + bytes(100)))


@pytest.mark.parametrize(
    "header", [b"", b"{", b"\xff", b"[1]", b"1", b"null", b"[" * 100_000, b"9" * 5000, b'{"a":1,"a":2}']
)
def test_a_header_that_is_no_json_object_is_refused(header):
    with pytest.raises(WireError):
        wire.receive(io.BytesIO(struct.pack(">IQ", len(header), 0) + header))


@settings(quick, max_examples=200)
@given(st.binary(max_size=60))
def test_random_bytes_are_no_frame_and_nothing_worse(data):
    for stream in (io.BytesIO(data), io.BytesIO(struct.pack(">IQ", len(data), 0) + data)):
        with contextlib.suppress(WireError):
            wire.receive(stream)
