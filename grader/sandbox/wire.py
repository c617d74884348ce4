"""Observations to bytes and back: plain data only, so that decoding can run nothing.

A message is a 4-byte big-endian length, that many bytes of JSON, then the raw bytes of the arrays
that the JSON names, in order.  The JSON names an array as ``{"__array__": [dtype, shape,
offset]}``.  NaN and infinities are allowed as numbers.
"""

import json
import math
import struct
from collections.abc import Sequence
from typing import IO, Any

import numpy as np

MAX_BYTES = 256 * 2**20  # CatDogVGG's weights are 24 MB; no honest observation is ten times as large
MAX_TEXT = 4 * 2**20  # of JSON, which takes up to sixty times its size in memory; large data travel in arrays
MAX_DEPTH = 24
MAX_INTEGER = 2**63
DTYPES = frozenset(
    ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]
)
ARRAY = "__array__"


class WireError(ValueError):
    """The bytes are not a message, or the data can't be made one; the text says why."""


def encode(tree: Any) -> bytes:
    """The message for a tree of plain data.

    The tree may hold None, bool, int, float, str, list, tuple, dict (with str keys) and NumPy
    arrays.  Tuples arrive as lists and NumPy scalars as Python numbers.  Raises WireError for
    anything else.
    """
    arrays: list[bytes] = []
    text = json.dumps(_plain(tree, arrays, 0)).encode()
    if len(text) > MAX_TEXT:
        raise WireError(f"the data has {len(text)} bytes besides its arrays: put long data into an array")
    message = b"".join([struct.pack(">I", len(text)), text, *arrays])
    if len(message) > MAX_BYTES:
        raise WireError(f"the message has {len(message)} bytes, more than the {MAX_BYTES} allowed")
    return message


def decode(message: bytes, most_text: int = MAX_TEXT) -> Any:
    """The tree that `encode` was given.  Raises WireError for bytes that it can't have made."""
    if len(message) > MAX_BYTES:
        raise WireError(f"the message has {len(message)} bytes, more than the {MAX_BYTES} allowed")
    if len(message) < 4:
        raise WireError("the message is too short to hold its own length")
    length = struct.unpack(">I", message[:4])[0]
    end = 4 + length
    if end > len(message):
        raise WireError("the message is shorter than it says")
    if length > most_text:
        raise WireError(f"the message has {length} bytes of JSON, more than the {most_text} allowed")
    reader = _Arrays(message, end)
    tree = reader.rebuild(_parse(message[4:end]), 0)
    if reader.position != len(message):
        raise WireError("the message goes on after its last array")
    return tree


def size_of(tree: Any) -> int:
    """About how many bytes a decoded tree takes in memory."""
    if isinstance(tree, np.ndarray):
        return tree.nbytes + 100
    if isinstance(tree, dict):
        return 100 + sum(size_of(child) + len(key) for key, child in tree.items())
    if isinstance(tree, list):
        return 60 + sum(size_of(child) + 8 for child in tree)
    return 50 + (len(tree) if isinstance(tree, str) else 0)


def join(messages: Sequence[bytes]) -> bytes:
    """Several messages as one, each behind its length in 8 bytes."""
    return b"".join(struct.pack(">Q", len(message)) + message for message in messages)


def split(joined: bytes, count: int) -> list[bytes]:
    """The messages that `join` was given.  Raises WireError unless there are exactly `count`."""
    messages, position = [], 0
    for _ in range(count):
        if len(joined) < position + 8:
            raise WireError(f"there are fewer than {count} messages")
        end = position + 8 + struct.unpack(">Q", joined[position : position + 8])[0]
        messages.append(joined[position + 8 : end])
        position = end
    if position != len(joined):
        raise WireError(f"there are more than {count} messages, or the last is cut")
    return messages


