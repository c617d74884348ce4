import json
import os
import struct


def evaluate(*args, **kwargs):
    observation = {"layers": [""] * 10**6, "loss": [0.0] * 3, "accuracy": [0.0] * 3}
    text = json.dumps({"observation": observation, "notes": ["x" * 10**6]}).encode()
    message = struct.pack(">I", len(text)) + text
    answer = struct.pack(">Q", len(message)) + message
    while answer:
        answer = answer[os.write(3, answer) :]
    os._exit(0)
