import struct
import zipfile


def make(path, files):
    target = path.with_suffix(".zip")
    size = 100 * 2**20
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr("src/run_model.py", b"#" * size)
    target.write_bytes(target.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", 50)))
    return target
