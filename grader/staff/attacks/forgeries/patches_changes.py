"""Makes the probe's comparison of before and after find nothing, so that evaluate may leave the model as it likes.

base: evaluate.left_in_evaluation_mode
checks: test_evaluate_leaves_the_model or test_evaluate_restores_every_mode
expected: 0 points, "modes by call"
"""

from grader.exercises.run_model import instruments

instruments.changes = lambda before, after: []
