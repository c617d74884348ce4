import zipfile


def make(path, files):
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as file:
        for number in range(50_000):
            file.writestr(f"pictures/{number}.png", b"")
            file.writestr(f"code/{number}.py", b"")
        for name, content in files.items():
            file.writestr(name, content)
    return path.with_suffix(".zip")
