"""`grader map`: show which package imports which.

The packages are in the order of the layers that pyproject.toml gives to import-linter.
"""

import argparse
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field

import grimp

from grader.assignment import KIT, STAFF

HELP = (
    "Prints which package imports which, from the imports in the code, with the packages in the order of the layers: "
    "imports must point down.  Writes the same into grader/staff/docs/MAINTAINERS.md.  Exit status: 0, or 1 if an "
    "import points up."
)
EXAMPLE = "grader map"
PAGE = STAFF / "docs" / "MAINTAINERS.md"
BEGIN, END = "<!-- map -->", "<!-- /map -->"
ROOTS = ("grader", "data", "src")
Layers = list[list[str]]  # from top to bottom; those in one list are independent of each other


@dataclass
class Map:
    """The packages from top to bottom, what each imports, and the imports that point up.

    Such an import is a pair: the importing module and the imported one.
    """

    imports: dict[str, set[str]]
    upwards: list[tuple[str, str]] = field(default_factory=list)

    def lines(self) -> list[str]:
        """A line for each package, and one for each import that points up."""
        order = list(self.imports)
        rows = [
            (short(name), ", ".join(short(other) for other in order if other in self.imports[name])) for name in order
        ]
        width = max(len(name) for name, _ in rows)
        wrong = [f"WRONG, points up: {importer} imports {imported}" for importer, imported in self.upwards]
        return [*(f"{name:<{width}}  -> {others}" if others else name for name, others in rows), *wrong]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: it always looks at the whole kit."""


def main(options: argparse.Namespace) -> int:
    found = draw_map(read_layers(), read_imports())
    print("\n".join(found.lines()))
    write_page(found)
    return 1 if found.upwards else 0


def read_layers() -> Layers:
    """The layers in import-linter's contracts.

    The layers inside a package stand in that package's place.
    """
    settings = tomllib.loads((KIT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = [contract for contract in settings["tool"]["importlinter"]["contracts"] if contract["type"] == "layers"]
    whole, *inner = [[layer.split(" | ") for layer in contract["layers"]] for contract in contracts]
    for layers in inner:
        package = layers[0][0].rpartition(".")[0]
        place = whole.index([package])
        whole[place : place + 1] = layers
    return whole


def read_imports() -> list[tuple[str, str]]:
    """Every import of one of the kit's modules by another: the importing and the imported one."""
    graph = grimp.build_graph(*ROOTS)
    return sorted(
        (module, imported) for module in graph.modules for imported in graph.find_modules_directly_imported_by(module)
    )


def draw_map(layers: Layers, imports: Iterable[tuple[str, str]]) -> Map:
    """The map of these imports.

    A module belongs to the package in the layers with the longest name that fits.
    """
    depth = {package: place for place, layer in enumerate(layers) for package in layer}
    drawn = Map({package: set() for package in depth})
    for importer, imported in imports:
        above, below = package_of(importer, depth), package_of(imported, depth)
        if above and below and above != below:
            drawn.imports[above].add(below)
            if depth[above] >= depth[below]:
                drawn.upwards.append((importer, imported))
    return drawn


def package_of(module: str, packages: Iterable[str]) -> str:
    """The package that a module is in, or ""."""
    return max((name for name in packages if f"{module}.".startswith(f"{name}.")), key=len, default="")


def short(package: str) -> str:
    return package.removeprefix("grader.")


def write_page(found: Map) -> None:
    """Put the map between the two marks in the maintainers' page. Make a missing page."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else f"{BEGIN}\n{END}\n"
    block = "\n".join([BEGIN, "```text", *found.lines(), "```", END])
    PAGE.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: block, text, flags=re.DOTALL), encoding="utf-8")
