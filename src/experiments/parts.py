"""Keeps what the finished parts of an experiment gave, so that a stopped run can continue."""

import io
import json
import re
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from grader.intake.files import replace_file


class PartStore:
    """Results of parts, one file for each: arrays as they are, and everything else as JSON.

    Args:
        folder: where the files are; it is made when the first part is finished.
        fingerprint: changes with everything that the results depend on. Results with another
            fingerprint count as not there.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder
        self.fingerprint = fingerprint

    def read(self, key: str) -> dict[str, Any] | None:
        """The results of a finished part, or None."""
        try:
            with np.load(self._path(key), allow_pickle=False) as file:
                content = {name: file[name] for name in file.files}
            text: dict[str, Any] = json.loads(str(content.pop("json")))
        except (OSError, ValueError, KeyError, BadZipFile):
            return None
        if text["fingerprint"] != self.fingerprint or text["key"] != key:
            return None
        results: dict[str, Any] = text["results"]
        return results | content

    def write(self, key: str, results: dict[str, Any]) -> None:
        """Keep the results of a part. An interrupted call leaves no file."""
        arrays: dict[str, Any] = {name: value for name, value in results.items() if isinstance(value, np.ndarray)}
        others = {name: value for name, value in results.items() if name not in arrays}
        text = json.dumps({"fingerprint": self.fingerprint, "key": key, "results": others})
        self.folder.mkdir(parents=True, exist_ok=True)
        file = io.BytesIO()
        np.savez(file, json=np.array(text), **arrays)
        replace_file(self._path(key), file.getvalue())

    def _path(self, key: str) -> Path:
        return self.folder / (re.sub(r"[^\w.=-]+", "-", key) + ".npz")
