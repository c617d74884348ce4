"""Follows the gradient from a black image, as far as it likes: the right classes, but not of images anywhere near.

on: adversarial
base: adversarial_example.no_distance
checks: test_reaches or test_fools or test_limits
expected: 0 points
"""

near = adversarial_example


def adversarial_example(model, images, target_class, max_distance=0.3, step_size=0.02, n_steps=100):
    return near(model, torch.zeros_like(images), target_class, 1.0, step_size, n_steps)
