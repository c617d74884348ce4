"""Visible checks of src/NAME.py (GROUP)."""

from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.probes import call_function


@number("GROUP.1")
@weight(2)
def test_NAME_average(agree, rng):
    """NAME_average gives the corrected average at each value."""
    cases = [(1, 0.5), (4, 0.9), (9, rng.uniform(0.1, 0.8))]
    calls = [{"values": rng.normal(3, 1, size), "decay": decay} for size, decay in cases]
    agree(call_function, exercise="NAME", function="NAME_average", calls=calls)
