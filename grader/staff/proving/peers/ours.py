"""Runs this kit's checks on one submission of the comparison, as a run of a batch.

python -m grader.staff.proving.peers.ours SUBMISSION RESULTS --while-open --server=N
"""

import sys
from pathlib import Path

from grader.assignment import KIT
from grader.judging.settings import Settings
from grader.plugin import run_checks
from grader.staff.grading.grade_one import run_of_a_batch

CHECKS = (  # those that ask what questions.py asks
    "train_epoch_even_batches or train_epoch_uneven or train_epoch_weights or train_epoch_figures or "
    "train_epoch_training_mode or evaluate_even or evaluate_uneven or evaluate_evaluation_mode or evaluate_leaves"
)


def main(submission: str, results: str, *options: str) -> int:
    with run_of_a_batch(options) as waiting:
        settings = Settings(Path(submission), waiting=waiting)
        return run_checks(settings, [KIT / "tests" / "test_run_model.py"], "-q", "-k", CHECKS, f"--results={results}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
