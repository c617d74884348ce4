"""DogsDataset reads DogSet's own format as it is, and says what is wrong with any other."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data import dogs, folders
from data.decoded import file_for
from data.dogs import DogsDataset
from data.my_dataset import MyDataset
from grader.assignment import KIT

REAL = Path(os.environ.get("DATA_DIR") or KIT.parent / "shared" / "data")
BREEDS = ["samoyed", "collie"]
PARTITIONS = ["train"] * 6 + ["valid"] * 3 + ["test"] * 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a small DogSet. Each image's pixels tell its line in dogs.csv."""
    images = tmp_path / "some data" / "DogSet" / "images"
    images.mkdir(parents=True)
    lines = [",filename,partition,semantic_label,numeric_label"]
    for index, partition in enumerate(PARTITIONS):
        pixels = np.zeros((64, 64, 3), np.uint8)
        pixels[..., 0], pixels[..., 1], pixels[..., 2] = index, 100 + 10 * (index % 2), index**2
        Image.fromarray(pixels).save(images / f"{index:06}.png")
        lines.append(f"{index},{index:06}.png,{partition},{BREEDS[index % 2]},{index % 2}.0")
    (images.parent / "dogs.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path / "some data"


def change(folder: Path, old: str, new: str) -> None:
    table = folder / "DogSet" / "dogs.csv"
    text = table.read_text(encoding="utf-8")
    assert old in text
    table.write_text(text.replace(old, new, 1), encoding="utf-8")


def zipped(folder: Path) -> Path:
    shutil.make_archive(str(folder / "DogSet"), "zip", folder, "DogSet")
    shutil.rmtree(folder / "DogSet")
    return folder


def unchanged(folder: Path) -> Path:
    return folder


def the_folder_itself(folder: Path) -> Path:
    return folder / "DogSet"


def the_zip_itself(folder: Path) -> Path:
    return zipped(folder) / "DogSet.zip"


@pytest.mark.parametrize("arrange", [unchanged, zipped, the_folder_itself, the_zip_itself])
def test_partitions_and_labels_are_those_of_the_table(folder: Path, arrange: Callable[[Path], Path]) -> None:
    place = arrange(folder)
    for _ in ("decoded", "kept"):
        data = DogsDataset(place)
        assert data.breeds == BREEDS
        lines = {part: data.raw[part].features[:, 0, 0, 0].tolist() for part in ("train", "valid", "test")}
        assert lines == {"train": [0, 1, 2, 3, 4, 5], "valid": [6, 7, 8], "test": [9, 10]}
        assert data.test.targets.tolist() == [1, 0] and data.test.targets.dtype == np.int64
        assert data.raw["train"].features.dtype == np.uint8


def test_every_channel_is_normalised_by_the_training_images(folder: Path) -> None:
    data = DogsDataset(folder)
    assert data.train.features.shape == (6, 64, 64, 3) and data.train.features.dtype == np.float32
    assert np.allclose(data.train.features.mean((0, 1, 2), np.float64), 0, atol=1e-5)
    assert np.allclose(data.train.features.std((0, 1, 2), np.float64), 1, atol=1e-5)
    red = np.arange(6)
    assert np.allclose(data.mean, [red.mean(), 105, (red**2).mean()])
    assert np.allclose(data.deviation, [red.std(), 5, (red**2).std()])
    assert np.allclose(data.test.features[1, 5, 5], ([10, 100, 100] - data.mean) / data.deviation)


def test_a_channel_without_variation_gives_zeros(folder: Path) -> None:
    for path in (folder / "DogSet" / "images").iterdir():
        Image.fromarray(np.full((64, 64, 3), 9, np.uint8)).save(path)
    assert (DogsDataset(folder).train.features == 0).all()


def test_examples_of_a_breed(folder: Path) -> None:
    data = DogsDataset(folder)
    assert data.examples_of("collie")[:, 0, 0, 0].tolist() == [1, 3, 5]
    assert data.examples_of("samoyed", "test")[:, 0, 0, 0].tolist() == [10]
    with pytest.raises(ValueError, match=r"no breed 'poodle' here. Ask for one of samoyed, collie"):
        data.examples_of("poodle")
    with pytest.raises(ValueError, match="no partition 'dev'"):
        data.examples_of("collie", "dev")  # type: ignore[arg-type]


def test_a_partition_makes_a_data_set(folder: Path) -> None:
    image, label = MyDataset(*DogsDataset(folder).valid)[1]
    assert image.shape == (64, 64, 3) and label == 1


def test_columns_may_come_in_any_order_and_others_do_not_matter(folder: Path) -> None:
    table = folder / "DogSet" / "dogs.csv"
    rows = [line.split(",") for line in table.read_text(encoding="utf-8").split()]
    reordered = "\r\n".join(",".join([*reversed(row), "x"]) for row in rows)
    table.write_bytes(b"\xef\xbb\xbf" + reordered.encode())  # as spreadsheet programs save it
    assert DogsDataset(folder).test.targets.tolist() == [1, 0]


def test_an_image_may_lie_in_a_folder_of_its_breed(folder: Path) -> None:
    """One of DogSet.zip's images does."""
    images = folder / "DogSet" / "images"
    (images / "samoyed").mkdir()
    (images / "000002.png").rename(images / "samoyed" / "000002.png")
    assert DogsDataset(folder).raw["train"].features[2, 0, 0, 0] == 2


TABLES = {
    "no partition": (",partition,", ",part,", "dogs.csv has no column 'partition'"),
    "no header": (",filename,partition,semantic_label,numeric_label\n", "", "dogs.csv has no column 'filename'"),
    "a cell too many": ("000003.png,train", "000003.png,,train", "Line 5 of .*dogs.csv has more or fewer cells"),
    "a cell too few": ("3,000003.png,train", "000003.png,train", "Line 5 of .*dogs.csv has more or fewer cells"),
    "another partition": ("000003.png,train", "000003.png,dev", "Line 5 of .* partition 'dev'.*one of train"),
    "no number": ("collie,1.0", "collie,one", "Line 3 of .* numeric_label 'one'"),
    "half a number": ("collie,1.0", "collie,1.5", "Line 3 of .* numeric_label '1.5'"),
    "not a number": ("collie,1.0", "collie,nan", "Line 3 of .* numeric_label 'nan'"),
    "two names": ("collie,1.0", "poodle,1.0", "does not give each breed a label of its own"),
    "two labels": ("collie,1.0", "collie,2.0", "does not give each breed a label of its own"),
    "twice": ("000009.png,test", "000001.png,test", "lists .*000001.png twice"),
}


@pytest.mark.parametrize("damage", TABLES)
def test_a_wrong_table_is_told_with_its_line(folder: Path, damage: str) -> None:
    old, new, sentence = TABLES[damage]
    change(folder, old, new)
    with pytest.raises(ValueError, match=sentence) as caught:
        DogsDataset(folder)
    assert str(folder / "DogSet") in str(caught.value)


def test_a_table_of_something_else(folder: Path) -> None:
    table = folder / "DogSet" / "dogs.csv"
    table.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ValueError, match=r"dogs.csv is not a table of comma-separated values"):
        DogsDataset(folder)
    table.write_text(",filename,partition,semantic_label,numeric_label\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no line for a training image"):
        DogsDataset(folder)
    table.unlink()
    with pytest.raises(FileNotFoundError, match=r"DogSet holds no dogs.csv"):
        DogsDataset(folder)


