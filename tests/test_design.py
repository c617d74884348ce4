"""Visible checks of src/design.py (5)."""

import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.design.chain import count_parameters
from grader.exercises.design.questions import design_of, logits_of_layers, require_computed, require_layers
from grader.exercises.design.rules import BUDGETS
from grader.judging.compare import compare


@number("5.1")
@weight(2)
@pytest.mark.parametrize("name", BUDGETS)
def test_rules(check, name):
    """{name} is made of allowed layers only, keeps its budget, and ends in ten logits."""
    design = design_of(check, name, "rules")
    broken = design.broken_rules
    check.require(not broken, " ".join(rule.sentence for rule in broken))
    require_computed(check, design)


@number("5.2")
@weight(1)
@pytest.mark.parametrize("name", BUDGETS)
def test_computes_its_layers(check, name):
    """In evaluation mode {name} computes its layers in turn, for one image and for several."""
    design = design_of(check, name, "forward")
    require_layers(check, design)
    *logits, in_training = logits_of_layers(check, design)
    kept = design.registered >= count_parameters(design.chain)
    check.require(kept, f"{name} uses weights that are not among its parameters, or some of them twice.")
    sentence = f"{name}'s logits are not those of a network made of the layers that its forward calls."
    judged = {"logits": (logits, design.logits), "logits in training mode": (in_training, design.in_training)}
    for what, (expected, got) in judged.items():
        difference = compare(expected, got, (what,))
        check.require(difference is None, sentence, difference.sentence if difference else "")
