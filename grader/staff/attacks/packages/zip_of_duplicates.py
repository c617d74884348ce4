import warnings
import zipfile


def make(path, files):
    with warnings.catch_warnings(), zipfile.ZipFile(path.with_suffix(".zip"), "w") as file:
        warnings.simplefilter("ignore")
        for name, content in files.items():
            file.writestr(name, content)
            for again in (
                name,
                name.replace("src", "SRC").replace(".py", ".PY"),
                f"./{name}",
                name.replace("/", "//"),
                name.replace("/", "\\"),
            ):
                file.writestr(again, content)
    return path.with_suffix(".zip")