def test_a_missing_image(folder: Path) -> None:
    missing = folder / "DogSet" / "images" / "000004.png"
    missing.unlink()
    with pytest.raises(FileNotFoundError, match=r"is missing, and dogs.csv lists it") as caught:
        DogsDataset(folder)
    assert str(missing) in str(caught.value)


@pytest.mark.parametrize("arrange", [unchanged, zipped])
@pytest.mark.parametrize("damage", ["truncated", "empty", "a web page", "another size"])
def test_a_damaged_image_is_named(folder: Path, damage: str, arrange: Callable[[Path], Path]) -> None:
    path = folder / "DogSet" / "images" / "000004.png"
    content = path.read_bytes()
    if damage == "another size":
        Image.new("RGB", (32, 64)).save(path)
    else:
        path.write_bytes({"truncated": content[:-30], "empty": b"", "a web page": b"<html></html>"}[damage])
    sentence = "is 64x32 pixels. It should be 64x64" if damage == "another size" else "bytes. is not a complete image"
    with pytest.raises(ValueError, match=rf"000004\.png .*{sentence}|000004\.png {sentence}"):
        DogsDataset(arrange(folder))


def test_a_damaged_zip(folder: Path) -> None:
    path = zipped(folder) / "DogSet.zip"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"DogSet\.zip is not a complete zip file"):
        DogsDataset(folder)
    at = content.index(b"000004.png") + 60  # inside the image
    path.write_bytes(content[:at] + bytes(20) + content[at + 20 :])
    with pytest.raises(ValueError, match=r"000004\.png can't be read"):
        DogsDataset(folder)


def test_images_are_decoded_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = DogsDataset(folder)
    monkeypatch.setattr(dogs, "decode", lambda *_: pytest.fail("decoded again"))
    again = DogsDataset(folder)
    assert np.array_equal(first.train.features, again.train.features)
    assert file_for("DogSet", folder / "DogSet").parent.parent == folder


def test_where_dogset_is_looked_for(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"data_dir is .*, but DogSet is not there: .*python -m data.fetch DogSet"
    ):
        DogsDataset(tmp_path / "nowhere")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="DATA_DIR is"):
        DogsDataset()
    monkeypatch.setenv("DATA_DIR", str(folder))
    assert DogsDataset().source == f"DogSet from {folder / 'DogSet'}"
    assert "NOT photographs" in DogsDataset("offline").source
    monkeypatch.delenv("DATA_DIR")
    assert "NOT photographs" in DogsDataset().source
    monkeypatch.setattr(folders, "DOWNLOADS", folder)
    assert "DogSet from" in DogsDataset().source


@pytest.mark.skipif(not (REAL / "DogSet.zip").is_file(), reason=f"no DogSet.zip in {REAL}: set DATA_DIR")
def test_real_dogset(capsys: pytest.CaptureFixture[str]) -> None:
    data = DogsDataset(REAL)
    assert capsys.readouterr().out == (
        f"DogsDataset: 7665 train, 2000 valid, 555 test images of 10 breeds: DogSet from {REAL / 'DogSet.zip'}.\n"
    )
    assert data.breeds[:2] == ["samoyed", "miniature_poodle"] and len(data.examples_of("collie", "test")) == 55
