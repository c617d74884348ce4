"""load_cats_dogs_data finds cats and dogs in any arrangement, and its parts never overlap."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from data.cats_dogs import load_cats_dogs_data
from data.split import Array
from data.three_parts import ThreeParts, counts
from grader.staff.tests.data.conftest import Paint, plain

# The grey level of an image is its number, and dogs have levels from 100 up.
CATS, DOGS = range(50, 70), range(150, 170)


def pictures(cats: str, dogs: str, n: int = 20, side: int = 64) -> dict[str, Array]:
    """n cats and n dogs. The folders are named with {} for the number."""
    return {cats.format(i): plain(50 + i, side) for i in range(n)} | {
        dogs.format(i): plain(150 + i, side) for i in range(n)
    }


def levels(features: Array) -> list[int]:
    return sorted(np.rint(features[:, 0, 0, 0] * 255).astype(int).tolist())


def check(loaded: ThreeParts) -> list[list[int]]:
    """The grey levels in each part, after checks that hold for all data."""
    parts = list(zip(loaded[:3], loaded[3:], strict=True))
    for features, targets in parts:
        assert features.dtype == np.float32 and features.shape[1:] == (3, 64, 64)
        assert targets.dtype == np.int64 and len(targets) == len(features)
        assert ((np.rint(features[:, 0, 0, 0] * 255) >= 100) == targets).all()
    found = [levels(features) for features, _ in parts]
    assert len(set().union(*found)) == sum(map(len, found)), "parts overlap, or an image is repeated"
    return found


@pytest.mark.parametrize(
    ("cats", "dogs"),
    [
        ("cat/{}.png", "dog/{}.png"),
        ("Cats/{}.png", "DOGS/{}.png"),
        ("PetImages/Cat/{}.png", "PetImages/Dog/{}.png"),
        ("cat/tabby/{}.png", "dog/collie/{}.png"),
    ],
)
def test_without_parts_the_seed_splits_them(tmp_path: Path, paint: Paint, cats: str, dogs: str) -> None:
    folder = paint(tmp_path / "cats-and-dogs", pictures(cats, dogs))
    loaded = load_cats_dogs_data(data_dir=tmp_path)
    train, valid, test = check(loaded)
    assert [len(train), len(valid), len(test)] == [32, 4, 4]
    assert [targets.sum() for targets in loaded[3:]] == [16, 2, 2], "cats and dogs are split alike"
    assert sorted(train + valid + test) == [*CATS, *DOGS]
    assert all(
        np.array_equal(one, two) for one, two in zip(loaded, load_cats_dogs_data(data_dir=tmp_path), strict=True)
    )
    assert check(load_cats_dogs_data(data_dir=tmp_path, seed=1))[2] != test
    shutil.make_archive(str(folder), "zip", folder)
    shutil.rmtree(folder)
    assert check(load_cats_dogs_data(data_dir=tmp_path)) == [train, valid, test], "a zip is read like a folder"


def test_the_folder_and_the_zip_itself(tmp_path: Path, paint: Paint) -> None:
    folder = paint(tmp_path / "animals", pictures("train/cats/{}.png", "train/dogs/{}.png"))
    parts = check(load_cats_dogs_data(data_dir=folder))
    shutil.make_archive(str(folder), "zip", folder)
    assert check(load_cats_dogs_data(data_dir=tmp_path / "animals.zip")) == parts


def test_parts_that_have_folders_keep_their_images(tmp_path: Path, paint: Paint) -> None:
    images = {
        f"{part}/{kind}/{i}.png": plain((100 if kind == "dogs" else 0) + start + i, 64)
        for part, start, n in (("Training", 0, 6), ("val", 20, 3), ("TEST", 40, 2))
        for kind in ("cats", "dogs")
        for i in range(n)
    }
    paint(tmp_path / "dogs_vs_cats", images)
    train, valid, test = check(load_cats_dogs_data(data_dir=tmp_path))
    assert (
        train == [*range(6), *range(100, 106)] and valid == [20, 21, 22, 120, 121, 122] and test == [40, 41, 140, 141]
    )


def test_a_missing_part_is_split_off_the_training_images(tmp_path: Path, paint: Paint) -> None:
    paint(tmp_path / "catdog", pictures("train/cat/{}.png", "train/dog/{}.png", 18))
    paint(tmp_path / "catdog", {"test/cat/0.png": plain(1, 64), "test/dog/0.png": plain(101, 64)})
    train, valid, test = check(load_cats_dogs_data(data_dir=tmp_path))
    assert test == [1, 101] and len(train) == 32 and len(valid) == 4


def test_drawing_some(tmp_path: Path, paint: Paint) -> None:
    paint(tmp_path / "catdog", pictures("cat/{}.png", "dog/{}.png"))
    few, many = (check(load_cats_dogs_data(n, (0.5, 0.25, 0.25), tmp_path)) for n in (4, 8))
    assert [len(part) for part in few] == [4, 2, 2] and [len(part) for part in many] == [8, 4, 4]
    assert all(set(small) <= set(large) for small, large in zip(few, many, strict=True))
    assert [len(part) for part in check(load_cats_dogs_data(20, (1, 0, 0), tmp_path))] == [40, 0, 0]
    with pytest.raises(ValueError, match="ask for 21 training images of each class, but there are only 20 of class 0"):
        load_cats_dogs_data(21, (1, 0, 0), tmp_path)


def test_repeats_are_left_out_and_told(tmp_path: Path, paint: Paint, capsys: pytest.CaptureFixture[str]) -> None:
    images = pictures("train/cat/{}.png", "train/dog/{}.png")
    paint(tmp_path / "catdog", images | {"test/cat/a.png": plain(50, 64), "test/dog/a.png": plain(99 + 1, 64)})
    train, _, test = check(load_cats_dogs_data(data_dir=tmp_path))
    assert test == [50, 100] and 50 not in train
    assert "catdog; images left out because they are there twice: 1." in capsys.readouterr().out


def test_images_of_any_size_and_kind(tmp_path: Path, paint: Paint) -> None:
    from PIL import Image

    paint(tmp_path / "catdog", {"cat/a.png": plain(60, 200)[:, :90], "dog/b.jpeg": plain(160, 20)})
    Image.new("L", (70, 70), 61).save(tmp_path / "catdog" / "cat" / "grey.png")
    Image.new("RGBA", (70, 70), (162, 0, 0, 9)).save(tmp_path / "catdog" / "dog" / "clear.PNG")
    (tmp_path / "catdog" / "cat" / "Thumbs.db").write_bytes(b"no image")
    (tmp_path / "catdog" / "cat" / "._a.png").write_bytes(b"what macOS leaves")
    assert check(load_cats_dogs_data(data_dir=tmp_path, fractions=(1, 0, 0)))[0] == [60, 61, 160, 162]


def test_damage_and_absence(tmp_path: Path, paint: Paint) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"cats-dogs is not there: it should hold folders cat and dog, .*offline"
    ):
        load_cats_dogs_data(data_dir=tmp_path)
    paint(tmp_path / "catdog", {"cat/a.png": plain(60, 64)})
    with pytest.raises(ValueError, match="catdog should hold a folder cat or cats and a folder dog or dogs"):
        load_cats_dogs_data(data_dir=tmp_path)
    paint(tmp_path / "catdog", {"dog/b.png": plain(60, 64)})
    (tmp_path / "catdog" / "dog" / "b.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"b\.png \(0 bytes\) is not a complete image"):
        load_cats_dogs_data(data_dir=tmp_path)


@pytest.mark.parametrize("fractions", [(0.5, 0.5), (0.9, 0.2, 0.1), (1.2, -0.1, -0.1), (float("nan"), 0, 1)])
def test_fractions_out_of_range(fractions: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="Give three shares"):
        load_cats_dogs_data(2, fractions, "offline")


def test_numbers_out_of_range() -> None:
    with pytest.raises(ValueError, match=r"examples_per_class is 0\. Ask"):
        load_cats_dogs_data(0, data_dir="offline")


def test_counts_add_up() -> None:
    assert counts(10, (0.8, 0.1, 0.1)) == [8, 1, 1] and counts(7, (1, 1, 1)) == [2, 3, 2]
    assert all(sum(counts(n, (0.55, 0.25, 0.2))) == n for n in range(50))


def test_cats_and_dogs_of_cifar10(tmp_path: Path, paint: Paint, capsys: pytest.CaptureFixture[str]) -> None:
    from data.cifar10 import CLASSES

    images = {
        f"{part}/{kind}/{i}.png": plain(100 * (kind == "dog") + 30 * (part == "test") + i, 32)
        for part, n in (("train", 9), ("test", 2))
        for kind in CLASSES
        for i in range(n)
    }
    paint(tmp_path / "cifar-10", images)
    train, valid, test = check(load_cats_dogs_data(data_dir=tmp_path))
    assert test == [30, 31, 130, 131] and len(train) == 16 and len(valid) == 2
    assert "CIFAR-10's cats and dogs, enlarged from 32x32 pixels" in capsys.readouterr().out
