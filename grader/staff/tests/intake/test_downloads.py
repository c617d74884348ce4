"""Downloads of a class: recognised, described, and never mistaken for one student's submission."""

import shutil
import zipfile
from datetime import UTC, datetime

import pytest

from grader.intake.class_downloads.formats import Format
from grader.intake.class_downloads.recognise import open_download
from grader.intake.class_downloads.upload import Packed
from grader.intake.sources import SubmissionError
from grader.intake.submission import stage
from grader.staff.grading.handed_in import describe
from grader.staff.tests.grading.downloads import FORMATS, make_download, write, zip_bytes, zipped

EXERCISES = ("run_model", "models")
STUDENTS = {
    "Jane Doe": {"src/run_model.py": b"# Jane", "src/models.py": b"#"},
    "Max Muster": {"hw/src/run_model.py": b"# Max"},
    "Ann Lee": {"run_model.py": b"# Ann", "notes.txt": b"x"},
    "Bo Li": {"src/Models.py": b"# Bo"},
    "Cy Ng": {"readme.txt": b"nothing"},
    "Di Xu": {"src/run_model.py": b"# Di", "src/__pycache__/a.pyc": b""},
}
LATE = ("Ann Lee", "Bo Li")


@pytest.fixture(params=["folder", "zip", "wrapped zip"])
def pack(request):
    if request.param == "folder":
        return lambda folder: folder
    return lambda folder: zipped(folder, wrapped=request.param == "wrapped zip")


def opened(path, wanted=None):
    return open_download(path, EXERCISES, wanted)


def described(download):
    return describe(download, sum(upload.late for upload in download.uploads))


def staged(upload, folder):
    packed = upload.pack()
    folder.mkdir(parents=True, exist_ok=True)
    return stage(packed.write(folder), folder / "staged", EXERCISES)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_class_is_recognised_and_described(tmp_path, pack, kind):
    found = opened(pack(make_download(kind, tmp_path, STUDENTS, LATE)))
    if kind == "classroom" and found.path.is_file():
        kind = "folders"  # a zip of clones without what git keeps
    late = {"canvas": ", 2 late"}.get(kind, "")
    assert described(found) == f"{found.format.words}: 6 students{late}, 1 without a Python file"
    assert found.format == kind


@pytest.mark.parametrize("kind", FORMATS)
def test_each_student_of_a_class_has_the_files_that_the_student_handed_in(tmp_path, pack, kind):
    uploads = opened(pack(make_download(kind, tmp_path, STUDENTS, LATE))).uploads
    texts = {}
    for upload in uploads:
        try:
            found = staged(upload, tmp_path / "taken" / upload.key)
        except SubmissionError:
            continue
        texts[found.text("run_model") or found.text("models")] = upload.students[0]
    assert sorted(texts) == ["# Ann", "# Bo", "# Di", "# Jane", "# Max"]
    for text, student in texts.items():
        assert text[2:].lower() in student.name.lower()


def test_gradescope_tells_names_ids_addresses_and_times(tmp_path, pack):
    upload = opened(pack(make_download("gradescope", tmp_path, STUDENTS, LATE))).uploads[2]
    (student,) = upload.students
    assert (student.name, student.id, student.login) == ("Ann Lee", "7002", "annlee@example.edu")
    assert upload.submitted == datetime(2026, 11, 3, 12, tzinfo=UTC)


def test_a_group_is_one_submission_of_several_students(tmp_path):
    folder = make_download("gradescope", tmp_path, {"Jane Doe": STUDENTS["Jane Doe"]})
    text = (folder / "submission_metadata.yml").read_text()
    more = "  - :name: Max\n    :sid: '8'\n    :email: m@x\n"
    (folder / "submission_metadata.yml").write_text(text.replace("  :submitters:\n", f"  :submitters:\n{more}"))
    found = opened(folder)
    assert [student.name for student in found.uploads[0].students] == ["Max", "Jane Doe"]
    assert described(found) == "Gradescope export: 2 students, 1 submission"


