"""What all tools grade: the reference, twelve mistakes, and eight attacks on stubs."""

from grader.judging.mutants import read_mutants, texts_with
from grader.judging.reference import read_solution

MISTAKES = (
    "train_epoch.never_cleared",
    "train_epoch.fraction",
    "train_epoch.loss_averages_batches",
    "train_epoch.no_training_mode",
    "train_epoch.batch_means_summed",
    "train_epoch.loss_summed",
    "evaluate.fraction",
    "evaluate.averages_batches",
    "evaluate.no_evaluation_mode",
    "evaluate.left_in_evaluation_mode",
    "evaluate.left_in_training_mode",
    "evaluate.loss_summed",
)
RETURNS = """

def train_epoch(model, data_loader, optimizer, device="cpu"):
    return {answer}


def evaluate(model, data_loader, device="cpu"):
    return {answer}
"""
REFERENCE = "sys.modules.get('reference') or __import__('reference')"
# What is put in place of a submission: none of these trains or evaluates anything.
ATTACKS = {
    "exits at once": "import os\nos._exit(0)\n",
    "never ends": "def train_epoch(*arguments, **named):\n    while True:\n        pass\nevaluate = train_epoch\n",
    "makes assertions pass": "import numpy.testing\nnumpy.testing.assert_allclose = lambda *arguments, **named: None\n"
    + RETURNS.format(answer="0.0, 0.0"),
    "takes the reference's functions": "import sys, importlib\n"
    f"reference = {REFERENCE}\ntrain_epoch, evaluate = reference.train_epoch, reference.evaluate\n",
    "replaces the reference's functions": "import sys\n"
    + RETURNS.format(answer="0.0, 0.0")
    + f"reference = {REFERENCE}\nreference.train_epoch, reference.evaluate = train_epoch, evaluate\n",
    "empties the list of questions": "import sys\n"
    + RETURNS.format(answer="0.0, 0.0")
    + "import questions\nquestions.QUESTIONS = {name: lambda *functions: {} for name in questions.QUESTIONS}\n",
    "makes failures successes": "import unittest\n"
    "unittest.TestCase.run = lambda self, result=None: (result.startTest(self), result.addSuccess(self), "
    "result.stopTest(self))[0]\n" + RETURNS.format(answer="0.0, 0.0"),
    "exits with success when asked": "import os\n" + RETURNS.format(answer="os._exit(0)"),
}


def texts() -> dict[str, dict[str, str]]:
    """The text of run_model.py of each submission, by kind and by name."""
    mutants = {mutant.name: mutant for mutant in read_mutants()}
    return {
        "reference": {"reference": read_solution("run_model")},
        "mistakes": {name: texts_with((mutants[name],), read_solution)["run_model"] for name in MISTAKES},
        "attacks": ATTACKS,
    }
