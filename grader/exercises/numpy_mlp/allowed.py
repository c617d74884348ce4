"""What src/numpy_mlp.py may use: NumPy's public names, and those of Python that stay in it."""

import builtins
import types
from functools import cache
from types import ModuleType

import numpy as np

PARTS = ("char", "dtypes", "emath", "exceptions", "fft", "linalg", "polynomial", "random", "strings", "typing")
FILE_NAMES = """
    fromfile fromregex genfromtxt get_include info load loadtxt memmap save savetxt savez savez_compressed show_config
    show_runtime test"""
NOT_COMPUTING = frozenset(FILE_NAMES.split())  # NumPy's names that read or write files, or run something else
BUILTIN_NAMES = """
    Ellipsis False None NotImplemented True abs all any ascii bin bool bytearray bytes callable chr classmethod complex
    delattr dict divmod enumerate filter float format frozenset getattr hasattr hash hex id int isinstance issubclass iter
    len list map max min next object oct ord pow print property range repr reversed round set setattr slice sorted
    staticmethod str sum super tuple type zip __debug__ __doc__ __name__"""
EXCEPTIONS = {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)
}
BUILTINS = frozenset(BUILTIN_NAMES.split()) | EXCEPTIONS
DUNDERS = frozenset(["__call__", "__class__", "__doc__", "__init__", "__len__", "__name__", "__version__"])
HARMLESS_NAMES = """
    abc array bisect cmath collections copy csv dataclasses datetime decimal enum fractions functools heapq itertools json
    math numbers random statistics string struct time typing warnings"""
HARMLESS = frozenset(HARMLESS_NAMES.split())  # of Python's library: importing them costs the import check alone
# Objects from which frames, code and other modules can be reached.
INNER = (
    *(types.FrameType, types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType, types.TracebackType),
    types.CodeType,
)
# Of arrays and generators: two lead to ctypes and cffi, the others write files or import pickle.
OF_ARRAYS = frozenset(["ctypes", "cffi", "dump", "dumps", "tofile"])


@cache
def leading_out() -> frozenset[str]:
    """Names of attributes that lead out of an object."""
    inner = {name for kind in INNER for name in dir(kind) if "_" in name and not name.startswith("_")}
    return OF_ARRAYS | inner


@cache
def numpys_names(module: ModuleType = np) -> dict[str, ModuleType | None]:
    """The public names of NumPy, or of a part, each with the part that it names, if it does."""
    names: dict[str, ModuleType | None] = {}
    public = [*getattr(module, "__all__", ()), *(PARTS if module is np else ())]
    for name in public:
        if name not in NOT_COMPUTING and (name in vars(module) or name in PARTS):
            value = getattr(module, name, None)
            if not isinstance(value, ModuleType):
                names[name] = None
            elif module is not np or name in PARTS:
                names[name] = value
    return names
