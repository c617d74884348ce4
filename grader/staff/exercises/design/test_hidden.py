"""Hidden checks of src/design.py: how well the networks learn if the grader trains them."""

import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.design.chain import count_parameters
from grader.exercises.design.questions import design_of, require_rules
from grader.exercises.layers import to_plain
from grader.judging.data import data_dir
from grader.staff.exercises.design import probes as hidden_probes

DOCUMENTS = {"narrow_mlp": 97.61, "two_layer_mlp": 98.21, "deep_mlp": 98.42, "budget_cnn": 98.63}


def learns_digits(check, rng, thresholds, name):
    """Train the network by the grader's recipe, and compare its accuracy with its threshold.

    It also shows the accuracy.
    """
    full, documents = check.full, DOCUMENTS[name]
    design = design_of(check, name, "remarks")
    require_rules(check, design)
    too_long = f"The grader could not train {name} within {check.cpu_s:.0f} seconds of CPU time and its memory: make it smaller."
    training = {"chain": to_plain(design.chain), "data_dir": data_dir(), "full": full}
    reached = check.ask_staff(hidden_probes.trained_design, too_long, seed=int(rng.integers(2**31)), **training)
    check.show(f"{name}: accuracy in %", reached, documents=documents if full else None, order="desc")
    check.show(f"{name}: parameters", count_parameters(design.chain), order="asc")  # a worker may claim any number
    check.at_least(reached, thresholds(f"{name}'s accuracy", check.data), f"{name}'s accuracy on test images")


@number("5.3")
@weight(2)
@pytest.mark.timeout(15)
@pytest.mark.full(1200)
@pytest.mark.trains
def test_narrow_mlp_learns(check, rng, thresholds):
    """narrow_mlp learns to tell handwritten digits when the grader builds and trains it."""
    learns_digits(check, rng, thresholds, "narrow_mlp")


@number("5.4")
@weight(2)
@pytest.mark.timeout(15)
@pytest.mark.full(1200)
@pytest.mark.trains
def test_two_layer_mlp_learns(check, rng, thresholds):
    """two_layer_mlp learns to tell handwritten digits when the grader builds and trains it."""
    learns_digits(check, rng, thresholds, "two_layer_mlp")


@number("5.5")
@weight(2)
@pytest.mark.timeout(15)
@pytest.mark.full(1200)
@pytest.mark.trains
def test_deep_mlp_learns(check, rng, thresholds):
    """deep_mlp learns to tell handwritten digits when the grader builds and trains it."""
    learns_digits(check, rng, thresholds, "deep_mlp")


@number("5.6")
@weight(2)
@pytest.mark.timeout(25)
@pytest.mark.full(3600)
@pytest.mark.trains
def test_budget_cnn_learns(check, rng, thresholds):
    """budget_cnn learns to tell handwritten digits when the grader builds and trains it."""
    learns_digits(check, rng, thresholds, "budget_cnn")
