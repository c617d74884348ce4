"""The stand-ins have the shapes of the real data, say what they are, and can be learnt."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from data.cats_dogs import load_cats_dogs_data
from data.digits import FEWEST, read_digits
from data.dogs import DogsDataset
from data.drawn_dogs import PER_BREED, drawn_dogs
from data.load_data import load_cifar10_data, load_fashion_data, load_mnist_data, load_whole, source_of
from data.split import PARTS, Array
from grader.assignment import KIT
from grader.staff.tests.conftest import run

LOADERS: list[Callable[..., Any]] = [
    load_mnist_data,
    load_fashion_data,
    load_cifar10_data,
    load_cats_dogs_data,
    DogsDataset,
]


@pytest.mark.parametrize("load", LOADERS)
def test_offline_asks_for_the_stand_in_whatever_data_dir_says(
    load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="DATA_DIR is"):
        load()
    load(data_dir="offline")
    said = capsys.readouterr().out
    assert "offline" in said and ("digits" in said or "NOT photographs" in said) and len(said.splitlines()) == 1


def test_the_sources_have_names() -> None:
    assert [source_of(name, "offline") for name in ("MNIST", "FashionMNIST", "CIFAR10")] == [
        "digits",
        "digits",
        "scenes",
    ]


def test_the_loader_says_when_digits_repeat(capsys: pytest.CaptureFixture[str]) -> None:
    for part in PARTS:
        assert FEWEST[part] == np.bincount(read_digits(part)[1]).min()
    load_mnist_data(FEWEST["test"], 0, data_dir="offline")
    load_mnist_data(FEWEST["train"], 1, data_dir="offline")
    assert "several" not in capsys.readouterr().out
    load_mnist_data(FEWEST["test"] + 1, 0, data_dir="offline")
    assert "several versions of some digits" in capsys.readouterr().out
    load_fashion_data(FEWEST["train"] + 1, 1, data_dir="offline")
    assert "several versions of some digits" in capsys.readouterr().out


def test_whole_digits_are_each_original_once() -> None:
    train, test, train_targets, test_targets = load_whole("MNIST", "offline")
    assert train.shape == (1198, 28, 28) and test.shape == (599, 28, 28) and train.dtype == np.float32
    assert np.array_equal(train_targets, read_digits("train")[1]) and np.array_equal(
        test_targets, read_digits("test")[1]
    )


def test_scenes_have_cifars_shapes() -> None:
    train, test, train_targets, test_targets = load_cifar10_data(5, 0.6, data_dir="offline")
    assert train.shape == (30, 3, 32, 32) and test.shape == (20, 3, 32, 32) and train.dtype == np.float32
    assert np.bincount(train_targets).tolist() == [3] * 10 and np.bincount(test_targets).tolist() == [2] * 10
    assert train_targets.dtype == np.int64 and train.min() >= 0 and 0.5 < train.max() <= 1
    assert len(np.unique(np.concatenate([train, test]).reshape(50, -1), axis=0)) == 50, "no two are alike"
    again, other = load_cifar10_data(5, 0.6, data_dir="offline"), load_cifar10_data(5, 0.6, data_dir="offline", seed=1)
    assert np.array_equal(train, again[0]) and not np.array_equal(train, other[0])


def test_drawn_cats_and_dogs_have_three_parts() -> None:
    loaded = load_cats_dogs_data(20, data_dir="offline")
    assert [features.shape for features in loaded[:3]] == [(32, 3, 64, 64), (4, 3, 64, 64), (4, 3, 64, 64)]
    assert [np.bincount(targets).tolist() for targets in loaded[3:]] == [[16, 16], [2, 2], [2, 2]]
    assert len(np.unique(np.concatenate(loaded[:3]).reshape(40, -1), axis=0)) == 40


def test_drawn_dogs_have_dogsets_format() -> None:
    folder = drawn_dogs()
    header, first, *_ = (folder / "dogs.csv").read_text(encoding="utf-8").splitlines()
    assert header == ",filename,partition,semantic_label,numeric_label" and first.startswith("0,000001.png,")
    data = DogsDataset("offline")
    for part, n in PER_BREED.items():
        assert data.raw[part].features.shape == (10 * n, 64, 64, 3)  # type: ignore[index]
        assert np.bincount(data.raw[part].targets).tolist() == [n] * 10  # type: ignore[index]
    every = np.concatenate([examples.features for examples in data.raw.values()])
    assert len(np.unique(every.reshape(len(every), -1), axis=0)) == len(every), "partitions overlap"
    assert data.breeds[0] == "samoyed" and data.breeds[9] == "saint_bernard", "as in DogSet"


def test_drawn_dogs_are_made_once_and_again_if_some_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = drawn_dogs()
    before = DogsDataset("offline").raw["train"].features
    table = folder / "dogs.csv"
    made = table.stat().st_mtime_ns
    assert drawn_dogs() == folder and table.stat().st_mtime_ns == made
    (folder / "images" / "000007.png").unlink()
    assert np.array_equal(DogsDataset("offline").raw["train"].features, before)
    assert table.stat().st_mtime_ns != made and not list(folder.parent.glob("unfinished-*"))


@pytest.mark.slow
def test_drawn_dogs_are_made_by_two_processes_at_once(tmp_path: Path) -> None:
    code = "from data.dogs import DogsDataset; print(DogsDataset('offline').mean)"
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: run("-c", code, cwd=KIT, XDG_CACHE_HOME=str(tmp_path)), range(2))
    assert one.stdout == two.stdout != "" and not one.stderr + two.stderr


def test_a_home_that_is_read_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert drawn_dogs().is_relative_to(tmp_path) and len(DogsDataset("offline").test.targets) == 100


def accuracy(model: nn.Module, train: tuple[Array, Array], test: tuple[Array, Array], n_epochs: int) -> float:
    x, y, x_test, y_test = map(torch.from_numpy, (*train, *test))
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    for _ in range(n_epochs):
        for batch in torch.randperm(len(x)).split(25):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return (model(x_test).argmax(1) == y_test).float().mean().item()


def small_network(side: int) -> nn.Module:
    layers = [nn.Conv2d(3, 12, 5, stride=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 24, 3), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(24 * ((side - 4) // 4 - 2 + side % 2) ** 2, 10))


@pytest.mark.slow
def test_stand_ins_can_be_learnt_and_are_not_trivial() -> None:
    torch.manual_seed(0)
    scenes = load_cifar10_data(100, 0.8, data_dir="offline")
    assert 0.25 < accuracy(small_network(32), (scenes[0], scenes[2]), (scenes[1], scenes[3]), 6) < 0.95
    dogs = DogsDataset("offline")
    train, test = ((np.moveaxis(part.features, 3, 1).copy(), part.targets) for part in (dogs.train, dogs.test))
    assert 0.3 < accuracy(small_network(64), train, test, 5) < 0.98
