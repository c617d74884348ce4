"""load_cifar10_data reads both layouts, and load_whole gives all of a data set."""

import hashlib
import os
import pickle
import shutil
import tarfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from data import cifar10, folders
from data.cifar10 import BATCH_FILES, BATCHES, CLASSES
from data.load_data import load_cifar10_data, load_whole, source_of
from data.torchvision_cpu import import_torchvision
from grader.assignment import KIT
from grader.staff.tests.data.conftest import Paint, plain

REAL = Path(os.environ.get("DATA_DIR") or KIT.parent / "shared" / "data")


@pytest.fixture
def tree(tmp_path: Path, paint: Paint) -> Path:
    """A data folder with a small CIFAR-10 as image files.

    The grey level of each image tells its class and part: 10 times the label, plus 5 if it is a
    test image.
    """
    images = {
        f"{part}/{kind}/{number:04}.png": plain(10 * label + 5 * (part == "test"), 32)
        for part, n in (("train", 4), ("test", 2))
        for label, kind in enumerate(CLASSES)
        for number in range(n)
    }
    paint(tmp_path / "some data" / "cifar10", images)
    return tmp_path / "some data"


@pytest.fixture
def batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a small CIFAR-10 as torchvision keeps it: ten images a file."""
    folder = tmp_path / "site" / BATCHES
    folder.mkdir(parents=True)
    for file in BATCH_FILES[:-1]:
        grey = np.arange(10) * 10 + 5 * (file == "test_batch")
        rows = np.repeat(grey[:, None], 3072, 1).astype(np.uint8)
        rows[:, :1024] += 1  # the red channel comes first
        (folder / file).write_bytes(pickle.dumps({"data": rows, "labels": list(range(10))}))
    (folder / BATCH_FILES[-1]).write_bytes(pickle.dumps({"label_names": list(CLASSES)}))
    sums = [[file, hashlib.md5((folder / file).read_bytes()).hexdigest()] for file in BATCH_FILES]
    data_set = import_torchvision().datasets.CIFAR10
    monkeypatch.setattr(data_set, "train_list", sums[:5])
    monkeypatch.setattr(data_set, "test_list", sums[5:6])
    monkeypatch.setattr(data_set, "meta", data_set.meta | {"md5": sums[6][1]})
    return folder.parent


@pytest.fixture
def mirror(batches: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A web site on this machine that torchvision downloads its CIFAR-10 from."""
    archive = batches / "cifar-10-python.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(batches / BATCHES, BATCHES)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=batches)) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        data_set = import_torchvision().datasets.CIFAR10
        monkeypatch.setattr(data_set, "url", f"http://127.0.0.1:{server.server_port}/{archive.name}")
        monkeypatch.setattr(data_set, "tgz_md5", hashlib.md5(archive.read_bytes()).hexdigest())
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield archive
        server.shutdown()


def as_folder(tree: Path) -> Path:
    return tree


def as_zip(tree: Path) -> Path:
    shutil.make_archive(str(tree / "cifar10-images"), "zip", tree / "cifar10")
    shutil.rmtree(tree / "cifar10")
    return tree


def as_the_folder_itself(tree: Path) -> Path:
    return (tree / "cifar10").rename(tree / "my pictures")


@pytest.mark.parametrize("arrange", [as_folder, as_zip, as_the_folder_itself])
def test_image_files(tree: Path, arrange: Callable[[Path], Path]) -> None:
    folder = arrange(tree)
    for _ in ("decoded", "kept"):
        train, test, train_targets, test_targets = load_cifar10_data(4, 0.5, data_dir=folder)
        assert train.shape == test.shape == (20, 3, 32, 32) and train.dtype == np.float32
        assert np.allclose(train[:, 0, 0, 0] * 255, 10 * train_targets)
        assert np.allclose(test[:, 2, 31, 31] * 255, 10 * test_targets + 5)
        assert sorted(train_targets) == sorted([*range(10)] * 2) and train_targets.dtype == np.int64


