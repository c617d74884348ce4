"""Makes frameworks impossible to import while the code of src/numpy_mlp.py runs in a worker."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from types import ModuleType

# Packages that compute gradients or train models, and those that import one of them.
FRAMEWORKS = frozenset([
    "torch", "torchvision", "torchaudio", "functorch", "tensorflow", "keras", "jax", "jaxlib", "flax",
    "scipy", "sklearn", "autograd", "cupy", "numba", "theano", "mxnet", "paddle", "tinygrad", "chainer",
    "pandas", "statsmodels", "xgboost", "lightgbm",
])  # fmt: skip


class Refusing(MetaPathFinder):
    """Refuses the import of frameworks."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if is_framework(fullname):
            raise ImportError(f"{fullname} can't be imported here: write this exercise with NumPy alone.")


def is_framework(module: str) -> bool:
    return module.partition(".")[0] in FRAMEWORKS


@contextmanager
def no_frameworks() -> Iterator[None]:
    """Inside, frameworks can't be imported; afterwards they can, for workers that live on."""
    hidden = {name: module for name, module in sys.modules.items() if is_framework(name)}
    refusing = Refusing()
    for name in hidden:
        del sys.modules[name]
    sys.meta_path.insert(0, refusing)
    try:
        yield
    finally:
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not refusing]
        for name in filter(is_framework, list(sys.modules)):
            del sys.modules[name]
        sys.modules.update(hidden)
