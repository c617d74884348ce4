"""The data that students get have the right counts and honest sources.

If something is missing or damaged, a sentence says so.
"""

import gzip
import hashlib
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from data import folders, load_data, torchvision_cpu
from data.digits import enlarge, read_digits
from data.load_data import load_fashion_data, load_mnist_data, load_synth_data, source_of
from data.my_dataset import MyDataset
from data.torchvision_cpu import import_torchvision
from grader.assignment import KIT

REAL = Path(os.environ.get("DATA_DIR") or KIT.parent / "shared" / "data")
LOADERS = {"MNIST": load_mnist_data, "FashionMNIST": load_fashion_data}

real_data = pytest.mark.skipif(
    not (REAL / "MNIST" / "raw").is_dir(), reason=f"no real MNIST in {REAL}: set DATA_DIR to a folder that has it"
)


def fresh_python(code: str) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=KIT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def idx(array: np.ndarray) -> bytes:
    """An array of uint8 in MNIST's file format."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


def small_mnist(per_class: int = 4, side: int = 28) -> dict[str, bytes]:
    """MNIST's four files with a few images.

    The first pixels of each image say its label, split and number.
    """
    files = {}
    for split, prefix in enumerate(("train", "t10k")):
        labels = np.tile(np.arange(10), per_class)
        images = np.zeros((len(labels), side, side), np.uint8)
        images[:, 0, 0], images[:, 0, 1], images[:, 0, 2] = labels, split, np.arange(len(labels))
        files[f"{prefix}-images-idx3-ubyte"] = idx(images)
        files[f"{prefix}-labels-idx1-ubyte"] = idx(labels)
    return files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a small MNIST."""
    raw = tmp_path / "some data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in small_mnist().items():
        (raw / name).write_bytes(content)
    return tmp_path / "some data"


def counts(labels: np.ndarray) -> list[int]:
    return [int((labels == label).sum()) for label in range(10)]


def test_digits_cost_neither_torch_nor_torchvision_nor_sklearn() -> None:
    code = "import sys, data.load_data, data.torchvision_cpu; data.load_data.read_digits('train'); print(*sys.modules)"
    loaded = fresh_python(code).split()
    assert not {"torch", "torchvision", "sklearn", "PIL", "rich"} & set(loaded)


def test_reading_mnist_loads_neither_torch_nor_torchvision(folder: Path) -> None:
    code = (
        f"import sys, data.load_data; data.load_data.load_mnist_data(4, data_dir={str(folder)!r}); print(*sys.modules)"
    )
    assert not {"torch", "torchvision"} & set(fresh_python(code).split())


def test_the_parts_of_a_split_have_names(folder: Path) -> None:
    split = load_mnist_data(4, 0.75, data_dir=folder)
    assert len(split.train_features) == len(split.train_targets) == 30
    assert split.test_features is split[1] and split.test_targets is split[3]


def test_torchvision_imports_in_a_fresh_interpreter() -> None:
    code = """if True:
        from data.torchvision_cpu import import_torchvision
        vision = import_torchvision()
        import gc, torch, torchvision.transforms.v2
        gc.collect()
        assert vision is import_torchvision() is torchvision
        print(vision.datasets.MNIST.__name__, hasattr(torch.ops.torchvision, "nms"))"""
    assert fresh_python(code).split() == ["MNIST", "True"]


def test_operators_that_exist_are_left_alone() -> None:
    import_torchvision()  # after which they exist, its own or declared ones
    theirs = str(torch.ops.torchvision.nms.default._schema)
    torchvision_cpu.declare_operators()  # to declare one again would be a RuntimeError
    assert str(torch.ops.torchvision.nms.default._schema) == theirs


def test_a_working_torchvision_is_imported_and_nothing_declared(tmp_path: Path) -> None:
    (tmp_path / "torchvision.py").write_text("datasets = 'theirs'")
    code = f"""if True:
        import sys
        sys.path.insert(0, {str(tmp_path)!r})
        from data import torchvision_cpu
        print(torchvision_cpu.import_torchvision().datasets, len(torchvision_cpu._declared))"""
    assert fresh_python(code).split() == ["theirs", "0"]


