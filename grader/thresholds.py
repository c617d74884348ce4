"""Thresholds of checks on trained accuracy: measured, never guessed, and read from one file beside the checks."""

import json
from pathlib import Path


class Thresholds:
    """The thresholds in a JSON file: ``{name: {data: {"threshold": ..., "mean": ..., "deviation": ..., "worst": ..., "runs": ...}}}``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries = json.loads(path.read_text(encoding="utf-8"))

    def __call__(self, name: str, data: str) -> float:
        """The threshold of a quantity on "mnist" or "digits"."""
        return float(self.entries[name][data]["threshold"])
