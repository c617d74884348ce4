"""Makes `import torchvision` work in workers, beside a torch for CPUs too.

The course's own stub and many tutorials import its data sets and transforms.
data/torchvision_cpu.py tells what goes wrong and how it is repaired.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType


class Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        try:
            super().exec_module(module)
        except RuntimeError as error:
            if "operator torchvision::" not in str(error):
                raise
            from data.torchvision_cpu import declare_operators  # of the staged folder

            declare_operators()
            super().exec_module(module)


class Finder(MetaPathFinder):
    """Finds torchvision alone, where Python finds it."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == "torchvision" else None
        if spec is not None and spec.origin is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = Loader(fullname, spec.origin)
        return spec


def install() -> None:
    """Costs nothing until a submission imports torchvision."""
    if Finder not in sys.meta_path:
        sys.meta_path.insert(0, Finder)
