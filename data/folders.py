"""Decide which folder the data come from. All loaders ask here.

The folder is the first of these that applies:

1. `data_dir`, the loader's argument. "offline" asks for the stand-in at once: data that need no
   network, with the same shapes;
2. the folder that the environment variable DATA_DIR names;
3. data/downloads. If the data are not there, the loader gives the stand-in.

If 1 or 2 names a folder that lacks the data, that is an error: the loaders never give other data
than those that you name.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

OFFLINE = "offline"
DOWNLOADS = Path(__file__).resolve().parent / "downloads"


class Place(NamedTuple):
    """A folder, and who named it: "data_dir", "DATA_DIR" or nobody ("data/downloads")."""

    folder: Path
    source: str

    @property
    def named(self) -> bool:
        return self.source != "data/downloads"


def place_of(data_dir: str | Path | None) -> Place | None:
    """Tell which folder a loader looks in.

    Args:
        data_dir: the loader's argument.

    Returns:
        The folder, or None for the stand-in.
    """
    if data_dir == OFFLINE:
        return None
    if data_dir:
        return Place(Path(data_dir).expanduser(), "data_dir")
    if named := os.environ.get("DATA_DIR"):
        return Place(Path(named).expanduser(), "DATA_DIR")
    return Place(DOWNLOADS, "data/downloads")


def find(
    name: str,
    layout: str,
    locate: Callable[[Path], Path | None],
    data_dir: str | Path | None,
    download: Callable[[Path], None] | None = None,
) -> Path | None:
    """Find a data set.

    Args:
        name: its name, as `python -m data.fetch` knows it.
        layout: what the folder should hold.
        locate: finds the data set in a folder; returns None if it is not there.
        data_dir: the loader's argument.
        download: fetches the data set into the folder if it is not there; None to fetch nothing.

    Returns:
        What `locate` found, or None for the stand-in.

    Raises:
        FileNotFoundError: if a named folder lacks the data set.
    """
    place = place_of(data_dir)
    if place is None:
        return None
    found = locate(place.folder)
    if found is None and download:
        download(place.folder)
        found = locate(place.folder)
    if found is None and place.named:
        raise FileNotFoundError(
            f"{place.source} is {place.folder}, but {name} is not there: it should hold {layout}. Give the folder that "
            f'does, get the data with  python -m data.fetch {name} --to DIR  or pass data_dir="offline" to work with the '
            "stand-in, which needs no files."
        )
    return found
