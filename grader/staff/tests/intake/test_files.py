"""A file is written whole or not at all, and never into another file."""

import os
import stat
from pathlib import Path

import pytest

from grader.intake.files import WriteError, replace_file


def fail(*arguments, **options):
    raise OSError(28, "No space left on device")


def half(path, content):
    with path.open("wb") as stream:
        stream.write(content[:2])
    fail()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_made_and_replaced_with_its_mode_and_nothing_beside_it(tmp_path):
    path = tmp_path / "a.txt"
    replace_file(path, b"one")
    path.chmod(0o600)
    replace_file(path, b"two")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"two", 0o600)
    assert names(tmp_path) == ["a.txt"]


def test_a_new_file_has_the_mode_that_every_new_file_has(tmp_path):
    (tmp_path / "usual").touch()
    replace_file(tmp_path / "a.txt", b"one")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("target", ["precious", "nowhere"])
def test_a_link_is_replaced_and_not_followed(tmp_path, target):
    (tmp_path / "precious").write_text("precious", encoding="utf-8")
    path = tmp_path / "a.txt"
    path.symlink_to(target)
    replace_file(path, b"one")
    assert path.read_bytes() == b"one"
    assert not path.is_symlink()
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "precious"
    assert names(tmp_path) == ["a.txt", "precious"]


@pytest.mark.parametrize(
    "place", [(Path, "touch", fail), (Path, "write_bytes", half), (os, "chmod", fail), (os, "replace", fail)]
)
def test_if_writing_fails_the_old_file_stays_and_nothing_beside_it(tmp_path, monkeypatch, place):
    path = tmp_path / "a.txt"
    replace_file(path, b"old")
    monkeypatch.setattr(*place)
    with pytest.raises(WriteError) as caught:
        replace_file(path, b"new content")
    assert str(caught.value) == f"{path} can't be written: No space left on device."
    assert (path.read_bytes(), names(tmp_path)) == (b"old", ["a.txt"])


def test_an_interrupt_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    path = tmp_path / "a.txt"
    replace_file(path, b"old")
    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_file(path, b"new")
    assert (path.read_bytes(), names(tmp_path)) == (b"old", ["a.txt"])