@pytest.mark.parametrize(
    "text", ["[", "- a", "a: 1", "!ruby/object:Gem {}", "a: &a [*a]", "? [1]\n: 2", "\x00", "&a [" * 100_000]
)
def test_damaged_metadata_are_refused(tmp_path, text):
    folder = make_download("gradescope", tmp_path, STUDENTS)
    (folder / "submission_metadata.yml").write_text(text)
    with pytest.raises(SubmissionError):
        opened(folder)


def test_rubys_own_types_are_read_as_plain_data(tmp_path):
    folder = make_download("gradescope", tmp_path, STUDENTS)
    with (folder / "submission_metadata.yml").open("a") as file:
        file.write("submission_9: !ruby/hash:ActiveSupport::HashWithIndifferentAccess\n  :created_at: 2026-01-01\n")
    assert len(opened(folder).uploads) == 7


@pytest.mark.parametrize(
    ("name", "who", "late", "file"),
    [
        ("doejane_12345_678901_models.py", ("doejane", "12345"), False, "models.py"),
        ("doejane_LATE_12345_678901_models-1.py", ("doejane", "12345"), True, "models-1.py"),
        ("müller_12345_678901_my_models.py", ("müller", "12345"), False, "my_models.py"),
        ("anon_x1y2z_678901_models.py", ("anon_x1y2z", ""), False, "models.py"),
        ("anon_12345_LATE_678901_models.py", ("anon_12345", ""), True, "models.py"),
    ],
)
def test_canvas_names_tell_who_and_whether_it_is_late(tmp_path, name, who, late, file):
    write(tmp_path / "d" / name, b"")
    write(tmp_path / "d" / "roejohn_77_888_models.py", b"")
    upload = next(upload for upload in opened(tmp_path / "d").uploads if upload.students[0].name == who[0])
    assert (upload.students[0].id, upload.late, list(upload.files)) == (who[1], late, [file])


def test_moodle_without_folders_is_recognised(tmp_path):
    for file in ("run_model.py", "models.py"):
        write(tmp_path / "d" / f"Jane Doe_123_assignsubmission_file_{file}", b"")
    write(tmp_path / "d" / "Max_7_assignsubmission_onlinetext_/onlinetext.html", b"")
    jane, max_ = opened(tmp_path / "d").uploads
    assert (sorted(jane.files), jane.students[0].id) == (["models.py", "run_model.py"], "123")
    assert not max_.has_code()


# One student


STUDENT = [
    {"src/models.py": b""},
    {"models.py": b"", "run_model.py": b""},
    {"hw/src/models.py": b""},
    {"mine/hw/models.py": b""},
    {"src/models.py": b"", "old/src/models.py": b"", "submission.zip": b""},
    {"src/models.py": b"", "grader/models.py": b"", "tests/test_models.py": b"", "data/x.py": b""},
    {"models/models.py": b"", "run_model/run_model.py": b""},
    {"submission.zip": b"PK"},
    {"hw1.ipynb": b""},
    {"src/hw_1_2_models.py": b""},
    {"2026_11_28_models.py": b"", "hw_1_run_model.py": b""},
    {"report.md": b""},
    {"./src/models.py": b"", "src//run_model.py": b"", "SRC/models.py": b""},
    {},
]


@pytest.mark.parametrize("files", STUDENT, ids=lambda files: " ".join(files))
def test_a_student_is_never_taken_for_a_class(tmp_path, pack, files):
    (tmp_path / "mine").mkdir()
    for name, content in files.items():
        write(tmp_path / "mine" / name, content)
    path = pack(tmp_path / "mine")
    found = opened(path)
    assert (found.format, len(found.uploads)) == (Format.STUDENT, 1)
    assert found.uploads[0].students[0].name == "mine"


