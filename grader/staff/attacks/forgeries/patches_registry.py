"""Puts a probe of its own into the registry in place of the kit's.

base: evaluate.left_in_evaluation_mode
checks: test_evaluate_leaves_the_model or test_evaluate_restores_every_mode
expected: 0 points
"""

from dataclasses import replace

from grader.sandbox.probe import PROBES

true = PROBES["evaluate"]


def better(submission, **arguments):
    found = true.run(submission, **arguments)
    return found | {"modes changed": [], "when the model fails": {"raised": "RuntimeError", "modes changed": []}}


PROBES["evaluate"] = replace(true, run=better)
