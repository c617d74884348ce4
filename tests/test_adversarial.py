"""Visible checks of src/adversarial.py (9)."""

from functools import partial

import numpy as np
import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.adversarial import probes
from grader.exercises.adversarial.questions import (
    FAR_WIDTHS,
    N_MODULES,
    TRACES,
    TRACES_RTOL,
    change_picture,
    far_call,
    grey_images,
    image_net,
    least_likely,
    normed_net,
    other_classes,
    predicted_classes,
    require_half_reached,
    share_reached,
    show_attack,
    traced_calls,
)
from grader.exercises.inputs import images


@number("9.1")
@weight(2)
@pytest.mark.timeout(20)
@pytest.mark.trains
def test_reaches_the_target(check, rng, thresholds):
    """adversarial_example reaches the target of nearly all images, each with its own target."""
    net = image_net(rng, *FAR_WIDTHS)
    call = far_call(rng, net, 20)
    returned = check.ask(probes.adversarial_images, net=net, calls=[call])["images"]
    show_attack(check, net, call, returned)
    least = thresholds("images that reach their target", "random nets")
    check.at_least(share_reached(net, [call], returned), least, "The percentage of images that reach their target")


@number("9.2")
@weight(1)
def test_one_step(agree, rng):
    """One step moves each pixel by step_size, along the sign of the gradient."""
    net, x = image_net(rng, 30, 10, 4), grey_images(rng, 3, 6, 5)
    step_size = float(rng.uniform(0.02, 0.1))
    call = dict(images=x, target_class=other_classes(rng, net, x), step_size=step_size, n_steps=1)
    agree(probes.adversarial_images, only=("images",), picture=partial(change_picture, [call]), net=net, calls=[call])


@number("9.3")
@weight(1)
def test_limits(agree, rng):
    """Every pixel stays in [0, 1] and within max_distance, and there are at most n_steps steps."""
    net, x = image_net(rng, 30, 24, 6), images(rng, 4, 6, 5)
    x[:, :3] = np.round(x[:, :3])  # black and white
    targets = least_likely(net, x)  # too far to be reached: when to stop is judged elsewhere
    few = dict(images=x, target_class=targets, max_distance=0.9, step_size=0.03, n_steps=4)
    near = dict(images=x, target_class=targets, max_distance=0.05, step_size=0.02, n_steps=6)
    calls = [few, near]
    agree(probes.adversarial_images, only=("images",), picture=partial(change_picture, calls), net=net, calls=calls)


@number("9.4")
@weight(1)
def test_stops_at_the_target(check, rng):
    """An image stops changing when it reaches its target, and never changes if it starts there."""
    net, x = image_net(rng, 30, 10, 4), images(rng, 5, 6, 5)
    targets = other_classes(rng, net, x)
    targets[:2] = predicted_classes(net, x)[:2]
    settings = dict(max_distance=0.3, step_size=0.02, n_steps=15)
    calls = [dict(images=x, target_class=targets, **settings), dict(images=x[:1], target_class=targets[:1], **settings)]
    returned = check.agree(probes.adversarial_images, only=("images",), net=net, calls=calls)["images"]
    untouched = np.array_equal(returned[0][:2], x[:2]) and np.array_equal(returned[1], x[:1])
    check.require(untouched, "adversarial_example changes images that already have their target.")


@number("9.5")
@weight(1)
def test_leaves_the_model(check, rng):
    """The model runs in evaluation mode; afterwards model and images are unchanged."""
    net = normed_net(rng, *FAR_WIDTHS)
    calls = traced_calls(rng, net, [{"modes": [mode] * N_MODULES} for mode in (True, False)])
    returned = check.agree(probes.adversarial_traces, only=TRACES, rtol=TRACES_RTOL, net=net, calls=calls)["images"]
    require_half_reached(check, net, calls, returned, only=("sums",))
