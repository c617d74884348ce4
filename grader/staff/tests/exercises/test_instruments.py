"""What probes of several exercises use."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from grader.assignment import KIT, STAFF_EXERCISES
from grader.exercises import instruments
from grader.judging.opening import probe_modules
from grader.sandbox.probe import lazy
from grader.staff.tests.conftest import run

EXERCISES = KIT / "grader" / "exercises"


class Net(nn.Sequential):
    """Linear and dropout, each in a mode of its own."""

    def __init__(self):
        super().__init__(nn.Linear(3, 2), nn.Dropout())
        self.train()[0].eval()


def modes(model):
    return [module.training for module in model.modules()]


def test_layers_in_call_order_leaves_every_submodule_its_own_mode():
    net = Net()
    assert list(instruments.layers_in_call_order(net, torch.zeros(1, 3))) == [net[0]]
    assert modes(net) == [True, False, True]


def test_output_with_states_is_in_evaluation_mode_and_leaves_every_submodule_its_own_mode():
    net, x = Net(), np.ones((4, 3), np.float32)
    state = [[np.ones((2, 3), np.float32), np.zeros(2, np.float32)]]
    assert (instruments.output_with_states(net, x, state) == 3).all()
    assert modes(net) == [True, False, True]


def test_modes_come_back_when_the_model_fails():
    net = Net()
    with pytest.raises(RuntimeError), instruments.evaluating(net):
        assert modes(net) == [False, False, False]
        raise RuntimeError
    assert modes(net) == [True, False, True]


def test_a_lazy_module_is_imported_when_it_is_used():
    math = lazy("math")
    assert math.floor(2.5) == 2
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        lazy("no_such_module").name()


def test_the_trusted_side_imports_probes_without_torch():
    names = [f"grader.{file.parent.parent.name}.{file.parent.name}.probes" for file in EXERCISES.glob("*/probes.py")]
    names += [f"grader.staff.exercises.{file.parent.name}.probes" for file in STAFF_EXERCISES.glob("*/probes.py")]
    program = f"import sys, {', '.join(names)}\nprint('torch' in sys.modules)"
    assert len(names) > len(list(EXERCISES.glob("*/probes.py"))) > 0
    assert run("-c", program).stdout.strip() == "False"


@pytest.mark.parametrize("exercise", [file.parent.name for file in sorted(EXERCISES.glob("*/probes.py"))])
def test_what_probes_import_when_they_are_used_is_there_before_workers_are_sandboxed(exercise):
    text = (EXERCISES / exercise / "probes.py").read_text(encoding="utf-8")
    used = re.findall(r'lazy\("(grader[\w.]+)"\)', text)
    assert {f"grader.exercises.{exercise}.probes", *used} <= {*probe_modules([exercise])}