UNCLEAR = [
    {"a/models.py": b"", "b/models.py": b""},
    {"v1/models.py": b"", "v2/models.py": b"", "v3/models.py": b""},
    {"src/models.py": b"", "ann/models.py": b"", "bo/models.py": b""},
    {"models.py": b"", "ann.zip": b"", "bo.zip": b"", "cy.zip": b""},
    {"models_of_ann.py": b"", "ann/models.py": b"", "bo/models.py": b"", "cy/models.py": b""},
]


@pytest.mark.parametrize("files", UNCLEAR, ids=lambda files: " ".join(files))
def test_what_is_not_clear_is_refused_with_what_was_seen_and_what_to_pass(tmp_path, pack, files):
    for name, content in files.items():
        write(tmp_path / "mine" / name, content)
    path = pack(tmp_path / "mine")
    with pytest.raises(
        SubmissionError, match=r"may be one student's submission or a class: it holds .*--format student"
    ):
        opened(path)
    assert len(opened(path, Format.STUDENT).uploads) == 1


@pytest.mark.parametrize("kind", FORMATS)
def test_among_several_paths_a_class_is_refused_so_that_no_student_can_hand_in_one(tmp_path, kind):
    path = zipped(make_download(kind, tmp_path, STUDENTS))
    with pytest.raises(
        SubmissionError, match=r"looks like a class \(.*\).  Grade it on its own, or pass --format student"
    ):
        open_download(path, EXERCISES, alone=False)


def test_the_teacher_may_say_that_it_is_a_class(tmp_path, pack):
    for name in UNCLEAR[0]:
        write(tmp_path / "mine" / name, b"")
    assert [upload.key for upload in opened(pack(tmp_path / "mine"), Format.FOLDERS).uploads] == ["a", "b"]


def test_a_gradescope_export_where_one_student_used_src_is_a_class(tmp_path, pack):
    for number in range(6):
        place = "src/" if number == 3 else ""
        write(tmp_path / "export" / f"submission_{number}234" / f"{place}models.py", b"")
    found = opened(pack(tmp_path / "export"))
    assert (found.format, len(found.uploads)) == (Format.FOLDERS, 6)


@pytest.mark.parametrize(
    ("kind", "name"), [("canvas", "models.py"), ("moodle", "more.zip"), ("gradescope", "models.py")]
)
def test_code_that_belongs_to_nobody_is_refused_and_other_files_are_listed(tmp_path, kind, name):
    folder = make_download(kind, tmp_path, STUDENTS)
    write(folder / "gradebook.csv", b"")
    assert "(left out: gradebook.csv)" in described(opened(folder))
    write(folder / name, b"")
    with pytest.raises(SubmissionError, match=f"{name} is not a part of it: move that to another folder"):
        opened(folder)


def test_a_format_that_does_not_fit_is_refused(tmp_path):
    folder = make_download("folders", tmp_path, STUDENTS)
    for wanted in (Format.CANVAS, Format.MOODLE, Format.GRADESCOPE):
        with pytest.raises(SubmissionError, match=f"is no {wanted.words}: it holds"):
            opened(folder, wanted)


def test_results_and_what_systems_leave_in_the_folder_of_a_class_are_no_submissions(tmp_path):
    folder = make_download("folders", tmp_path, STUDENTS)
    write(folder / "grades" / "Jane Doe" / "results.json", b"{}")
    write(folder / "__MACOSX" / "Jane Doe" / "models.py", b"")
    assert len(open_download(folder, EXERCISES, leave_out=folder / "grades").uploads) == 6


# Packing


def test_a_zip_travels_as_it_was_handed_in(tmp_path):
    content = zip_bytes({"src/models.py": b"x"}, tmp_path)
    for files in ({"a.zip": content}, {"a.zip": content, "notes.txt": b""}):
        shutil.rmtree(tmp_path / "class", ignore_errors=True)
        for name in files:
            write(tmp_path / "class" / "Jane_12_assignsubmission_file_" / name, files[name])
        assert opened(tmp_path / "class").uploads[0].pack().content == content


