"""How the first step that differs between two networks is told."""

import pytest

from grader.judging.forward import AGAIN, MOST_STEPS, NOT_OWN, Shown, shown

EXPECTED = ["flatten", "Linear(784, 128)", "ReLU", "Linear(128, 64)", "ReLU", "Linear(64, 10)"]


def one_pass(steps, receives=(), raised=False, training=True, shape=(3, 28, 28)):
    sizes = [list(size) for size in receives] or [[3, 784]] * len(steps)
    return {"training": training, "shape": list(shape), "steps": steps, "receives": sizes, "raised": raised}


def sentence(steps, **options):
    return shown([one_pass(EXPECTED)], [one_pass(steps, **options)]).sentence


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([*EXPECTED[:2], *EXPECTED[3:]], "After Linear(784, 128): expected ReLU, found Linear(128, 64)."),
        ([*EXPECTED[:4], *EXPECTED[5:]], "After Linear(128, 64): expected ReLU, found Linear(64, 10)."),
        ([*EXPECTED, "softmax over axis 1"], "After Linear(64, 10): expected nothing more, found softmax over axis 1."),
        (EXPECTED[:5], "After the second ReLU: expected Linear(64, 10), found nothing more."),
        (["flatten", "Linear(784, 64)"], "After flatten: expected Linear(784, 128), found Linear(784, 64)."),
        (EXPECTED[1:], "The input is never flattened: Linear(784, 128) receives rows of 784 numbers."),
        (["flatten", "Linear(784, 128)" + NOT_OWN], "Linear(784, 128) is not one of the network's own layers."),
        ([*EXPECTED[:5], EXPECTED[3] + AGAIN], "expected Linear(64, 10), found Linear(128, 64) (again)."),
        (["reshape to (84, 28)"], "found reshape to (84, 28).  The batch has 3 examples; this step makes 84 of them."),
        (["view(1, 784)"], "found view(1, 784).  The batch has 3 examples; this step makes 1 of them."),
        (["reshape to (N, 3, 28)"], "As the first step: expected flatten, found reshape to (N, 3, 28)."),
        (EXPECTED, ""),
        ([], ""),
    ],
)
def test_the_first_step_that_differs_is_told(steps, told):
    assert told in sentence(steps)
    assert bool(told) == bool(sentence(steps))


def test_a_step_that_raises_is_told_by_what_it_receives():
    assert sentence(["Linear(784, 128)"], receives=[(3, 28, 28)], raised=True) == (
        "The input is never flattened: Linear(784, 128) receives rows of 28 numbers."
    )
    maps = ["Conv2d(1, 4, 3x3)", "Linear(784, 128)"]
    wanted, got = one_pass(["Conv2d(1, 4, 3x3)", "flatten"]), one_pass(maps, [(3, 1, 9, 9), (3, 4, 7, 1)], raised=True)
    assert (
        shown([wanted], [got]).sentence == "The maps are never flattened: Linear(784, 128) receives rows of 1 number."
    )


def test_a_difference_in_one_mode_or_for_one_shape_says_so():
    dropout = [*EXPECTED[:5], "Dropout(0.5)", EXPECTED[5]]
    expected = [one_pass(EXPECTED, training=training) for training in (True, False)]
    found = [one_pass(dropout), one_pass(EXPECTED, training=False)]
    assert shown(expected, found).sentence.startswith(
        "In training mode, after the second ReLU: expected Linear(64, 10)"
    )
    shapes = [(3, 28, 28), (3, 784)]
    expected = [one_pass(EXPECTED, shape=shape) for shape in shapes]
    found = [one_pass(EXPECTED, shape=shapes[0]), one_pass(dropout, shape=shapes[1])]
    assert shown(expected, found).sentence.startswith("For an input of shape (3, 784), after the second ReLU: expected")


def test_the_table_shows_what_is_around_a_difference():
    convolutions = [f"Conv2d({n}, {n}, 3x3)" for n in range(8)]
    table = shown([one_pass(convolutions)], [one_pass([*convolutions[:4], *convolutions[5:]])], (1000, 90)).table
    assert [line.split()[-1] for line in table.splitlines()[2:]].count("...") == 1
    assert "! (missing)" in table
    assert "1,000 parameters" in table and "! 90 parameters" in table
    stopped = shown([one_pass(EXPECTED)], [one_pass(EXPECTED[1:2], raised=True)]).table
    assert "! (missing)" in stopped and stopped.endswith("<- raises")


@pytest.mark.parametrize(
    "forged",
    [
        None,
        7,
        [None, []],
        [{"training": 1}],
        [one_pass(["\x1b[2J"])],
        [one_pass(["x" * 1000])],
        [one_pass(["ReLU"] * (MOST_STEPS + 1))],
        [one_pass(["ReLU"], receives=[["a"]])],
        [one_pass([["ReLU"]])],
    ],
    ids=str,
)
def test_what_is_no_record_shows_nothing(forged):
    assert shown([one_pass(EXPECTED)], forged) == Shown()


def test_a_step_that_is_missing_has_the_only_line_with_a_mark():
    table = shown([one_pass(EXPECTED)], [one_pass([*EXPECTED[:2], *EXPECTED[3:]])]).table
    marked = [line.split() for line in table.splitlines() if "!" in line]
    assert marked == [["ReLU", "!", "(missing)"]]
