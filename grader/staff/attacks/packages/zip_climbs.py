import zipfile

PATHS = [
    "../../../tests/conftest.py",
    "../../../../../../../../tmp/zip_climbed",
    "/tmp/zip_climbed",
    "src/../../reference/src/run_model.py",
    "..\\..\\kit\\src\\run_model.py",
    "C:\\run_model.py",
    "//run_model.py",
    "src/./../../../conftest.py",
]


def make(path, files):
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
        for name in PATHS:
            file.writestr(name, "raise SystemExit('FOUND')")
    return path.with_suffix(".zip")
