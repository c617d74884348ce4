"""The report that is taken out of what was handed in: from the right place, and nothing else."""

import zipfile

import pytest

from grader.intake import report_files
from grader.intake.report_files import ReportFiles, take_report
from grader.intake.sources import open_source
from grader.staff.tests.report.toy import png

WHOLE = {"report.md": b"# Report\n", "report/a.png": png(), "report/run.json": b"{}", "report/b.JPG": b"x"}


@pytest.fixture(params=["folder", "zip"])
def take(request, tmp_path):
    """Take the report out of files, handed in as a folder or as a zip."""

    def take_from(files, prefix=""):
        path = tmp_path / "submission"
        if request.param == "zip":
            with zipfile.ZipFile(path, "w") as package:
                for name, content in files.items():
                    package.writestr(prefix + name, content)
        else:
            for name, content in files.items():
                (path / prefix / name).parent.mkdir(parents=True, exist_ok=True)
                (path / prefix / name).write_bytes(content)
        with open_source(path) as source:
            return take_report(source)

    return take_from


@pytest.mark.parametrize("prefix", ["", "hw1/", "mine/hw1/"])
def test_the_report_is_taken_with_its_pictures_and_runs(take, prefix):
    others = {"src/models.py": b"", "report/x.svg": b"", "report/deep/c.png": b"", "other/d.png": b"", "e.png": b""}
    taken = take(WHOLE | others, prefix)
    assert taken == ReportFiles("# Report\n", {name: WHOLE[name] for name in sorted(WHOLE) if name != "report.md"})


def test_without_a_report_nothing_is_taken(take):
    assert take({"src/models.py": b"", "report/a.png": png()}) == ReportFiles()
    assert take({"a/b/c/report.md": b"too deep"}) == ReportFiles()


def test_the_report_with_the_fewest_folders_around_it_is_taken(take):
    taken = take(WHOLE | {"old/report.md": b"old", "old/report/a.png": b"old"})
    assert (taken.text, taken.files["report/a.png"]) == ("# Report\n", png())


def test_what_is_too_large_or_not_utf_8_costs_a_sentence(take, monkeypatch):
    monkeypatch.setattr(report_files, "MAX_PICTURE", 200)
    monkeypatch.setattr(report_files, "MAX_ALL", 300)
    monkeypatch.setattr(report_files, "MOST_FILES", 3)
    files = {f"report/{name}.png": bytes(size) for name, size in zip("abcd", (150, 201, 170, 1), strict=True)}
    taken = take({"report.md": b"x"} | files)
    assert list(taken.files) == ["report/a.png"]
    assert taken.problems == [
        "report/b.png can't be read: it should be a regular file of at most 0 MB.",
        "The files in report/ have more than 0 MB. report/c.png and later ones were left out.",
    ]


def test_a_report_that_cannot_be_read_says_why(take):
    taken = take({"report.md": "grün\n".encode() + "größer".encode("latin-1")})
    assert taken.text is None
    assert taken.problems == ["report.md, line 2, is not UTF-8. Save the file with the encoding UTF-8."]


def test_a_report_that_is_too_large_says_so(take):
    assert take({"report.md": bytes(report_files.MAX_TEXT + 1)}).problems == [
        "report.md can't be read: it should be a regular file of at most 500000 bytes."
    ]


def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(png())
    folder = tmp_path / "submission"
    (folder / "report").mkdir(parents=True)
    (folder / "report.md").write_text("x", encoding="utf-8")
    (folder / "report" / "a.png").symlink_to(secret)
    (folder / "hw").mkdir()
    with open_source(folder) as source:
        assert take_report(source).files == {}
    (folder / "report" / "a.png").unlink()
    (folder / "report").rmdir()
    (folder / "report").symlink_to(tmp_path)
    with open_source(folder) as source:
        assert take_report(source).files == {}
    (folder / "report.md").unlink()
    (folder / "report.md").symlink_to(secret)
    with open_source(folder) as source:
        assert take_report(source).text is None


def test_thousands_of_other_files_do_not_hide_the_report(take, monkeypatch):
    monkeypatch.setattr("grader.intake.sources.MAX_ENTRIES", 20)
    taken = take({f"data/{place}.png": b"" for place in range(50)} | WHOLE)
    assert len(taken.files) == 3
