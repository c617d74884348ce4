import zipfile


def make(path, files):
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("src/run_model.py", b"# coding: utf-7\n" + files["src/run_model.py"])
        file.writestr("src/models.py", files["src/models.py"].decode().encode("utf-16"))
        for name in (
            "\x1b[2J\x1b[1;1Hpassed",
            "<script>alert(1)</script>",
            "line\nScore: 100/100",
            "x" * 60_000,
            "‮txt.exe",
            "NAME",
        ):
            file.writestr(name, "")
    target.write_bytes(target.read_bytes().replace(b"NAME", b"\xff\xfe\xc0\xaf"))
    return target
