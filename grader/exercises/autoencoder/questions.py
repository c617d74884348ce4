"""Inputs and questions that several checks of autoencoder share, visible and hidden ones."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.exercises.autoencoder import probes
from grader.exercises.inputs import images
from grader.exercises.models.questions import weight_seed
from grader.judging.checks import Check, Question
from grader.judging.compare import Difference, compare
from grader.judging.examples import example_digits
from grader.judging.measure import noise_statistics
from grader.judging.picture import Look, Picture

CHANCE = 0.1  # how much statistics of 50,000 pixels may differ: over six standard deviations of each
FACTS = {  # what a difference in a fact of probes.corrupt_again means
    "the array it was given": "corrupt changes the given images.",
    "a second call with the same generator": "corrupt should draw new noise in a second call with the same generator.",
    "an equal generator": "corrupt should draw the same noise from a generator with the same seed.",
    "a generator with another seed": "corrupt should draw other noise from a generator with another seed.",
    "NumPy's global generator": "corrupt draws from NumPy's global generator; it should draw from the given one only.",
}
N_SHOWN = 6  # images of a picture
N_DIGITS = 3  # whose reconstructions are shown, and recorded
HALF_RTOL = 2e-3  # of what is sent with half precision
MADE_UP = "The images that corrupt returned do not fit the figures that it gave."


def explain_fact(difference: Difference) -> str:
    """The sentence about a fact of probes.corrupt_again, "" for another difference."""
    return FACTS.get(str(difference.place[-1]), "") if difference.place else ""


def signed_images(rng: np.random.Generator, n: int) -> np.ndarray:
    """Random images (n, 1, 28, 28) in [-1, 1)."""
    return np.asarray(2 * images(rng, n, 1, 28, 28) - 1)


def contrasting_images(rng: np.random.Generator, n: int = 64) -> np.ndarray:
    """Random images (n, 1, 28, 28): 30 % of the pixels are black, -1, and 10 % are white, 1."""
    drawn = rng.random((n, 1, 28, 28))
    return np.where(drawn < 0.3, -1, np.where(drawn < 0.4, 1, signed_images(rng, n))).astype(np.float32)


def numbered_images(rng: np.random.Generator, n: int) -> np.ndarray:
    """Random images (n, 1, 28, 28) in [-1, 1); the first pixel of each is its id."""
    x = signed_images(rng, n)
    x[:, 0, 0, 0] = (rng.permutation(n) + 1) / (n + 1)
    return x


def training_arguments(rng: np.random.Generator, n: int, **settings: Any) -> dict[str, Any]:
    """The arguments of probes.train_autoencoder: `n` images, weights and settings."""
    return {"images": numbered_images(rng, n), "seed": weight_seed(rng), "settings": settings}


def needs_two_steps(rng: np.random.Generator) -> list[Question]:
    """Before a training of many steps is judged: the weights after two steps."""
    arguments = training_arguments(rng, 6, n_epochs=2, batch_size=6, learning_rate=0.03)
    return [Question(probes.train_autoencoder, arguments, ("weights",))]


def needs_reconstruction(rng: np.random.Generator) -> list[Question]:
    """Before an Autoencoder's training is judged: its reconstruction of one image."""
    given = {"inputs": [signed_images(rng, 1)], "seed": weight_seed(rng)}
    return [Question(probes.autoencoder, given, ("reconstructions",))]


def needs_classifier_logits(rng: np.random.Generator) -> list[Question]:
    """Before an EncoderClassifier's training is judged: its logits, and what of it learns."""
    given = {"x": signed_images(rng, 2), "seed": weight_seed(rng)}
    return [Question(probes.encoder_classifier, given, ("logits", "gradients"))]


def judge_noise(check: Check, noise: list[Any], wrong: Sequence[dict[str, Any]] = ()) -> None:
    """Compare statistics of `corrupt` with the reference's, for each kind and amount of noise.

    A submission could forge the statistics in its worker, so they must be those of its images.
    """
    x = contrasting_images(check.rng)
    given: dict[str, Any] = {"images": x, "noise": noise, "seed": weight_seed(check.rng)}

    def seen(*_: Any) -> Picture | None:
        return corruptions(noise, x, check.run.ask_submission(check.call(probes.corrupt_images, given)).observation)

    claimed = check.agree(probes.corrupt, rtol=CHANCE, picture=seen, **given, wrong=wrong)["statistics"]
    returned = check.answer_to(check.note("images", probes.corrupt_images, given, only_here=True))
    for statistics, array in zip(claimed, returned, strict=True):
        is_so = array.shape == x.shape and compare(noise_statistics(x, array), statistics, rtol=CHANCE) is None
        check.require(is_so, MADE_UP)


def corruptions(noise: list[Any], x: np.ndarray, returned: Any) -> Picture | None:
    """The first images, and what corrupt makes of them."""
    if not isinstance(returned, list) or not returned or returned[0].shape != x.shape:
        return None
    kind, amount = noise[0]
    rows = [("given", x[:N_SHOWN, 0], -1.0, 1.0), ("yours", returned[0][:N_SHOWN, 0], -1.0, 1.0)]
    alt = f"{N_SHOWN} images, and below each what corrupt made of it. Black is -1, white is 1."
    title = f'corrupt with kind="{kind}" and amount={amount:.3g}' if isinstance(amount, float) else "What corrupt does"
    return Picture("images", title, {"rows": rows, "captions": [], "alt": alt})


def reconstructed(seed: int) -> Look:
    """What to look at if an Autoencoder with weights drawn from this seed is wrong."""
    return Look(probes.reconstructions, lambda: {"images": digits()[:, None], "seed": seed}, reconstructions_picture)


def digits() -> np.ndarray:
    """The digits whose reconstructions are shown, (N, 28, 28) in [-1, 1]."""
    return 2 * example_digits(N_DIGITS) - 1


def reconstructions_picture(found: Any, expected: np.ndarray) -> Picture | None:
    """Digits and their reconstructions, unless these are as expected."""
    if compare(expected, found, rtol=HALF_RTOL) is None:
        return None
    rows = [("given", digits(), -1.0, 1.0), ("expected", expected, -1.0, 1.0), ("yours", found, -1.0, 1.0)]
    alt = (
        f"{N_DIGITS} digits, and below them what the autoencoder makes of them with weights that the kit chose, as "
        "expected and as yours does. Black is -1, white is 1."
    )
    title = "Reconstructions by an untrained autoencoder"
    return Picture("images", title, {"rows": rows, "captions": [], "alt": alt})


def losses_picture(got: Any, expected: Any) -> Picture:
    """The losses that train_autoencoder returned."""
    curves = [("training loss", expected["losses"], got["losses"])]
    return Picture("curves", "The losses that train_autoencoder returned", {"curves": curves, "what": "loss"})
