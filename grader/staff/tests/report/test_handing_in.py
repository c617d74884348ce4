"""What `grader check` packs of a report, and what it says of it."""

import zipfile

import pytest

from grader import cli
from grader.commands import check
from grader.intake.submission import stage
from grader.report.fill import filled
from grader.report.runs import read_runs
from grader.staff.tests.report.toy import FILES, TEMPLATE, answered, png


@pytest.fixture
def packed(tmp_path, monkeypatch, capsys):
    """What is packed of a folder with these files, and what is said."""

    def pack(files, template=TEMPLATE):
        monkeypatch.setattr(check, "template_text", lambda: template)
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
        packed, _ = check.report_for(tmp_path)
        return packed, capsys.readouterr().out

    return pack


def test_a_whole_report_is_packed_byte_for_byte_with_its_figures_and_runs(packed):
    text = answered().replace("\n", "\r\n").encode()
    files, said = packed(FILES | {"report.md": text, "report/other.png": png(), "report.pdf": b"%PDF", "reports": b""})
    assert files == FILES | {"report.md": text, "report.pdf": b"%PDF"}
    assert said == "Report\n  3 of 3 questions are done (4.5 of 4.5 points).\n"


def test_missing_figures_and_answers_are_told_and_the_rest_is_packed(packed):
    text = answered().replace("Because I counted them.", "![x](report/mine.jpg) ![y](../secret.png)", 1)
    files, said = packed(
        {"report.md": text.encode(), "secret.png": png(), "report/dogs.json": FILES["report/dogs.json"]}
    )
    assert list(files) == ["report.md", "report/dogs.json"]
    assert said.splitlines() == [
        "Report",
        "  1 of 3 questions are done (1 of 4.5 points).",
        "  Question 1.1: the picture '../secret.png' is not shown. "
        "Put a .png or .jpg into the folder report/, and link to report/NAME.png.",
        "  1.1 (2 points): report/mine.jpg is missing",
        "  1.2 (1.5 points): report/dogs-loss.png is missing",
    ]


def test_the_untouched_template_is_not_packed_even_with_tables_that_were_filled_in(packed):
    text = filled(TEMPLATE, read_runs(FILES)[0])
    assert packed(FILES | {"report.md": text.encode()}) == (
        {},
        "Report\n  report.md is the untouched template. It is not packed.\n",
    )


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (r'name: "\UFFFFFFFF"', "The head can't be read: "),
        ("name: Ann", "report.md is packed, but it can't be looked at: a new kind of error"),
    ],
)
def test_a_report_that_cannot_be_looked_at_is_packed_as_it_is(packed, monkeypatch, head, sentence):
    def fail(*arguments):
        raise RuntimeError("a new kind of error")

    if "FFFF" not in head:
        monkeypatch.setattr(check, "review", fail)
    text = answered().replace("name:", head, 1)
    files, said = packed(FILES | {"report.md": text.encode()})
    assert files == FILES | {"report.md": text.encode()}
    assert sentence in said


def test_a_pdf_that_cannot_be_read_is_left_out_and_named(packed, monkeypatch):
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: path.with_name("none").read_text())
    files, said = packed({"report.pdf": b"%PDF"})
    assert files == {}
    assert said.startswith("Report\n  report.pdf can't be read and is left out: ")


def test_the_package_is_not_written_through_a_link(tmp_path):
    (tmp_path / "work" / "src").mkdir(parents=True)
    (tmp_path / "work" / "src" / "run_model.py").write_text("", encoding="utf-8")
    for name in ("submission.zip", ".submission.zip.part"):
        (tmp_path / name).symlink_to("precious")
    check.pack(stage(tmp_path / "work", tmp_path / "staged", ["run_model"]), tmp_path, {"report.md": b"text"})
    assert not (tmp_path / "precious").exists()
    assert zipfile.ZipFile(tmp_path / "submission.zip").namelist() == ["src/run_model.py", "report.md"]


@pytest.mark.parametrize(("content", "told"), [(b"\xff", True), (answered().encode(), False)])
def test_the_last_line_says_if_the_report_was_left_out(tmp_path, monkeypatch, capsys, content, told):
    monkeypatch.setattr(check, "run_checks", lambda *arguments: 0)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "run_model.py").write_text("", encoding="utf-8")
    (tmp_path / "report.md").write_bytes(content)
    assert cli.main(["check", str(tmp_path)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("report.md is not in it.") == told


def test_without_a_report_nothing_is_said(packed):
    assert packed({"report_template.md": TEMPLATE.encode()}) == ({}, "")


def test_answers_in_the_template_itself_are_not_lost(packed):
    written = TEMPLATE.replace("Answer:", "Answer: mine")
    assert packed({}, written) == (
        {},
        "Report\n  report_template.md has answers in it. Rename it to report.md, so that it is packed.\n",
    )
    assert list(packed({"report.md": written.encode()}, written)[0]) == ["report.md"]


def test_a_report_that_cannot_be_read_is_told(packed):
    files, said = packed({"report.md": b"\xff"})
    assert (files, said) == ({}, "Report\n  report.md, line 1, is not UTF-8. Save the file with the encoding UTF-8.\n")


def test_what_to_look_at_again_is_told_before_handing_in(packed, tmp_path):
    text = answered(**{"dogs.epochs": "80"})
    _, said = packed(FILES | {"report.md": text.encode()})
    assert "  dogs.epochs is 80 in the head, and 81 in report/dogs.json.\n" in said
    _, summary = check.report_for(tmp_path)
    assert summary == (
        "Report: 2 of 3 questions are done (3 of 4.5 points). "
        "Look at the lines under Report, at the top, before you hand it in."
    )
