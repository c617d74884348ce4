"""Makes the probe say ValueError for every number, of which run_model takes wrong ones.

base: run_model.epochs_unchecked
checks: test_run_model_refuses_wrong_numbers
expected: 0 points
"""

from grader.exercises.run_model import probes

probes.exception_of = lambda *args, **kwargs: "ValueError"
