"""Replaces the code objects of the kit's functions, wherever references to them are kept.

base: evaluate.left_in_evaluation_mode
checks: test_evaluate_leaves_the_model or test_evaluate_restores_every_mode
expected: 0 points
"""

import gc
import types


def nothing(*args, **kwargs):
    return []


gc.unfreeze()
for function in gc.get_objects():
    if (
        isinstance(function, types.FunctionType)
        and function.__module__ == "grader.exercises.run_model.instruments"
        and function.__name__ == "changes"
    ):
        function.__code__ = nothing.__code__
