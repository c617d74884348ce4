import copy
import zipfile


def make(path, files):
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
        file.writestr("a.py", b"#" * 2**24)
        for number in range(1000):
            again = copy.copy(file.infolist()[-1])
            again.filename = again.orig_filename = f"a{number}.py"
            file.filelist.append(again)
    return target
