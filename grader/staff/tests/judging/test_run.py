"""What a run does with what a submission prints."""

from pathlib import Path

from grader.judging.run import without_folders


def test_what_was_printed_shows_short_paths():
    output = (
        "/tmp/run/submission/src/models.py:3: UserWarning: first\n"
        "/home/ada/.venv/lib/python3.11/site-packages/torch/nn/modules/linear.py:124: UserWarning: second\n"
        '  File "C:\\kit\\site-packages\\numpy\\core.py", line 1\n'
        "site-packages are no path\n"
    )
    assert without_folders(output, Path("/tmp/run/submission")) == (
        "src/models.py:3: UserWarning: first\n"
        "torch/nn/modules/linear.py:124: UserWarning: second\n"
        '  File "numpy\\core.py", line 1\n'
        "site-packages are no path\n"
    )


def test_a_long_line_is_read_in_linear_time():
    assert len(without_folders("/" * 10**6, Path("/tmp/run"))) == 10**6
