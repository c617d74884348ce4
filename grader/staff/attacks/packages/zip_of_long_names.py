import zipfile


def make(path, files):
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as file:
        for i in range(100):
            file.writestr(zipfile.ZipInfo("a/" * 32_000 + str(i)), b"")
        for i in range(20_000):
            file.writestr(zipfile.ZipInfo("b/" * 100 + f"run_model{i}.py"), b"")
    return target
