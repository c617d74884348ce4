"""Decoded images are kept once, made again when they should be, and never stop a loader."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from data.cats_dogs import load_cats_dogs_data
from data.decoded import FOLDER, file_for, kept, user_cache
from data.split import Array
from grader.assignment import KIT
from grader.staff.tests.conftest import run
from grader.staff.tests.data.conftest import Paint, plain


class Maker:
    """Makes an array, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, Array]:
        self.times += 1
        return {"numbers": np.arange(5) * self.times}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with two files."""
    folder = tmp_path / "some data" / "images"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "one.png").write_bytes(b"1")
    (folder / "two.png").write_bytes(b"22")
    return folder


def numbers(source: Path, make: Maker) -> list[int]:
    found: list[int] = kept("test", source, ["numbers"], make)["numbers"].tolist()
    return found


def test_arrays_are_made_once_and_lie_next_to_the_data(source: Path) -> None:
    make = Maker()
    assert numbers(source, make) == numbers(source, make) == [0, 1, 2, 3, 4] and make.times == 1
    assert [path.name for path in (source.parent / FOLDER).iterdir()] == ["images-test.npz"]


def test_they_are_made_again_when_a_file_changes(source: Path) -> None:
    make = Maker()
    numbers(source, make)
    (source / "two.png").write_bytes(b"333")
    numbers(source, make)
    os.utime(source / "a" / "one.png", ns=(0, 0))
    numbers(source, make)
    (source / "a" / "one.png").rename(source / "one.png")
    numbers(source, make)
    assert make.times == 4
    (source / ".DS_Store").write_bytes(b"macOS")
    assert numbers(source, make) == [0, 4, 8, 12, 16] and make.times == 4


@pytest.mark.parametrize("damage", ["empty", "half", "flipped", "text", "another array", "a folder"])
def test_a_damaged_file_is_made_again(source: Path, damage: str) -> None:
    make, path = Maker(), file_for("test", source)
    numbers(source, make)
    content = path.read_bytes()
    if damage == "another array":
        kept("test", source, ["letters"], lambda: {"letters": np.array(["a"])})
    elif damage == "a folder":
        path.unlink()
        path.mkdir()
    else:
        middle = content.index(b"numbers.npy") + 150
        flipped = content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]
        path.write_bytes({"empty": b"", "half": content[:99], "flipped": flipped, "text": b"no"}.get(damage, b""))
    assert numbers(source, make) == [0, 2, 4, 6, 8] and make.times == 2
    assert numbers(source, make) and make.times == (3 if damage == "a folder" else 2)
    assert not list(path.parent.glob("unfinished-*"))


def test_a_read_only_place_is_left_alone(source: Path) -> None:
    make = Maker()
    source.parent.chmod(0o555)
    try:
        numbers(source, make), numbers(source, make)
        assert make.times == 1 and not (source.parent / FOLDER).exists()
        assert file_for("test", source).parent == user_cache() / FOLDER
    finally:
        source.parent.chmod(0o755)


def test_no_place_to_keep_them_is_no_error(
    source: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, paint: Paint
) -> None:
    (tmp_path / "a file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a file"))
    source.parent.chmod(0o555)
    try:
        make = Maker()
        assert numbers(source, make) == [0, 1, 2, 3, 4] and numbers(source, make) == [0, 2, 4, 6, 8]
    finally:
        source.parent.chmod(0o755)


def test_others_may_read_what_is_kept(source: Path) -> None:
    numbers(source, Maker())
    assert sys.platform == "win32" or file_for("test", source).stat().st_mode & 0o444 == 0o444


def test_processes_may_start_together(tmp_path: Path, paint: Paint) -> None:
    paint(tmp_path / "catdog", {f"{kind}/{i}.png": plain(9 * i, 64) for kind in ("cat", "dog") for i in range(20)})
    code = f"""if True:
        from data.cats_dogs import load_cats_dogs_data
        print(len(load_cats_dogs_data(data_dir={str(tmp_path)!r}).train_targets))"""
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: run("-c", code, cwd=KIT), range(3)))
    assert len({result.stdout for result in results}) == 1 and not any(result.returncode for result in results)
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["catdog-cats-dogs.npz"]


def test_decoding_for_long_says_so_once_and_not_on_stdout(
    tmp_path: Path, paint: Paint, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("data.image_files.SLOW", 3)
    paint(tmp_path / "catdog", {f"{kind}/{i}.png": plain(i, 64) for kind in ("cat", "dog") for i in range(2)})
    load_cats_dogs_data(data_dir=tmp_path, fractions=(1, 0, 0))
    said = capsys.readouterr()
    assert said.err == "Decoding 4 images of catdog, which happens once\n" and len(said.out.splitlines()) == 1
    load_cats_dogs_data(data_dir=tmp_path, fractions=(1, 0, 0))
    assert capsys.readouterr().err == ""
