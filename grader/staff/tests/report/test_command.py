"""`grader report` leaves everything alone that a student made."""

import sys

import pytest

from grader import cli
from grader.commands import report
from grader.report import pdf
from grader.staff.tests.report.toy import FILES, TABLE, TEMPLATE, answered, run_json


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a filled-in report, on a machine without a tool for PDFs."""
    monkeypatch.setattr(report, "template_text", lambda: TEMPLATE)
    monkeypatch.setattr(pdf, "commands", lambda page, made: [])
    (tmp_path / "report").mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    write(tmp_path, answered())
    return tmp_path


def write(folder, text):
    (folder / "report.md").write_text(text, encoding="utf-8", newline="")


def read(folder):
    return (folder / "report.md").read_text(encoding="utf-8")


def grader_report(folder):
    return cli.main(["report", str(folder)])


def names(folder):
    return {path.name for path in folder.iterdir()}


# report.md


def test_words_inside_a_table_stay_and_are_told_with_their_line(folder, capsys):
    written = TEMPLATE.replace("<!-- end of table -->", "My own words.\n<!-- end of table -->")
    write(folder, written)
    assert grader_report(folder) == 1
    assert read(folder) == written
    line = written.split("\n").index("My own words.") + 1
    sentence = "this is not a row of the table dogs summary. Move it below the line <!-- end of table -->."
    assert f"  Line {line}: {sentence}\n" in capsys.readouterr().out


def test_answers_between_two_tables_whose_inner_lines_are_missing_stay(folder):
    end, begin = "<!-- end of table -->\n", "<!-- table: dogs summary -->\n"
    for between in ("", "## 2. Cats\n\n**2.1** Why?\n\nAnswer: so.\n\n"):
        written = TEMPLATE.replace(end, f"Made by me.\n\n{between}| a row |\n{end}")
        assert begin in written
        write(folder, written)
        grader_report(folder)
        assert read(folder) == written


def test_rows_that_were_edited_are_kept_in_another_file(folder, capsys):
    edited = answered().replace(TABLE[-1], "| mine | 7 |")
    write(folder, edited)
    grader_report(folder)
    assert read(folder) == answered()
    assert (folder / "report.md.before").read_text(encoding="utf-8") == edited
    assert "report.md.before has the old ones." in capsys.readouterr().out


def test_an_empty_table_is_filled_without_another_file(folder):
    write(folder, TEMPLATE)
    grader_report(folder)
    assert TABLE[-1] in read(folder)
    assert names(folder) == {"report", "report.md", "report.html"}


def test_what_an_editor_saves_meanwhile_is_kept(folder, monkeypatch):
    filled, saved = report.filled, []

    def slowly(text, runs):
        if not saved:
            saved.append(text.replace("Why?", "Why? Saved meanwhile."))
            write(folder, saved[0])
        return filled(text, runs)

    monkeypatch.setattr(report, "filled", slowly)
    write(folder, TEMPLATE)
    grader_report(folder)
    assert "Saved meanwhile." in read(folder)
    assert TABLE[-1] in read(folder)
    assert "Saved meanwhile." in (folder / "report.html").read_text(encoding="utf-8")


def test_a_report_that_changes_all_the_time_is_not_written(folder, monkeypatch, capsys):
    def slowly(text, runs):
        write(folder, text + "x")
        return text + "tables"

    monkeypatch.setattr(report, "filled", slowly)
    assert grader_report(folder) == 2
    assert "Something changes" in capsys.readouterr().err
    assert "tables" not in read(folder)


def test_files_beside_the_report_are_not_written_through_links(folder):
    for name in (".report.md.part", ".report.html.part", "report.html", "report.md.before"):
        (folder / name).symlink_to("precious")
    write(folder, answered().replace(TABLE[-1], "| mine | 7 |"))
    grader_report(folder)
    assert "precious" not in names(folder)
    assert not (folder / "report.html").is_symlink()


def test_a_report_that_links_to_nowhere_is_named_and_nothing_is_made(folder, capsys):
    (folder / "report.md").unlink()
    (folder / "report.md").symlink_to("nowhere.md")
    assert grader_report(folder) == 2
    assert "report.md can't be read" in capsys.readouterr().err
    assert names(folder) == {"report", "report.md"}


def test_a_full_disk_leaves_no_half_template(folder, monkeypatch, capsys):
    def full(path, content):
        with path.open("wb") as stream:
            stream.write(content[:10])
        raise OSError(28, "No space left on device")

    (folder / "report.md").unlink()
    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    assert grader_report(folder) == 2
    assert capsys.readouterr().err == f"{folder / 'report.md'} can't be written: No space left on device.\n"
    assert names(folder) == {"report"}


def test_a_reader_that_closes_the_pipe_gets_the_page_all_the_same(folder, monkeypatch):
    class Closed:
        def write(self, text):
            raise BrokenPipeError(32, "Broken pipe")

        def flush(self):
            pass

        def fileno(self):
            return spare.fileno()

    with (folder / "spare").open("w") as spare:
        monkeypatch.setattr(sys, "stdout", Closed())
        assert grader_report(folder) == 2
    assert (folder / "report.html").is_file()


# The PDF


FAILS = "import sys; open(sys.argv[1], 'wb').write(b'%PDF-1.7 half'); sys.exit(1)"
WORKS = "import sys; open(sys.argv[1], 'wb').write(b'%PDF-1.7 whole')"
NOTHING = "pass"


@pytest.fixture
def tools(monkeypatch):
    """Let these programs be the tools for PDFs."""

    def choose(*programs):
        commands = lambda page, made: [[sys.executable, "-c", program, str(made)] for program in programs]  # noqa: E731
        monkeypatch.setattr(pdf, "commands", commands)

    return choose


@pytest.mark.parametrize("programs", [[FAILS], [WORKS], [NOTHING], [FAILS, NOTHING, WORKS]])
def test_the_students_own_pdf_is_never_touched(folder, tools, programs):
    (folder / "report.pdf").write_bytes(b"mine")
    tools(*programs)
    grader_report(folder)
    assert (folder / "report.pdf").read_bytes() == b"mine"
    made = {"report-page.pdf"} if WORKS in programs else set()
    assert names(folder) == {"report", "report.md", "report.html", "report.pdf"} | made
    assert not made or (folder / "report-page.pdf").read_bytes() == b"%PDF-1.7 whole"


@pytest.mark.parametrize("programs", [[FAILS], [NOTHING]])
def test_an_older_pdf_stays_if_no_tool_makes_a_new_one(folder, tools, programs):
    tools(WORKS)
    grader_report(folder)
    tools(*programs)
    grader_report(folder)
    assert (folder / "report-page.pdf").read_bytes() == b"%PDF-1.7 whole"


def test_an_older_pdf_stays_at_an_interrupt(folder, monkeypatch, tools):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    (folder / "report-page.pdf").write_bytes(b"old")
    tools(WORKS)
    monkeypatch.setattr(pdf.subprocess, "run", interrupt)
    assert grader_report(folder) == cli.STOPPED
    assert (folder / "report-page.pdf").read_bytes() == b"old"
    assert names(folder) == {"report", "report.md", "report.html", "report-page.pdf"}


# What is hostile


def test_a_head_that_no_parser_can_read_is_a_sentence(folder, capsys):
    write(folder, answered().replace("name:", r'name: "\UFFFFFFFF"'))
    assert grader_report(folder) == 1
    assert "The head can't be read: " in capsys.readouterr().out


def test_a_report_whose_page_is_too_large_is_a_sentence(folder, capsys):
    write(folder, answered() + '\n[a]: https://x.org "' + "&" * 20_000 + '"\n\n' + "[a]" * 2000)
    assert grader_report(folder) == 2
    assert "too large" in capsys.readouterr().err
    assert not (folder / "report.html").exists()


def test_a_run_that_changed_its_rows_is_filled_in_again(folder):
    table = {"columns": ["part", "images"], "rows": [["all", 9]]}
    (folder / "report" / "dogs.json").write_bytes(run_json(tables={"summary": table}))
    grader_report(folder)
    assert "| all | 9 |" in read(folder)


# What it prints


def test_what_is_wrong_stands_above_what_is_missing(folder, capsys):
    write(folder, answered(total="ten").replace("Because I counted them.", ""))
    assert grader_report(folder) == 1
    said = capsys.readouterr().out
    assert 0 < said.index("Wrong\n  Line 5: total has ten") < said.index("Missing\n  1.1 (2 points): no answer; not as")
