"""Makes the recorder remember that no gradients were recorded.

base: evaluate.gradients_recorded
checks: test_evaluate_leaves_the_model
expected: 0 points, "losses by call"
"""

from grader.exercises.run_model import instruments

true = instruments.Pass
instruments.Pass = lambda training, gradients, ids: true(training, False, ids)
