import json
import os
import struct

SIZE = 120 * 2**20


def evaluate(*args, **kwargs):
    text = json.dumps({"observation": {"__array__": ["uint8", [SIZE], 0]}, "notes": []}).encode()
    message = struct.pack(">I", len(text)) + text
    os.write(3, struct.pack(">Q", len(message) + SIZE) + message)
    zeros = bytes(2**20)
    for _ in range(SIZE // len(zeros)):
        left = zeros
        while left:
            left = left[os.write(3, left) :]
    os._exit(0)
