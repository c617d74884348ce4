"""What a submission can be asked: a module of probes for each exercise, and `common` for what belongs to none.

A probe takes a submission and plain inputs, calls the submission's code in a worker, and returns plain data, never a verdict.  The trusted
side imports these modules too, to name probes, so they must not import torch when they are imported; `instruments` may.
"""

import importlib
import pkgutil

for module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(module.name)  # registers its probes
