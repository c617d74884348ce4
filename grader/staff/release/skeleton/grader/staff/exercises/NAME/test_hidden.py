"""Hidden checks of src/NAME.py."""

from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.probes import call_function


@number("GROUP.2")
@weight(1)
def test_NAME_average_arguments(agree, rng):
    """NAME_average takes integers and a decay of 0, and raises ValueError for a wrong decay."""
    integers = rng.integers(-9, 10, 6)
    edges = [{"values": integers, "decay": decay} for decay in (0, 1, 1.5, -0.5)]
    agree(call_function, exercise="NAME", function="NAME_average", calls=edges)
