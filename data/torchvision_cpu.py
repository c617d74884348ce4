"""torchvision beside a torch it was not built for: the one place that makes `import torchvision` work there.

The torchvision of the usual package registry is built for CUDA.  Beside a CPU-only torch its compiled operators can't
be loaded, and its import then fails with "operator torchvision::nms does not exist", although data sets and transforms
need none of them.  Declaring the two operators that the import wants to describe is enough (seen with torch 2.13.0 and
torchvision 0.28.0).
"""

import importlib
from types import ModuleType
from typing import Any

OPERATORS = ("nms", "qnms")  # non-maximum suppression, plain and quantised
SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

_declared: list[object] = []  # a declaration lasts as long as the Library object that made it


def import_torchvision() -> ModuleType:
    """The module torchvision, with `.datasets` and `.transforms` ready; about 1 s the first time.

    Beside a matching pair of torch and torchvision this is a plain import and declares nothing.  Elsewhere everything
    but torchvision's compiled operators works.  Raises ImportError where torchvision is not installed.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
    _declare_operators()
    return importlib.import_module("torchvision")


def _declare_operators() -> None:
    import torch  # here, because importing this module should cost nothing

    new_library: Any = torch.library.Library  # torch has no type hints for it
    library = new_library("torchvision", "FRAGMENT")
    for name in OPERATORS:
        if not hasattr(torch.ops.torchvision, name):
            library.define(name + SIGNATURE)
    _declared.append(library)
