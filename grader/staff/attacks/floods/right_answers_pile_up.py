import numpy as np

import grader.exercises.run_model.evaluations
import grader.exercises.run_model.probes
from grader.exercises.returned import figures

SIZE = 7 * 2**20


def with_ballast(*arguments):
    return figures(*arguments) | {"ballast": np.zeros(SIZE, np.uint8)}


grader.exercises.run_model.probes.figures = with_ballast
grader.exercises.run_model.evaluations.figures = with_ballast
