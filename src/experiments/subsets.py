"""Parts of an image data set: to learn from, to choose settings by, and to test on."""

from dataclasses import dataclass

import numpy as np

from data.load_data import load_whole
from data.split import Array
from src.experiments.run import Run
from src.experiments.training import Examples


@dataclass(frozen=True)
class Subsets:
    """Three parts without a common image: features of shape (N, 1, 28, 28), labels of shape (N,).

    Attributes:
        train: drawn from the data set's training images.
        valid: other training images, to choose settings by.
        test: test images.
    """

    train: Examples
    valid: Examples
    test: Examples

    @property
    def train_and_valid(self) -> Examples:
        """All that was drawn from the training images: for networks that nothing is chosen for."""
        features, targets = zip(self.train, self.valid, strict=True)
        return np.concatenate(features), np.concatenate(targets)


def load_subsets(run: Run, name: str, n_train: int, n_valid: int, n_test: int) -> Subsets:
    """Draw parts of MNIST or Fashion-MNIST, and note in the run how many images each has.

    Args:
        run: the run of the experiment; its seed decides which images are drawn.
        name: "MNIST" or "FashionMNIST".
        n_train: images to learn from. If there are not so many, all that are left are taken.
        n_valid: images to choose by, at most a quarter of the training images.
        n_test: images to test on, at most all.
    """
    whole = run.load(load_whole, name)
    rng = np.random.default_rng(run.seed)
    order = rng.permutation(len(whole.train_targets))
    n_valid = min(n_valid, len(order) // 4)
    chosen, left = order[:n_valid], order[n_valid:][:n_train]
    tested = rng.permutation(len(whole.test_targets))[:n_test]
    valid_sentence = f"{n_valid} others to choose settings by, " if n_valid else ""
    run.data.append(
        f"Used of {name}: {len(left)} training images to learn from, {valid_sentence}{len(tested)} test images."
    )
    return Subsets(
        _examples(whole.train_features, whole.train_targets, left),
        _examples(whole.train_features, whole.train_targets, chosen),
        _examples(whole.test_features, whole.test_targets, tested),
    )


def _examples(features: Array, targets: Array, chosen: Array) -> Examples:
    return features[chosen].reshape(-1, 1, 28, 28), targets[chosen]
