import json
import os
import struct

LINES = [
    ("../staff/reference/src/run_model.py", 60, "train_epoch"),
    ("src/../../reference/src/run_model.py", 61, "train_epoch"),
    ("/etc/passwd", 1, "root"),
    ("src/run_model.py", 10**9, "evaluate"),
    ("src/run_model.py", -5, "evaluate"),
]
ERROR = {
    "type": "NotImplementedError",
    "message": "look",
    "importing": "",
    "frames": [{"file": file, "line": line, "function": name, "text": ""} for file, line, name in LINES],
    "syntax": None,
    "ours": False,
}


def evaluate(*args, **kwargs):
    text = json.dumps({"error": ERROR, "notes": []}).encode()
    message = struct.pack(">I", len(text)) + text
    os.write(3, struct.pack(">Q", len(message)) + message)
    os._exit(0)
