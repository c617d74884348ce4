"""What the tests of the data share."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from PIL import Image

from data import folders
from data.split import Array


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder for all tests, so that the stand-ins are drawn once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared_cache: Path) -> None:
    """Hide the machine's environment, caches and data/downloads from the tests."""
    monkeypatch.delenv("DATA_DIR", raising=False)
    monkeypatch.setattr(folders, "DOWNLOADS", tmp_path / "downloads")
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared_cache))


class Paint(Protocol):
    """Write images: pixels by the files' names in a folder. Returns the folder."""

    def __call__(self, folder: Path, images: Mapping[str, Array]) -> Path: ...


@pytest.fixture
def paint() -> Paint:
    def write(folder: Path, images: Mapping[str, Array]) -> Path:
        for name, pixels in images.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / name)
        return folder

    return write


def plain(value: int, side: int) -> Array:
    """An image of one grey level."""
    return np.full((side, side, 3), value, np.uint8)
