import zipfile


def make(path, files):
    with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        with file.open("src/run_model.py", "w") as entry:
            for _ in range(100):
                entry.write(b"#" * 2**20)
    return path.with_suffix(".zip")
