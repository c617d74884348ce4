"""`python -m data.fetch` checks what is there, and says how to get what is not."""

from pathlib import Path

import pytest

from data.fetch import main
from grader.staff.tests.conftest import run
from grader.staff.tests.data.conftest import Paint, plain


def test_dogset_has_to_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dogset", "--to", str(tmp_path)]) == 1
    assert f"Ask your course staff for DogSet.zip, and put it into {tmp_path} as it is." in capsys.readouterr().err


def test_cats_and_dogs_are_checked(tmp_path: Path, paint: Paint, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["Cats-Dogs", "--to", str(tmp_path)]) == 1
    assert "Or fetch CIFAR10" in capsys.readouterr().err
    paint(tmp_path / "cats-dogs", {f"{kind}/{i}.png": plain(9 * i, 64) for kind in ("cat", "dog") for i in range(9)})
    assert main(["cats-dogs", "--to", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "images of cats and dogs from" in said and f"pass --data {tmp_path}, or set the environment" in said
    (tmp_path / "cats-dogs" / "cat" / "3.png").write_bytes(b"<html>")
    assert main(["cats-dogs", "--to", str(tmp_path)]) == 1
    assert "3.png (6 bytes) is not a complete image" in capsys.readouterr().err


def test_an_unknown_name() -> None:
    result = run("-m", "data.fetch", "ImageNet")
    assert result.returncode == 2 and "there is no data set 'ImageNet' here, only MNIST, Fash" in result.stderr
    assert "CIFAR10" in run("-m", "data.fetch", "--help").stdout
