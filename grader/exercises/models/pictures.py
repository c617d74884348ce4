"""Pictures of what networks learnt, and of how they start."""

from typing import Any

import numpy as np

from grader.judging.checks import Check
from grader.judging.compare import compare
from grader.judging.examples import example_image
from grader.judging.measure import are_logits
from grader.judging.picture import NotDrawn, Picture

MOST_WRONG = 10
FIRST_KERNELS = 10
MAPS_RTOL = 2e-3  # they are sent with half precision
NOT_LOGITS = "There is no picture: the trained network gives no logits."


def show_classifier(
    check: Check,
    weights: Any,
    logits: np.ndarray,
    names: np.ndarray,
    pixels: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
) -> None:
    """Show what a trained classifier of images x (N, H, W) confuses, and its first weights.

    It was trained with the labels names[y]; the pictures show the digits y themselves.  `pixels`
    says which of its inputs each pixel is.
    """
    check.draw(lambda: confusion(by_digit(logits, names), y))
    check.draw(lambda: most_wrong(by_digit(logits, names), x, y))
    check.draw(lambda: first_weights([weights[0][:, pixels]], x.shape[1:]))


def by_digit(logits: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Logits (N, classes) with the column of each digit at its own place."""
    if logits.shape[1:] != names.shape:
        raise NotDrawn(NOT_LOGITS)
    by_place: np.ndarray = logits[:, names]
    return by_place


def confusion(logits: Any, y: np.ndarray) -> Picture:
    """How many images of each class the network takes for which."""
    require_logits(logits, y)
    counts = np.zeros((logits.shape[1], logits.shape[1]))
    np.add.at(counts, (y, logits.argmax(axis=1)), 1)
    return Picture("confusion", "True and predicted classes of the test images", {"counts": counts})


def most_wrong(logits: Any, x: np.ndarray, y: np.ndarray) -> Picture | None:
    """The images whose true class has the lowest logit, compared with the predicted one."""
    require_logits(logits, y)
    gap = logits.max(axis=1) - logits[np.arange(len(y)), y]
    worst = [i for i in np.argsort(-gap)[:MOST_WRONG].tolist() if gap[i] > 0]
    if not worst:
        return None
    captions = [f"is {y[i]}\nsays {logits[i].argmax()}" for i in worst]
    alt = f"The {len(worst)} test images that the network is most wrong about, with true and predicted classes."
    rows = [("", x[worst], 0.0, 1.0)]
    return Picture(
        "images", "The images that the network is most wrong about", {"rows": rows, "captions": captions, "alt": alt}
    )


def first_weights(weights: Any, shape: tuple[int, ...]) -> Picture:
    """The weights of the first units, each as an image."""
    first = weights[0][:FIRST_KERNELS]
    images = first.reshape(len(first), *shape)
    reach = float(np.abs(images).max()) or 1.0
    alt = f"The weights of the first layer's first {len(first)} units as grey images, from {-reach:.2g} (black) to {reach:.2g} (white)."
    rows = [("", images, -reach, reach)]
    return Picture("images", "What the first units look for", {"rows": rows, "captions": [], "alt": alt})


def maps_picture(shape: tuple[int, ...], found: Any, expected: np.ndarray) -> Picture | None:
    """The first feature maps for an example image of this shape, unless they are as expected."""
    if not expected.size or compare(expected, found, rtol=MAPS_RTOL) is None:
        return None
    x = example_image(shape)[0]
    image = x if x.ndim == 2 else x.mean(axis=0 if shape[0] in (1, 3) else 2)
    low, high = float(expected.min()), float(expected.max())
    rows = [("image", image[None], 0.0, 1.0), ("expected", expected, low, high), ("yours", found, low, high)]
    sizes = [f"{'x'.join(map(str, maps.shape[1:]))} pixels" for maps in (expected, found)]
    alt = (
        f"An image, and below it the first {len(expected)} feature maps of the first convolution, with weights that "
        f"the kit chose: {sizes[0]} are expected, yours have {sizes[1]}. Black is {low:.2g}, white {high:.2g}."
    )
    return Picture("images", "The first feature maps of an image", {"rows": rows, "captions": [], "alt": alt})


def require_logits(logits: Any, y: np.ndarray) -> None:
    """Raise NotDrawn unless there is a row of finite logits for each label."""
    if not are_logits(logits, y) or not np.isfinite(logits).all() or not y.max() < logits.shape[1] <= 100:
        raise NotDrawn(NOT_LOGITS)
