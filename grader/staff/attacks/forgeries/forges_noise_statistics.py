"""Has the statistics of corrupted images, as the worker takes them, be those of the true noise, while corrupt does nothing.

on: autoencoder
base: reference
checks: test_corrupt or test_several_kinds_of_noise or test_noise_comes_from_the_generator
expected: 0 points
"""

import sys

true_corrupt, wanted = corrupt, []


def corrupt(images, kind, amount, generator):
    wanted.append(true_corrupt(images, kind, amount, generator))
    return images.copy()


for name, module in list(sys.modules.items()):
    if hasattr(module, "noise_statistics"):
        true_statistics = module.noise_statistics
        module.noise_statistics = lambda clean, noisy: true_statistics(clean, wanted.pop(0))
