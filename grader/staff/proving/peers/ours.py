"""Runs this kit's checks on one submission of the comparison, as a run of a batch.

python -m grader.staff.proving.peers.ours SUBMISSION RESULTS --server=N
"""

import sys
import threading
from pathlib import Path

from grader.assignment import KIT
from grader.judging.settings import Settings
from grader.plugin import run_checks
from grader.sandbox.leftovers import adopt_orphans
from grader.staff.grading.grade_one import stop_at_end_of_input, wait_for_children, waiting_server

CHECKS = (  # those that ask what questions.py asks
    "train_epoch_even_batches or train_epoch_uneven or train_epoch_weights or train_epoch_figures or "
    "train_epoch_training_mode or evaluate_even or evaluate_uneven or evaluate_evaluation_mode or evaluate_leaves"
)


def main(submission: str, results: str, *options: str) -> int:
    adopt_orphans()
    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    settings = Settings(Path(submission), waiting=waiting_server(options))
    try:
        return run_checks(settings, [KIT / "tests" / "test_run_model.py"], "-q", "-k", CHECKS, f"--results={results}")
    finally:
        wait_for_children()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