def test_torchvisions_own_files(batches: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train, test, train_targets, test_targets = load_cifar10_data(6, 5 / 6, data_dir=batches)
    assert train.shape == (50, 3, 32, 32) and test.shape == (10, 3, 32, 32)
    assert np.allclose(train[:, 0, 0, 0] * 255, 10 * train_targets + 1), "the channels come first, red before green"
    assert np.allclose(test[:, 1, 9, 9] * 255, 10 * test_targets + 5)
    assert f"of CIFAR10 from {batches / BATCHES}." in capsys.readouterr().out
    assert load_cifar10_data(2, 0.5, data_dir=batches / BATCHES)[0].shape == (10, 3, 32, 32)


def test_a_damaged_file_of_torchvision(batches: Path) -> None:
    path = batches / BATCHES / "data_batch_3"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(
        ValueError, match=f"{BATCHES} is not a complete CIFAR-10 .* Delete the folder and fetch it again"
    ):
        load_cifar10_data(1, data_dir=batches)


def test_a_missing_class_or_a_wrong_size(tree: Path, paint: Paint) -> None:
    shutil.rmtree(tree / "cifar10" / "test" / "ship")
    with pytest.raises(ValueError, match=r"cifar10 holds no images test/ship/\*\.jpg"):
        load_cifar10_data(1, data_dir=tree)
    paint(tree / "cifar10", {"test/ship/0000.png": plain(0, 33)})
    with pytest.raises(ValueError, match=r"0000\.png is 33x33 pixels. It should be 32x32"):
        load_cifar10_data(1, data_dir=tree)


def test_cifar100_is_not_taken_for_cifar10(tree: Path) -> None:
    (tree / "cifar10").rename(tree / "cifar100")
    with pytest.raises(FileNotFoundError, match=r"CIFAR10 is not there: .*python -m data.fetch CIFAR10"):
        load_cifar10_data(1, data_dir=tree)


def test_more_images_than_there_are(tree: Path) -> None:
    with pytest.raises(
        ValueError, match=r"ask for 5 training images of each class, but .*cifar10 has only 4 of class 0"
    ):
        load_cifar10_data(5, 1.0, data_dir=tree)


def test_download(mirror: Path, tmp_path: Path) -> None:
    load_cifar10_data(6, 5 / 6, download=True)
    assert source_of("CIFAR10") == "CIFAR10"
    assert sorted(path.name for path in folders.DOWNLOADS.rglob("*") if path.is_file()) == sorted(BATCH_FILES)
    (folders.DOWNLOADS / BATCHES / "test_batch").unlink()
    assert source_of("CIFAR10") == "scenes", "half a data set is none"
    load_cifar10_data(6, 5 / 6, download=True)
    assert source_of("CIFAR10") == "CIFAR10"


def test_a_failed_download_leaves_nothing(mirror: Path) -> None:
    mirror.write_bytes(mirror.read_bytes()[:-9])
    with pytest.raises(OSError, match=r"CIFAR10 could not be downloaded into .*downloads"):
        load_cifar10_data(download=True)
    assert not list(folders.DOWNLOADS.iterdir())


def test_whole_data_sets_keep_their_order(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train, test, train_targets, test_targets = load_whole("CIFAR10", tree)
    assert train_targets.tolist() == np.repeat(range(10), 4).tolist() and len(test_targets) == 20
    assert train.shape == (40, 3, 32, 32) and np.allclose(test[:, 0, 0, 0] * 255, 10 * test_targets + 5)
    assert "load_whole: 40 training and 20 test images of CIFAR10" in capsys.readouterr().out
    with pytest.raises(ValueError, match="no data set 'DogSet' here"):
        load_whole("DogSet", "offline")


def test_image_files_are_decoded_once(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_whole("CIFAR10", tree)
    monkeypatch.setattr(cifar10, "decode", lambda *_: pytest.fail("decoded again"))
    load_whole("CIFAR10", tree)


@pytest.mark.skipif(not list(REAL.glob("cifar10*.zip")), reason=f"no CIFAR-10 in {REAL}: set DATA_DIR")
def test_real_cifar10() -> None:
    train, test, train_targets, test_targets = load_whole("CIFAR10", REAL)
    assert train.shape == (50_000, 3, 32, 32) and test.shape == (10_000, 3, 32, 32) and train.max() == 1
    assert np.bincount(train_targets).tolist() == [5000] * 10 and np.bincount(test_targets).tolist() == [1000] * 10