def _parse(text: bytes) -> Any:
    try:
        return json.loads(text.decode(), object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise WireError(f"the message is not JSON: {error}") from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    items = dict(pairs)
    if len(items) < len(pairs):
        raise WireError("a dict has the same key twice")
    return items


def _plain(node: Any, arrays: list[bytes], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(f"the data is nested more than {MAX_DEPTH} levels deep")
    if isinstance(node, np.generic):
        node = node.item()
    if isinstance(node, np.ndarray):
        return _array_entry(node, arrays)
    if isinstance(node, (list, tuple)):
        return [_plain(child, arrays, depth + 1) for child in node]
    if isinstance(node, dict):
        if any(type(key) is not str or key == ARRAY for key in node):
            raise WireError(f"a dict's keys must be strings other than {ARRAY!r}")
        return {key: _plain(child, arrays, depth + 1) for key, child in node.items()}
    return _scalar(node)


def _scalar(node: Any) -> Any:
    if node is None or type(node) in (bool, float, str):
        return node
    if type(node) is not int:
        raise WireError(f"a {type(node).__name__} can't be sent")
    if abs(node) > MAX_INTEGER:
        raise WireError("an integer beyond 2**63 can't be sent")
    return node


def _array_entry(array: np.ndarray, arrays: list[bytes]) -> dict[str, Any]:
    if array.dtype.name not in DTYPES:
        raise WireError(f"an array of {array.dtype} can't be sent")
    if not _fits(array.shape):
        raise WireError(f"an array of shape {array.shape} can't be sent")
    offset = sum(map(len, arrays))
    arrays.append(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
    return {ARRAY: [array.dtype.name, list(array.shape), offset]}


def _fits(shape: Sequence[int]) -> bool:
    """Whether NumPy can make an array of this shape, even if one of its sizes is 0."""
    return len(shape) <= MAX_DEPTH and math.prod(max(size, 1) for size in shape) <= MAX_BYTES


class _Arrays:
    """Puts a message's arrays back into its tree, each exactly where the one before it ended."""

    def __init__(self, message: bytes, start: int) -> None:
        self.message, self.start, self.position = message, start, start

    def rebuild(self, node: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise WireError(f"the message is nested more than {MAX_DEPTH} levels deep")
        if isinstance(node, list):
            return [self.rebuild(child, depth + 1) for child in node]
        if isinstance(node, dict):
            if ARRAY in node:
                return self.array(node)
            return {key: self.rebuild(child, depth + 1) for key, child in node.items()}
        return _scalar(node)

    def array(self, node: dict[str, Any]) -> np.ndarray:
        match list(node.values()):
            case [[str(name), list(shape), offset]] if name in DTYPES and type(offset) is int:
                pass
            case _:
                raise WireError("an array's entry is malformed")
        if any(type(size) is not int or size < 0 for size in shape) or not _fits(shape):
            raise WireError("an array's shape is malformed")
        dtype = np.dtype(name).newbyteorder("<")
        count = math.prod(shape)
        end = self.position + count * dtype.itemsize
        if self.start + offset != self.position or end > len(self.message):
            raise WireError("an array lies outside its message")
        flat = np.frombuffer(self.message, dtype, count, self.position)
        if name == "bool" and (flat.view(np.uint8) > 1).any():
            raise WireError("an array of bool holds more than true and false")
        self.position = end
        return flat.reshape(shape).astype(dtype.newbyteorder("="))


def send(stream: IO[bytes], header: dict[str, Any], payload: bytes = b"") -> None:
    """Write one frame, a small header and any bytes, to a binary stream and flush it."""
    text = json.dumps(header).encode()
    stream.write(struct.pack(">IQ", len(text), len(payload)) + text)
    stream.write(payload)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next frame's header and payload; None if the stream ends, even within a frame.

    Raises WireError for bytes that are no frame.
    """
    received = receive_header(stream)
    if received is None:
        return None
    fields, size = received
    payload = read_exactly(stream, size)
    return (fields, payload) if len(payload) == size else None


def receive_header(stream: IO[bytes]) -> tuple[dict[str, Any], int] | None:
    """The next frame's header, and the size of the payload that follows it in the stream.

    None and errors as for `receive`.
    """
    lengths = read_exactly(stream, 12)
    if len(lengths) < 12:
        return None
    header_bytes, payload_bytes = struct.unpack(">IQ", lengths)
    if header_bytes > MAX_TEXT or payload_bytes > MAX_BYTES:
        raise WireError("a frame is longer than allowed")
    header = read_exactly(stream, header_bytes)
    if len(header) < header_bytes:
        return None
    fields = _parse(header)
    if not isinstance(fields, dict):
        raise WireError("a frame's header is not a JSON object")
    return fields, payload_bytes


def read_exactly(stream: IO[bytes], count: int) -> bytes:
    """The next `count` bytes, fewer only at the end of the stream.

    An unbuffered stream returns what it has, so it is read piece by piece.
    """
    pieces = []
    while count and (piece := stream.read(count)):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