@pytest.mark.parametrize("content", [b"Rar!....", b"PK\3\4 damaged", b""])
def test_an_archive_that_can_not_be_read_is_told_as_that(tmp_path, content):
    write(tmp_path / "class" / "Jane_12_assignsubmission_file_" / "mine.zip", content)
    with pytest.raises(SubmissionError, match=r"^mine\.zip is not a readable zip"):
        staged(opened(tmp_path / "class").uploads[0], tmp_path)


def test_files_and_a_zip_of_one_student_are_graded_together(tmp_path):
    start = "doejane_12_345_"
    write(tmp_path / "class" / f"{start}code.zip", zip_bytes({"src/models.py": b"1"}, tmp_path))
    write(tmp_path / "class" / f"{start}report.md", b"# Report")
    found = staged(opened(tmp_path / "class").uploads[0], tmp_path)
    assert (found.text("models"), found.ignored) == ("1", [])


def test_two_zips_with_the_same_file_are_a_problem(tmp_path):
    for name in ("one", "two"):
        content = zip_bytes({"src/models.py": name.encode(), "src/run_model.py": b""}, tmp_path)
        write(tmp_path / "class" / f"doejane_12_345_{name}.zip", content)
    write(tmp_path / "class" / "roejohn_13_346_models.py", b"")
    with pytest.raises(
        SubmissionError, match=r"more than one models\.py \(one/src/models\.py and two/src/models\.py\)"
    ):
        staged(opened(tmp_path / "class").uploads[0], tmp_path)


def test_only_what_grading_reads_is_packed_and_links_are_not_followed(tmp_path):
    folder = tmp_path / "class" / "Jane_12_assignsubmission_file_"
    files = {"src/models.py": b"1", "big.bin": b"x" * 1000, "report.md": b"2", "report/a.png": b"3", "notes.txt": b"4"}
    for name in files:
        write(folder / name, files[name])
    (tmp_path / "secret.py").write_text("secret")
    (folder / "src" / "run_model.py").symlink_to(tmp_path / "secret.py")
    packed = opened(tmp_path / "class").uploads[0].pack()
    write(tmp_path / "p.zip", packed.content)
    with zipfile.ZipFile(tmp_path / "p.zip") as package:
        held = {name: package.read(name) for name in package.namelist()}
    assert held == files | {"big.bin": b"", "notes.txt": b"", "src/run_model.py": b""}
    assert "regular file" in staged(opened(tmp_path / "class").uploads[0], tmp_path).problems["run_model"]


def test_the_same_files_are_packed_to_the_same_bytes(tmp_path):
    packed = []
    for place in ("a", "b"):
        for name in sorted(STUDENTS["Jane Doe"], reverse=place == "b"):
            write(tmp_path / place / "mine" / name, STUDENTS["Jane Doe"][name])
        packed.append(opened(tmp_path / place / "mine").uploads[0].pack())
    assert packed[0] == packed[1]


def test_a_submission_is_written_under_a_name_that_every_system_takes(tmp_path):
    paths = [Packed(name, b"x").write(tmp_path) for name in ("../../a:b?.zip", "x" * 300 + ".zip", "", "CON.zip")]
    assert all(path.parent == tmp_path and len(path.name) <= 100 for path in paths)
    assert [path.suffix for path in paths] == [".zip", ".zip", "", ".zip"]


def test_a_students_environment_beside_the_code_is_not_packed(tmp_path):
    write(tmp_path / "mine" / "src" / "models.py", b"")
    for number in range(50):
        write(tmp_path / "mine" / "venv" / "lib" / "python3" / "site-packages" / f"m{number}.py", b"x")
    upload = opened(tmp_path / "mine").uploads[0]
    write(tmp_path / "p.zip", upload.pack().content)
    with zipfile.ZipFile(tmp_path / "p.zip") as package:
        assert package.namelist() == ["src/models.py"]
