"""Makes the probe say ValueError for every call that should have been refused.

base: run_model.unknown_mode_key_error
checks: test_run_model_refuses_missing_sets
expected: 0 points
"""

from grader.exercises.run_model import probes

probes.exception_of = lambda function, *args, **kwargs: "ValueError"
