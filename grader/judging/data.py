"""The data that accuracy checks train on: MNIST in the folder DATA_DIR, or the offline digits."""

import os
from pathlib import Path

from data.load_data import source_of
from grader.sandbox.client import SandboxError


def data_dir() -> str | None:
    """The folder of real data that the environment names, as an absolute path, or None."""
    value = os.environ.get("DATA_DIR", "")
    return str(Path(value).expanduser().resolve()) if value else None


def require_data(full: bool) -> None:
    """Raise SandboxError if DATA_DIR names a folder without MNIST, or is needed but absent."""
    folder = data_dir()
    if folder is None:
        if full:
            raise SandboxError("--full trains on all of MNIST: set DATA_DIR to the folder that holds it.")
        return
    try:
        source_of("MNIST", folder)
    except FileNotFoundError:
        raise SandboxError(
            f"DATA_DIR is {folder}, and MNIST is not in it.  Download it with  python -m data.fetch MNIST --to {folder}  "
            "or run without DATA_DIR, on the offline digits."
        ) from None
    except ValueError as error:
        raise SandboxError(f"DATA_DIR: {error}") from None


def data_in_words(full: bool) -> str:
    """Which data training uses."""
    if full:
        return "all of MNIST, full budget"
    return "MNIST" if data_dir() else "offline digits"


def data_name() -> str:
    """The key of the thresholds that go with the data in use: "mnist" or "digits"."""
    return "mnist" if data_dir() else "digits"