FLOATS = ["float16", "float32", "float64", "longdouble", ">f4"]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", ">i8"]


@pytest.mark.parametrize("dtype", FLOATS + INTEGERS)
def test_my_dataset_serves_batches_of_any_dtype(dtype: str) -> None:
    x, y = np.arange(12).reshape(4, 3).astype(dtype), np.arange(4).astype(dtype)
    features, labels = next(iter(DataLoader(MyDataset(x, y), batch_size=4)))
    assert features.float().tolist() == x.tolist() and labels.long().tolist() == y.tolist()
    assert features.is_floating_point() == (np.dtype(dtype).kind == "f")


def test_my_dataset_takes_read_only_and_strided_arrays_without_a_warning() -> None:
    x = np.arange(24.0).reshape(6, 4)
    x.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data_set = MyDataset(x[::-2], np.arange(3))
    assert len(data_set) == 3 and data_set[0][0].tolist() == [20, 21, 22, 23] and data_set[2][1] == 2


def test_my_dataset_keeps_shape_and_dtype_and_may_be_empty() -> None:
    data_set = MyDataset(np.zeros((5, 28, 28, 1)), np.zeros(5, np.int8))
    features, label = data_set[4]
    assert features.shape == (28, 28, 1) and features.dtype == torch.float64
    assert label.shape == () and label.dtype == torch.int8
    assert len(MyDataset(np.zeros((0, 3)), np.zeros(0))) == 0


def test_my_dataset_refuses_what_cannot_be_paired() -> None:
    with pytest.raises(ValueError, match="3 examples in x but 2 labels in y"):
        MyDataset(np.zeros((3, 2)), np.zeros(2))
    with pytest.raises(ValueError, match="y as an array of dtype <U3"):
        MyDataset(np.zeros(2), np.array(["cat", "dog"]))
    with pytest.raises(ValueError, match=r"x as an array of dtype float64 and shape \(\)"):
        MyDataset(np.float64(1), np.zeros(1))


@pytest.mark.parametrize("load", LOADERS.values())
def test_offline_digits_have_mnists_shapes_and_equal_counts(load: Callable[..., load_data.Split]) -> None:
    train_features, test_features, train_targets, test_targets = load(30, 0.7)
    assert train_features.shape == (210, 28, 28) and test_features.shape == (90, 28, 28)
    assert counts(train_targets) == [21] * 10 and counts(test_targets) == [9] * 10
    assert train_features.dtype == test_features.dtype == np.float32
    assert train_targets.dtype == test_targets.dtype == np.int64
    for features in (train_features, test_features):
        assert features.min() == 0 and 0.9 < features.max() <= 1
    assert len(np.unique(train_targets[:50])) == 10, "the classes should be shuffled together"


def test_offline_digits_come_in_any_number_and_no_two_alike() -> None:
    features, _, targets, _ = load_mnist_data(400, 1.0)
    assert counts(targets) == [400] * 10
    assert len(np.unique(features.reshape(4000, -1), axis=0)) == 4000


def test_offline_training_and_test_originals_differ() -> None:
    train, train_labels = read_digits("train")
    test, test_labels = read_digits("test")
    assert len(train) + len(test) == 1797 and min(counts(train_labels)) > 100 and min(counts(test_labels)) > 50
    assert not {image.tobytes() for image in train} & {image.tobytes() for image in test}


def test_offline_originals_are_all_that_scikit_learn_loads() -> None:
    from sklearn.datasets import load_digits

    originals, labels = zip(read_digits("train"), read_digits("test"), strict=True)
    assert np.array_equal(np.concatenate(originals) * 16, load_digits().images)
    assert np.array_equal(np.concatenate(labels), load_digits().target)


def test_enlarging_keeps_places_and_sizes() -> None:
    originals = np.zeros((200, 8, 8), np.float32)
    originals[:, 1, 6] = 1
    features = enlarge(originals, np.random.default_rng(0))
    mass = features.sum((1, 2))
    rows, columns = np.mgrid[:28, :28]
    row, column = (features * rows).sum((1, 2)) / mass, (features * columns).sum((1, 2)) / mass
    assert np.allclose(row, 13.5 - 2.5 * 2.5, atol=3) and np.allclose(column, 13.5 + 2.5 * 2.5, atol=3)
    assert row.std() > 0.5 and column.std() > 0.5, "the versions should differ"
    assert np.allclose(mass, 2.5**2, rtol=0.3), "one pixel should become about 2.5 x 2.5"


