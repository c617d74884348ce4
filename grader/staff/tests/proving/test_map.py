"""`grader map`: the packages in the order of the layers, and imports that point up."""

import pytest

from grader.cli import main
from grader.staff.proving import map as package_map
from grader.staff.proving.map import draw_map, read_layers

LAYERS = [["kit.top"], ["kit.left", "kit.right"], ["kit.low"]]


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A maintainers' page of its own, which is not there yet."""
    path = tmp_path / "MAINTAINERS.md"
    monkeypatch.setattr(package_map, "PAGE", path)
    return path


def test_a_module_counts_as_its_package_and_an_import_of_its_own_package_is_none():
    drawn = draw_map(LAYERS, [("kit.top.a", "kit.low"), ("kit.top.a", "kit.top.b"), ("kit.top.a", "torch")])
    assert drawn.imports == {"kit.top": {"kit.low"}, "kit.left": set(), "kit.right": set(), "kit.low": set()}
    assert drawn.upwards == []
    assert drawn.lines()[0] == "kit.top    -> kit.low"


@pytest.mark.parametrize("importer", ["kit.low.a", "kit.right.a"], ids=["from below", "from beside"])
def test_an_import_that_does_not_point_down_is_marked(importer):
    drawn = draw_map(LAYERS, [(importer, "kit.left.b")])
    assert drawn.lines()[-1] == f"WRONG, points up: {importer} imports kit.left.b"


def test_the_status_is_one_when_an_import_points_up(page, monkeypatch, capsys):
    monkeypatch.setattr(package_map, "read_imports", lambda: [("grader.sandbox.wire", "grader.plugin")])
    assert main(["map"]) == 1
    assert "WRONG, points up: grader.sandbox.wire imports grader.plugin" in capsys.readouterr().out


def test_the_packages_are_those_of_the_contracts_with_the_staffs_own_in_place():
    order = [package for layer in read_layers() for package in layer]
    assert order[:4] == ["src.experiments", "grader.cli", "grader.staff.commands", "grader.staff.proving"]
    assert order.index("grader.staff.grading") < order.index("grader.commands") < order.index("grader.sandbox")


def test_the_kits_imports_point_down_and_stand_between_the_marks_of_the_page(page, capsys):
    page.write_text("Before\n<!-- map -->\nold\n<!-- /map -->\nAfter\n", encoding="utf-8")
    assert main(["map"]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("Before\n<!-- map -->\n")
    assert text.endswith("<!-- /map -->\nAfter\n")
    assert "old" not in text
    assert capsys.readouterr().out in text
    assert "feedback         -> judging, intake, texts" in text


def test_a_page_that_is_missing_is_made(page):
    assert main(["map"]) == 0
    assert page.read_text(encoding="utf-8").startswith("<!-- map -->\n```text\nsrc.experiments ")
