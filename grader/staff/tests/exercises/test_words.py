"""The words of probes and questions that a student reads in a failed check."""

import importlib

import pytest

from grader.assignment import KIT
from grader.exercises.run_model.questions import wrong_number_of_epochs
from grader.judging.sentences import is_sentence, is_wrong
from grader.sandbox.probe import PROBES


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        (36, ""),
        (12, "run_model trains for 1 epoch; with n_epochs=3 it should train for 3."),
        (48, "run_model trains for 4 epochs; with n_epochs=3 it should train for 3."),
        (35, "run_model trains on 35 examples; in 3 epochs of 12 examples it should train on 36."),
    ],
)
def test_training_on_the_wrong_number_of_examples_is_told_by_what_differs(seen, sentence):
    assert wrong_number_of_epochs(seen, 12, 3) == sentence


def test_labels_fit_into_sentences():
    for folder in ("grader/exercises", "grader/staff/exercises"):
        for file in sorted((KIT / folder).glob("*/probes.py")):
            importlib.import_module(".".join(file.relative_to(KIT).with_suffix("").parts))
    labels = {label for probe in PROBES.values() for label in probe.labels.values()}
    for label in labels:
        if is_sentence(label):
            assert label.startswith("{function}") and not label.endswith("."), label
        else:
            assert not label.startswith(("the ", "The ")), label
            assert is_wrong(label)
    assert len(labels) > 40
