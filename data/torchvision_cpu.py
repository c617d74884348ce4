"""Makes `import torchvision` work beside a torch that it was not built for.

The torchvision on PyPI is built for CUDA. Beside a torch for CPUs its compiled operators can't be
loaded, and its import fails with "operator torchvision::nms does not exist", although data sets and
transforms need none of them. It is enough to declare the two operators that the import describes
(tried with torch 2.13.0 and torchvision 0.28.0).
"""

import importlib
from types import ModuleType
from typing import Any

OPERATORS = ("nms", "qnms")  # non-maximum suppression, plain and quantised
SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

_declared: list[object] = []  # a declaration ends with the Library object that made it


def import_torchvision() -> ModuleType:
    """Import torchvision, with `.datasets` and `.transforms`. The first time takes about 1 s.

    If torch and torchvision match, this is a plain import. If they do not, everything works except
    torchvision's compiled operators.

    Returns:
        The module.

    Raises:
        ImportError: if torchvision is not installed.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
    declare_operators()
    return importlib.import_module("torchvision")


def declare_operators() -> None:
    """Declare the compiled operators that torchvision's import describes."""
    import torch  # here, so that importing this module is cheap

    new_library: Any = torch.library.Library  # torch has no type hints for it
    library = new_library("torchvision", "FRAGMENT")
    for name in OPERATORS:
        if not hasattr(torch.ops.torchvision, name):
            library.define(name + SIGNATURE)
    _declared.append(library)
