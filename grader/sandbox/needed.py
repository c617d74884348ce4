"""What a worker needs of this machine's files: Python, and the packages of requirements.txt."""

import os
import sys
import sysconfig
from collections.abc import Collection, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from grader.sandbox.jail import View
from grader.sandbox.packages import required_packages, usual_name

FOR_PACKAGES = ("site-packages", "dist-packages")


def view_of_python(packages: Collection[str] | None = None) -> View:
    """Python and these packages, by default all that are required.

    It must be asked by a process that has loaded the libraries that its workers need.
    """
    names = required_packages() if packages is None else {usual_name(name) for name in packages}
    found = [one for one in distributions() if usual_name(name_of(one)) in names]
    entries = {entry for one in found for entry in entries_of(one)}
    standard = {
        Path(os.__file__).parent.resolve(),
        Path(sysconfig.get_config_var("DESTSHARED") or os.__file__).resolve(),
    }
    homes = {folder / name for folder in standard for name in FOR_PACKAGES if (folder / name).is_dir()}
    files = {Path(sys.executable).resolve(), *Path(sys.prefix).resolve().glob("pyvenv.cfg")}
    paths = {*files, *standard, *entries}
    return View(
        tuple(paths | libraries(besides=[*standard, *entries])),
        tuple(homes | {entry.parent for entry in entries}),
        tuple(links_to_python()),
    )


def name_of(package: Distribution) -> str:
    """The package's name: `metadata` would parse its whole description too, which takes long."""
    lines = (package.read_text("METADATA") or package.read_text("PKG-INFO") or "").splitlines()
    return next((line.removeprefix("Name:").strip() for line in lines if line.startswith("Name:")), "")


def entries_of(package: Distribution) -> Iterator[Path]:
    """The files and folders of a package at the top of the folder where it is installed."""
    folder = Path(str(package.locate_file(""))).resolve()
    lines = (package.read_text("RECORD") or "").splitlines()
    for name in {line.strip('"').partition("/")[0].partition(",")[0] for line in lines} - {"..", "", "__pycache__"}:
        if (folder / name).exists():
            yield folder / name


def links_to_python() -> Iterator[tuple[Path, str]]:
    """The symbolic links on the way to the interpreter and its environment.

    Subprocesses start by these names.
    """
    prefix = Path(sys.prefix)
    if prefix.resolve() != prefix:
        yield prefix, str(prefix.resolve())
    path = prefix.resolve() / Path(sys.executable).relative_to(prefix)
    while path.is_symlink():
        target = str(path.readlink())
        yield path, target
        path = path.parent / target


def libraries(besides: Collection[Path]) -> set[Path]:
    """The shared libraries that this process has loaded from outside of these folders.

    Where libc is, all libraries are public, and parts of Python that are imported later may need
    one.
    """
    with open("/proc/self/maps", encoding="utf-8") as maps:  # noqa: PTH123
        mapped = {line.split(maxsplit=5)[-1].strip() for line in maps}
    files = {Path(path).resolve() for path in mapped if path.startswith("/") and ".so" in path}
    public = {file.parent for file in files if file.name.startswith("libc.so")}
    own = {file for file in files if not any(file.is_relative_to(folder) for folder in (*besides, *public))}
    return {*public, *loaders(), *own}


def loaders() -> Iterator[Path]:
    """The program that loads libraries: without it, no program can be started."""
    for folder in ("/lib64", "/lib"):
        yield from Path(folder).resolve().glob("ld-linux*.so.*")
