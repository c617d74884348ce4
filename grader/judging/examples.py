"""Images that people know when they see them, for pictures of what networks make of them."""

import numpy as np

from data.digits import enlarge, read_digits
from data.drawn_dogs import draw_dog

SEED = 8
BREED = "dalmatian"


def example_digits(n: int) -> np.ndarray:
    """The first n offline digits, (n, 28, 28), float32 in [0, 1]."""
    originals, _ = read_digits("train")
    return enlarge(originals[:n], np.random.default_rng(SEED))


def example_dog() -> np.ndarray:
    """A drawn dog, (64, 64, 3), float32 in [0, 1]."""
    return (draw_dog(BREED, np.random.default_rng(SEED)) / 255).astype(np.float32)


def example_image(shape: tuple[int, ...]) -> np.ndarray:
    """A batch of one image of this shape: a digit, or a dog if it has colours."""
    if 3 not in shape:
        return example_digits(1).reshape(1, *shape)
    dog = example_dog()
    return np.ascontiguousarray(dog.transpose(2, 0, 1) if shape[0] == 3 else dog)[None]
