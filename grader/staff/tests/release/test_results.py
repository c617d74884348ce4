"""`grader results`: the page that shows our runs next to the course documents."""

import json

import pytest

from grader.cli import main
from grader.staff.release import results
from grader.staff.release.results import PAGE, Comparison, page, read_documents, read_runs
from src.experiments.catalogue import NAMES

RUN = {
    "title": "one network, two ways",
    "budget": "evening",
    "data": ["load_fashion_data: 60000 training images of FashionMNIST from /home/someone/data."],
    "device": "cpu",
    "seed": 0,
    "threads": 2,
    "seconds": 100.0,
    "versions": {"torch": "2.13.0"},
    "finished": "2026-01-31T10:00:00+00:00",
    "numbers": {"test_accuracy_plain": 88.5, "loss": 0.25},
    "tables": {"networks": {"title": "Two networks", "columns": ["network", "accuracy"], "rows": [["plain", 88.5]]}},
}


def test_the_page_is_made_of_the_kept_runs():
    assert PAGE.read_text(encoding="utf-8") == page(read_runs(), read_documents()), "run  grader results"


def test_every_experiment_is_on_the_page():
    assert set(read_documents()) == set(NAMES)


def test_every_number_on_the_page_is_one_that_the_run_has():
    runs = read_runs()
    missing = [
        f"{name}.{entry.ours}"
        for name, entries in read_documents().items()
        for entry in entries
        if name in runs and entry.ours not in runs[name]["numbers"]
    ]
    assert not missing


def test_a_run_stands_next_to_the_documents_with_its_settings_and_without_its_folders():
    text = page({"fashion": RUN}, {"fashion": [Comparison("accuracy (%)", "test_accuracy_plain", 87.69)], "vgg": []})
    assert "| fashion | accuracy (%) | 87.69 | 88.5 | at least as good | evening |" in text
    assert "budget evening; seed 0; cpu, 2 threads; 100 s; torch 2.13.0; finished 2026-01-31" in text
    assert "60000 training images of FashionMNIST from DIR" in text
    assert "| network | accuracy |\n|---|---|\n| plain | 88.5 |" in text
    assert "## vgg\n\nNot run yet." in text


@pytest.mark.parametrize(
    ("settings", "number", "verdict"),
    [
        ({"documents": 90.0}, 89.5, "worse by 0.5"),
        ({"documents": 0.071, "lower": True}, 0.07, "at least as good"),
        ({"documents": 0.071, "lower": True}, 0.08, "worse by 0.009"),
        ({"documents": 90.0, "about": True}, 10.0, ""),
        ({}, 10.0, ""),
        ({"documents": 90.0}, None, "no number"),
    ],
)
def test_a_number_is_compared_unless_there_is_nothing_to_compare_it_with(settings, number, verdict):
    assert Comparison("accuracy", "accuracy", **settings).verdict(number) == verdict


@pytest.mark.slow
def test_the_command_runs_an_experiment_keeps_its_numbers_and_writes_the_page(tmp_path, monkeypatch):
    (tmp_path / "documents.toml").write_text('[[zero-init]]\nwhat = "accuracy (%)"\nours = "accuracy_relu_zero"\n')
    monkeypatch.setattr(results, "KEPT", tmp_path)
    monkeypatch.setattr(results, "PAGE", tmp_path / "RESULTS.md")
    monkeypatch.setattr(results, "RUNS", tmp_path / "runs")
    assert main(["results", "zero-init", "--budget", "quick"]) == 0
    run = json.loads((tmp_path / "zero-init.json").read_text(encoding="utf-8"))
    assert f"{run['numbers']['accuracy_relu_zero']:g} |  | quick |" in (tmp_path / "RESULTS.md").read_text()
    assert main(["results", "no-such-experiment"]) == 1
