"""The packages that workers see: those of requirements.txt, whatever else is installed.

So a file earns the same points on a student's machine, in the staff's environment and in
Gradescope's container.
"""

import re
import site
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from types import ModuleType

from grader.assignment import KIT

REQUIREMENTS = KIT / "requirements.txt"
NAME = re.compile(r"[\w.-]+")
OPTIONAL = re.compile(r"\bextra\s*==")  # marks what a package can use but does not need


def usual_name(name: str) -> str:
    """A package's name in one spelling: pip takes Jinja2 for jinja2, and a_b for a-b."""
    return re.sub(r"[-_.]+", "-", name).lower()


def first_name(requirement: str) -> str:
    """The package in a line like `colorama==0.4.6; sys_platform == "win32"`, or ""."""
    found = NAME.match(requirement)
    return usual_name(found[0]) if found else ""


@cache
def required_packages() -> frozenset[str]:
    """The packages of requirements.txt, and what they need here.

    A torch with CUDA needs packages that requirements.txt does not name.
    """
    known: set[str] = set()
    left = [first_name(line) for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines()]
    while left:
        name = left.pop()
        if name and name not in known:
            known.add(name)
            left += needs_of(name)
    return frozenset(known)


def needs_of(package: str) -> list[str]:
    with suppress(PackageNotFoundError):
        return [first_name(line) for line in requires(package) or () if not OPTIONAL.search(line)]
    return []


@cache
def other_modules() -> frozenset[str]:
    """The installed modules that come from none of the required packages."""
    required = required_packages()
    return frozenset(
        module
        for module, packages in packages_distributions().items()
        if required.isdisjoint(map(usual_name, packages))
    )


class RequiredFinder(PathFinder):
    """Finds modules as Python does, but none of the other packages'.

    A submission's own file with such a name is still found.
    """

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is None and fullname in other_modules():
            environment = site.getsitepackages()
            path = [folder for folder in sys.path if folder not in environment]
        return super().find_spec(fullname, path, target)


def hide_others() -> None:
    """Let this process import no package but the required ones."""
    sys.meta_path[:] = [RequiredFinder if finder is PathFinder else finder for finder in sys.meta_path]


def places_of(modules: Iterable[str]) -> list[Path]:
    """The folders and files of modules in the virtual environment."""
    environment = [folder for folder in site.getsitepackages() if Path(folder).is_relative_to(sys.prefix)]
    specs = [PathFinder.find_spec(module, environment) for module in modules]
    found = [spec.submodule_search_locations or [spec.origin or ""] for spec in specs if spec]
    return [Path(place) for places in found for place in places if place]
