import stat
import zipfile

from grader.assignment import STAFF


def make(path, files):
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as file:
        for name, target in (
            ("src/run_model.py", STAFF / "exercises" / "run_model" / "solution.py"),
            ("src/models.py", "/etc/passwd"),
            ("work/src", STAFF / "exercises"),
        ):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            file.writestr(info, str(target))
        file.writestr("report.py", files["src/models.py"])
    return path.with_suffix(".zip")
