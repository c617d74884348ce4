import zipfile


def make(path, files):
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as file:
        file.writestr("src/run_model.py", files["src/run_model.py"])
    content = bytearray(target.read_bytes())
    place = content.index(b"run_model.py") + len("run_model.py") + 4
    content[place + 1 : place + 5] = b"\xff\xff\xff\xff"
    target.write_bytes(content)
    return target
