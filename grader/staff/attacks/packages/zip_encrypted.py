import zipfile


def make(path, files):
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("src/run_model.py", files["src/run_model.py"])
    content = bytearray(target.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    target.write_bytes(content)
    return target
