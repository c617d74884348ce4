"""Hidden checks of src/adversarial.py (9)."""

import math
from typing import Any

import numpy as np
import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.adversarial import probes
from grader.exercises.adversarial.questions import (
    FAR_WIDTHS,
    N_MODULES,
    TRACES,
    TRACES_RTOL,
    far_call,
    grey_images,
    image_net,
    normed_net,
    other_classes,
    require_half_reached,
    share_reached,
    traced_calls,
)
from grader.exercises.inputs import images
from grader.exercises.models.questions import weight_seed
from grader.judging.data import data_name
from grader.staff.exercises.adversarial import probes as hidden_probes


def convolutional(rng: np.random.Generator) -> dict[str, Any]:
    """A net for images (N, 1, 28, 28): three 5x5 kernels, a stride of 3, then four classes."""
    kernels = rng.uniform(-0.5, 0.5, (3, 1, 5, 5)), rng.uniform(-0.5, 0.5, 3)
    linear = rng.uniform(-0.15, 0.15, (4, 3 * 8 * 8)), rng.uniform(-0.5, 0.5, 4)
    return {"weights": [array.astype(np.float32) for array in (*kernels, *linear)]}


@number("9.6")
@weight(1)
def test_batches_shapes_and_dtypes(agree, rng):
    """adversarial_example treats images one by one, of any shape and dtype; it has its defaults."""
    flat, x = image_net(rng, 30, 10, 4), images(rng, 4, 30)
    targets = [int(target) for target in other_classes(rng, flat, x)]
    alone = [dict(images=x[i : i + 1], target_class=targets[i], n_steps=5) for i in range(4)]
    ways = [dict(images=x, target_class=given, n_steps=5) for given in (targets, np.array(targets), targets[0])]
    for dtype in ("float32", "float64"):
        agree(probes.adversarial_images, only=("images",), net=flat | {"dtype": dtype}, calls=[*alone, *ways])
    pictures = dict(images=images(rng, 2, 1, 28, 28), target_class=int(rng.integers(4)), n_steps=2)
    agree(probes.adversarial_images, only=("images",), net=convolutional(rng), calls=[pictures])
    agree(probes.adversarial_images, only=("images",), **defaults_call(rng))


def defaults_call(rng: np.random.Generator) -> dict[str, Any]:
    """Calls with the default settings, for a target that a linear net can't be made to predict."""
    net, x, target = image_net(rng, 30, 4), grey_images(rng, 2, 30), int(rng.integers(4))
    net["weights"][-1][target] -= 50
    return {"net": net, "calls": [{"images": x, "target_class": target} | more for more in ({}, {"step_size": 0.001})]}


@number("9.7")
@weight(1)
@pytest.mark.timeout(60)
@pytest.mark.trains
def test_fools_a_trained_net(check, rng, thresholds):
    """adversarial_example fools a network trained on digits, with small and with large steps."""
    digits = check.digits(examples_per_class=60, fraction=0.8, seed=int(rng.integers(2**31)))
    (x, y), (x_test, _) = digits["train"], digits["test"]
    training = dict(x=x, y=y, weights=image_net(rng, 784, 64, 10)["weights"], n_epochs=5)
    net = check.expect(hidden_probes.net_trained_on_digits, **training)
    x = x_test[rng.permutation(len(x_test))[:30]]
    settings = [dict(max_distance=0.3, step_size=0.01), dict(max_distance=0.25, step_size=0.1)]
    calls = [dict(images=x, target_class=other_classes(rng, net, x), n_steps=100) | given for given in settings]
    returned = check.ask(probes.adversarial_images, net=net, calls=calls)["images"]
    share = share_reached(net, calls, returned)
    check.show("Adversarial digits that reach their target (%)", share)
    least = thresholds("digits that reach their target", data_name())
    check.at_least(share, least, "The percentage of digits that reach their target")


@number("9.8")
@weight(1)
def test_leaves_all_kinds_of_models(check, rng):
    """Gradients, frozen parameters and modes are unchanged, even if the model raises an error."""
    model = normed_net(rng, *FAR_WIDTHS)
    states = [{}, {"seed": weight_seed(rng)}, {"recording": False}, {"seed": weight_seed(rng), "fails": True}]
    modes = [[bool(drawn) for drawn in rng.integers(0, 2, N_MODULES)] for _ in states]
    calls = traced_calls(rng, model, [state | {"modes": own} for state, own in zip(states, modes, strict=True)])
    returned = check.agree(probes.adversarial_traces, only=TRACES, rtol=TRACES_RTOL, net=model, calls=calls)["images"]
    answered = [i for i, call in enumerate(calls) if "fails" not in call["state"]]
    require_half_reached(check, model, [calls[i] for i in answered], [returned[i] for i in answered], only=("sums",))


@number("9.9")
@weight(1)
def test_refuses_wrong_arguments(check, rng):
    """adversarial_example raises ValueError for wrong arguments, and restores the modes."""
    wide = image_net(rng, *FAR_WIDTHS)
    rights = [far_call(rng, wide, 3) for _ in range(2)]
    right, x = rights[0], rights[0]["images"]
    too_bright, too_dark, unknown = x.copy(), x.copy(), x.copy()
    too_bright[2, 7, 0], too_dark[1, 3, 9], unknown[0, 5, 4] = 1.01, -0.01, math.nan
    changes: list[dict[str, Any]] = [
        *({"images": wrong} for wrong in (too_bright, too_dark, unknown)),
        *({"target_class": wrong} for wrong in ([0, 1], [0, 1, 2, 3], [0, -1, 2], -1, 10, 12, [1, 2, 10])),
        *({"max_distance": wrong} for wrong in (0.0, -0.1, math.nan)),
        *({"step_size": wrong} for wrong in (0.0, -0.02, math.nan)),
        *({"n_steps": wrong} for wrong in (0, -1)),
        *({}, {"n_steps": 1}, {"max_distance": 2.0}, {"step_size": 0.5}, {"target_class": 3}),  # these are right
    ]
    wrong = [right | changes[i] for i in rng.permutation(len(changes))]
    got = check.agree(probes.adversarial_images, only=("raised", "modes"), net=wide, calls=rights, wrong=wrong)
    require_half_reached(check, wide, rights, got["images"], only=("images",))
