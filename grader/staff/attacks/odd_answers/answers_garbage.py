import os
import random
import struct

NONSENSE = [
    b"",
    b"\xff" * 100,
    struct.pack(">Q", 2**63) + b"x",
    struct.pack(">Q", 4) + b"\xff\xff\xff\xff",
    struct.pack(">Q", 8) + b"\0\0\0\4null",
    struct.pack(">Q", 6) + b"\0\0\0\2[]",
]
TEXTS = [
    b'{"observation": {"__array__": ["float64", [1000000000, 1000000000], 0]}, "notes": []}',
    b'{"observation": {"__array__": ["object", [1], 0]}, "notes": []}',
    b'{"observation": {"loss": {"__array__": ["float32", [0, 99999999999], 0]}}, "notes": []}',
    b'{"observation": ' + b"[" * 100_000 + b"]" * 100_000 + b', "notes": []}',
    b'{"observation": 1e999, "notes": {"a": 1}}',
    b'{"observation": {"loss": NaN, "loss": 1}, "notes": []}',
    b'{"error": {"type": [], "message": {}, "importing": 5, "frames": [[]], "syntax": [1], "ours": "yes"}, "notes": [[[]]]}',
    b'{"error": null, "notes": "all"}',
    b'{"observation": {"loss": 1' + b"0" * 5000 + b'}, "notes": []}',
    '{"observation": {"loss": "\\ud800"}, "notes": ["\\udfff\\u0000\\u202e"]}'.encode(),
]
NONSENSE += [struct.pack(">QI", len(text) + 4, len(text)) + text for text in TEXTS]


def evaluate(*args, **kwargs):
    os.write(3, random.SystemRandom().choice(NONSENSE))
    os._exit(0)