@pytest.mark.parametrize("load", [load_mnist_data, load_synth_data])
def test_the_seed_decides_everything(load: Callable[..., tuple[Any, ...]]) -> None:
    for one, same, other in zip(load(20, seed=1), load(20, seed=1), load(20, seed=2), strict=True):
        assert np.array_equal(one, same)
        assert not np.array_equal(one, other)


def test_fraction_may_leave_one_part_empty() -> None:
    train_features, test_features, train_targets, test_targets = load_mnist_data(3, 1.0)
    assert len(train_targets) == 30 and test_features.shape == (0, 28, 28) and test_targets.shape == (0,)
    train_features, test_features, train_targets, test_targets = load_mnist_data(3, 0)
    assert len(test_targets) == 30 and train_features.shape == (0, 28, 28) and train_targets.dtype == np.int64


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"examples_per_class": 0}, "examples_per_class is 0. Ask"),
        ({"examples_per_class": 2.5}, "examples_per_class is 2.5. Ask"),
        ({"fraction": 80}, "fraction is 80. Give"),
        ({"fraction": float("nan")}, "fraction is nan. Give"),
    ],
)
def test_arguments_out_of_range(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        load_mnist_data(**arguments)


def test_the_loaders_say_which_data_they_gave(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load_mnist_data(4, 0.5)
    assert "load_mnist_data: 20 training and 20 test images made offline from scikit-learn's" in capsys.readouterr().out
    load_fashion_data(4, 0.5)
    assert "NOT clothing" in capsys.readouterr().out
    load_mnist_data(4, 0.5, data_dir=folder)
    assert f"20 training and 20 test images of MNIST from {folder}" in capsys.readouterr().out


def test_where_data_come_from(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert source_of("MNIST") == "digits" and source_of("MNIST", folder) == "MNIST"
    monkeypatch.setattr(folders, "DOWNLOADS", folder)
    assert source_of("MNIST") == "MNIST" and source_of("FashionMNIST") == "digits"
    monkeypatch.setenv("DATA_DIR", "")
    assert source_of("MNIST") == "MNIST"
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="DATA_DIR is"):
        source_of("MNIST")
    assert source_of("MNIST", str(folder)) == "MNIST", "data_dir comes before DATA_DIR"
    with pytest.raises(ValueError, match="no data set 'mnist' here"):
        source_of("mnist")


def test_training_images_come_from_the_training_file_and_test_images_from_the_other(folder: Path) -> None:
    train_features, test_features, train_targets, test_targets = load_mnist_data(4, 0.75, data_dir=folder)
    assert counts(train_targets) == [3] * 10 and counts(test_targets) == [1] * 10
    for features, targets, split in ((train_features, train_targets, 0), (test_features, test_targets, 1)):
        pixels = np.rint(features * 255)
        assert (pixels[:, 0, 0] == targets).all() and (pixels[:, 0, 1] == split).all()
        assert len(np.unique(pixels[:, 0, 2])) == len(targets), "an image was drawn twice"
        assert features.dtype == np.float32 and features.max() <= 1


def test_more_images_than_there_are(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"ask for 5 training images of each class, but .*MNIST has only 4 of class 0"):
        load_mnist_data(5, 1.0, data_dir=folder)
    with pytest.raises(ValueError, match="5 test images"):
        load_mnist_data(5, 0.0, data_dir=folder)
    raw = folder / "MNIST" / "raw"
    (raw / "train-images-idx3-ubyte").write_bytes(images(0, 28, 28))
    (raw / "train-labels-idx1-ubyte").write_bytes(images(0))
    with pytest.raises(ValueError, match="has only 0 of class 0"):
        load_mnist_data(5, 1.0, data_dir=folder)


def test_a_named_folder_without_the_data(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        load_fashion_data(data_dir=folder)
    assert f"data_dir is {folder}, but" in str(caught.value) and "holds FashionMNIST/raw" in str(caught.value)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_mnist_data(data_dir=tmp_path / "nowhere")
    missing = folder / "MNIST" / "raw" / "t10k-labels-idx1-ubyte"
    missing.unlink()
    with pytest.raises(FileNotFoundError) as caught:
        load_mnist_data(data_dir=folder)
    assert str(missing) in str(caught.value)


def test_half_a_data_set_in_downloads_is_no_reason_for_other_data(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "DOWNLOADS", folder)
    (folder / "MNIST" / "raw" / "train-images-idx3-ubyte").unlink()
    with pytest.raises(FileNotFoundError, match="data/downloads is"):
        load_mnist_data(1)


def images(*shape: int) -> bytes:
    return idx(np.zeros(shape))


DAMAGE = {
    "empty": ("train-images-idx3-ubyte", b"", "0 bytes. is not a complete idx file of images"),
    "web page": ("train-images-idx3-ubyte", b"<!DOCTYPE html><html>404</html>", "not a complete idx file of images"),
    "truncated": ("train-images-idx3-ubyte", images(40, 28, 28)[:-1], "not a complete idx file of images"),
    "header only": ("t10k-images-idx3-ubyte", images(40, 28, 28)[:16], "not a complete idx file of images"),
    "too long": ("train-images-idx3-ubyte", images(40, 28, 28) + b"!", "not a complete idx file of images"),
    "still packed": ("train-images-idx3-ubyte", gzip.compress(images(40, 28, 28)), "not a complete idx file of images"),
    "other size": ("t10k-images-idx3-ubyte", images(40, 14, 20), "14x20 images instead of 28x28"),
    "labels as images": ("train-images-idx3-ubyte", images(40), "not a complete idx file of images"),
    "images as labels": ("train-labels-idx1-ubyte", images(40, 28, 28), "not a complete idx file of labels"),
    "too few labels": ("train-labels-idx1-ubyte", images(39), "39 labels for 40 images"),
    "unknown label": ("t10k-labels-idx1-ubyte", idx(np.full(40, 10)), "the label 10; labels are 0 to 9"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_files_are_named(folder: Path, damage: str) -> None:
    name, content, sentence = DAMAGE[damage]
    path = folder / "MNIST" / "raw" / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=sentence) as caught:
        load_mnist_data(1, data_dir=folder)
    assert str(path) in str(caught.value) and "Delete the file" in str(caught.value)


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a web site on this machine that torchvision downloads its MNIST from."""
    site = tmp_path / "site"
    site.mkdir()
    resources = []
    for name, content in small_mnist().items():
        packed = gzip.compress(content)
        (site / f"{name}.gz").write_bytes(packed)
        resources.append((f"{name}.gz", hashlib.md5(packed).hexdigest()))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=site)) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        data_set = import_torchvision().datasets.MNIST
        monkeypatch.setattr(data_set, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        monkeypatch.setattr(data_set, "resources", resources)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield site
        server.shutdown()


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_download_once_into_the_downloads_folder(mirror: Path) -> None:
    first = load_mnist_data(4, 0.5, download=True)
    assert files_in(folders.DOWNLOADS) == set(small_mnist()), "nothing but the four files should be left"
    for path in mirror.iterdir():
        path.unlink()
    again = load_mnist_data(4, 0.5, download=True)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert source_of("MNIST") == "MNIST"


def test_download_completes_a_named_folder(mirror: Path, folder: Path) -> None:
    (folder / "MNIST" / "raw" / "t10k-images-idx3-ubyte").unlink()
    load_mnist_data(4, 0.5, data_dir=folder, download=True)
    assert files_in(folder) == set(small_mnist())


@pytest.mark.parametrize("damage", ["no such file", "truncated"])
def test_a_failed_download_says_how_to_go_on_and_leaves_nothing(mirror: Path, damage: str) -> None:
    packed = mirror / "t10k-labels-idx1-ubyte.gz"
    if damage == "truncated":
        packed.write_bytes(packed.read_bytes()[:-5])
    else:
        packed.unlink()
    with pytest.raises(OSError, match=r"MNIST could not be downloaded into .*downloads \(.+\). Try again with"):
        load_mnist_data(download=True)
    assert files_in(folders.DOWNLOADS) == set()
    assert source_of("MNIST") == "digits"


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(import_torchvision().datasets.FashionMNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(OSError, match="FashionMNIST could not be downloaded"):
        load_fashion_data(download=True)


def test_an_interrupted_download_leaves_nothing(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the last file is unpacked: torchvision alone would trust the half it left."""
    vision_mnist = import_torchvision().datasets.mnist
    fetch = vision_mnist.download_and_extract_archive

    def interrupted(url: str, download_root: str, filename: str, md5: str) -> None:
        if "t10k-labels" in url:
            (Path(download_root) / "t10k-labels-idx1-ubyte").write_bytes(b"half")
            raise KeyboardInterrupt
        fetch(url, download_root, filename=filename, md5=md5)

    monkeypatch.setattr(vision_mnist, "download_and_extract_archive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_mnist_data(download=True)
    assert files_in(folders.DOWNLOADS) == set()
    monkeypatch.setattr(vision_mnist, "download_and_extract_archive", fetch)
    load_mnist_data(4, 0.5, download=True)


@real_data
@pytest.mark.parametrize("name", LOADERS)
def test_real_data(name: str) -> None:
    if not (REAL / name / "raw").is_dir():
        pytest.skip(f"no {name} in {REAL}")
    few, _, few_targets, _ = LOADERS[name](50, 0.8, data_dir=REAL)
    many, rest, many_targets, rest_targets = LOADERS[name](100, 0.8, data_dir=REAL)
    assert counts(few_targets) == [40] * 10 and counts(many_targets) == [80] * 10 and counts(rest_targets) == [20] * 10
    assert many.shape == (800, 28, 28) and many.dtype == np.float32 and many.min() == 0 and many.max() == 1
    known = {image.tobytes() for image in many}
    assert {image.tobytes() for image in few} <= known, "more examples should contain those of fewer"
    assert not {image.tobytes() for image in rest} & known


@real_data
def test_real_mnist_has_only_so_many_of_each_digit() -> None:
    with pytest.raises(ValueError, match="has only 5421 of class 5"):
        load_mnist_data(5422, 1.0, data_dir=REAL)


def test_synth_shapes_and_counts() -> None:
    features, labels = load_synth_data(50)
    assert features.shape == (100, 28, 28, 1) and features.dtype == np.float32
    assert labels.shape == (100,) and labels.dtype == np.int64 and np.bincount(labels).tolist() == [50, 50]
    assert features.min() >= 0 and 200 < features.max() <= 255
    assert 0 < labels[:50].sum() < 50, "the classes should be shuffled together"
    with pytest.raises(ValueError, match="examples_per_class is 0"):
        load_synth_data(0)


def test_synth_classes_differ_in_the_orientation_of_edges() -> None:
    features, labels = load_synth_data(1000)
    across = np.square(np.diff(features[..., 0], axis=2)).sum((1, 2))
    down = np.square(np.diff(features[..., 0], axis=1)).sum((1, 2))
    assert np.array_equal(labels == 0, across > down)


def test_synth_classes_differ_in_nothing_else() -> None:
    from sklearn.linear_model import LogisticRegression

    features, labels = load_synth_data(2000, seed=3)
    means = features.mean((1, 2, 3))
    spread = means.std() / np.sqrt(1000)
    assert abs(means[labels == 0].mean() - means[labels == 1].mean()) < 4 * spread
    flat = features.reshape(4000, -1) / 255
    linear = LogisticRegression(C=1e-3, max_iter=50).fit(flat[:2000], labels[:2000])
    assert linear.score(flat[2000:], labels[2000:]) < 0.55


def test_a_small_network_learns_synth() -> None:
    features, labels = load_synth_data(250)
    x, y = torch.from_numpy(features).permute(0, 3, 1, 2) / 255, torch.from_numpy(labels)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = [torch.nn.Conv2d(1, 4, 5), torch.nn.ReLU(), torch.nn.AdaptiveMaxPool2d(1), torch.nn.Flatten()]
        model = torch.nn.Sequential(*layers, torch.nn.Linear(4, 2))
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(50):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x[:400]), y[:400]).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert (model(x[400:]).argmax(1) == y[400:]).float().mean() > 0.9
